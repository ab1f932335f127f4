//! What the script on a page tells of a position under the pointer: the numbers of all positions in a file of their own. A
//! page that is read from a disk may load scripts but no JSON, so the file is a script too.

use base::Error;
use records::file_stem;
use records::tables::OcclusionRow;
use serde::Serialize;

use super::found::Found;
use crate::prelude::*;

/// The object; numbers of positions stand row by row, `null` where there is none.
#[derive(Serialize)]
struct Readings<'a> {
    /// The sentence, with gaps.
    say: String,
    keys: String,
    height: usize,
    width: usize,
    occluder: usize,
    stride: usize,
    inset: i64,
    rows: usize,
    columns: usize,
    worst: usize,
    class: &'a str,
    classes: Vec<&'a str>,
    probability: Vec<Option<f64>>,
    top: Vec<Option<usize>>,
    top_probability: Vec<Option<f64>>,
    activation: Vec<Option<f64>>,
}

/// Where a photo's file lies.
pub(super) fn path(photo: &Photo<'_>) -> String {
    format!("assets/occlusion/{}/readings.js", file_stem(photo.id()))
}

/// The file: it puts the object under the photo's name. Where it stands inside a page, nothing in it can end its element.
pub(super) fn script(found: &Found<'_>) -> Result<String> {
    let of = |error: serde_json::Error| Error::Drawing {
        what: format!("the numbers of {}", found.photo.image.path),
        problem: error.to_string(),
    };
    let name = serde_json::to_string(&file_stem(found.photo.id())).map_err(of)?;
    let readings = serde_json::to_string(&readings(found)).map_err(of)?;
    let script = format!("(globalThis.deconvscope ??= {{}})[{name}] = {readings};\n");
    Ok(script.replace('<', "\\u003c").replace('>', "\\u003e"))
}

fn readings<'b>(found: &'b Found<'b>) -> Readings<'b> {
    let (row, positions) = (found.row, &found.positions);
    let has_class = row.class_index.is_some();
    let probability = |of: fn(&OcclusionRow) -> Option<f32>| match has_class {
        true => found.each(|it| rounded(f64::from(of(it)?), 3)),
        false => Vec::new(),
    };
    Readings {
        say: found.page.say(key(has_class)),
        keys: found.page.say("occlusion.keys"),
        height: positions.input[0],
        width: positions.input[1],
        occluder: positions.occluder,
        stride: positions.stride,
        inset: positions.inset(),
        rows: positions.rows,
        columns: positions.columns,
        worst: found.worst,
        class: &row.class_name,
        classes: found
            .classes
            .iter()
            .map(|class| &*class.class_name)
            .collect(),
        probability: probability(|it| it.probability),
        top: match has_class {
            true => found.each(|it| found.class_number(it)),
            false => Vec::new(),
        },
        top_probability: probability(|it| it.top_probability),
        activation: found.each(|it| rounded(f64::from(it.map_activation), 4)),
    }
}

/// The same sentence for the most harmful position, as it stands without the script.
pub(super) fn worst(found: &Found<'_>) -> String {
    let row = found.row;
    let printed = |value: Option<f32>, digits| {
        let value = value.and_then(|value| rounded(f64::from(value), digits));
        numbers::or_dash(value, |value| value.to_string())
    };
    let top_probability = found.at_worst().and_then(|it| it.top_probability);
    let gaps: [Gap<'_>; 7] = [
        ("y", &row.worst_y),
        ("x", &row.worst_x),
        ("class", &row.class_name),
        ("probability", &printed(row.worst_probability, 3)),
        ("top", &row.worst_class_name),
        ("top_probability", &printed(top_probability, 3)),
        ("activation", &printed(Some(row.worst_map_activation), 4)),
    ];
    let reading = found.page.fill(key(row.class_index.is_some()), &gaps);
    found
        .page
        .fill("occlusion.reading_worst", &[("reading", &reading)])
}

fn key(has_class: bool) -> &'static str {
    match has_class {
        true => "occlusion.reading",
        false => "occlusion.reading_map",
    }
}

/// A value in so many digits; what is smaller than a millionth is 0, and what is not finite nothing.
fn rounded(value: f64, digits: usize) -> Option<f64> {
    let printed = format!("{value:.*e}", digits - 1);
    match value.abs() {
        size if !size.is_finite() => None,
        size if size < 1e-6 => Some(0.0),
        _ => printed.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let three = |value| rounded(value, 3);
        assert_eq!(three(0.812_345), Some(0.812));
        assert_eq!(three(0.000_412_3), Some(0.000_412));
        assert_eq!([three(1e-9), three(f64::NAN)], [Some(0.0), None]);
        assert_eq!(rounded(12_345.6, 4), Some(12_350.0));
    }
}
