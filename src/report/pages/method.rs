//! How the pictures are made, what the papers leave open, and what the pictures cannot tell.

use serde::Serialize;

use super::super::site::{Page, Site, METHOD};
use crate::error::Result;
use crate::figures::PERCENTILE;
use crate::network::Channels;
use crate::records::tables::RandomisationRow;
use crate::records::Rules;

#[derive(Serialize)]
struct MethodPage {
    contrast_scale: String,
    rules: Vec<Rule>,
    masking: String,
    /// Empty where the run did not look at feature maps.
    features: String,
    /// Whether layers were given random weights.
    tested: bool,
    preprocessing: String,
    glossary: Vec<Term>,
}

#[derive(Serialize)]
struct Rule {
    point: String,
    text: String,
}

#[derive(Serialize)]
struct Term {
    term: String,
    text: String,
}

/// Writes `pages/method.html`.
pub(in super::super) fn write(site: &Site<'_>) -> Result<()> {
    let page = Page::new(site, METHOD, "nav.method");
    let texts = page.texts();
    let manifest = &site.run.manifest;
    let [r, g, b] = manifest.options.fill;
    let (fill, seed) = (format!("{r}, {g}, {b}"), manifest.options.seed.to_string());
    let preprocessing = &manifest.preprocessing;
    let (resize, crop) = (
        preprocessing.resize.to_string(),
        preprocessing.crop.to_string(),
    );
    let channels = match preprocessing.channels {
        Channels::Rgb => "RGB",
        Channels::Bgr => "BGR",
    };
    let content = MethodPage {
        contrast_scale: texts.fill(
            "method.contrast_scale",
            &[("percentile", &PERCENTILE.to_string())],
        ),
        rules: rules(&page),
        masking: texts.fill("method.masking_text", &[("fill", &fill), ("seed", &seed)]),
        features: features(&page),
        tested: !site.rows::<RandomisationRow>().is_empty(),
        preprocessing: texts.fill(
            "method.preprocessing_text",
            &[("resize", &resize), ("crop", &crop), ("channels", channels)],
        ),
        glossary: glossary(&page),
    };
    page.write("method.html", &texts.say("method.title"), &content)
}

/// How the strongest activations of feature maps were found.
fn features(page: &Page<'_>) -> String {
    let options = &page.site.run.manifest.options;
    let of_features = |option| options.number("features", option);
    let strongest = of_features("strongest");
    let Some((strongest, most)) = strongest.zip(of_features("per_image")) else {
        return String::new();
    };
    let (strongest, most) = (strongest.to_string(), most.to_string());
    page.texts().fill(
        "method.features_text",
        &[("strongest", &strongest), ("per", &most)],
    )
}

/// The rules in force, in the page's language where they are the usual ones.
fn rules(page: &Page<'_>) -> Vec<Rule> {
    let (found, usual) = (&page.site.run.manifest.rules, Rules::deconvnet());
    let rule = |key: &str, text: &str, found: &str, usual: &str| Rule {
        point: page.texts().say(key),
        text: if found == usual {
            page.texts().say(text)
        } else {
            found.to_owned()
        },
    };
    vec![
        rule("rules.relu", "rules.relu_text", &found.relu, &usual.relu),
        rule(
            "rules.unpool",
            "rules.unpool_text",
            &found.unpool,
            &usual.unpool,
        ),
        rule(
            "rules.switches",
            "rules.switches_text",
            &found.switches,
            &usual.switches,
        ),
        rule("rules.lrn", "rules.lrn_text", &found.lrn, &usual.lrn),
        rule(
            "rules.batch_norm",
            "rules.batch_norm_text",
            &found.batch_norm,
            &usual.batch_norm,
        ),
        rule(
            "rules.branches",
            "rules.branches_text",
            &found.branches,
            &usual.branches,
        ),
        rule(
            "rules.linear",
            "rules.linear_text",
            &found.linear,
            &usual.linear,
        ),
    ]
}

fn glossary(page: &Page<'_>) -> Vec<Term> {
    let terms = [
        ("method.activation", "method.activation_text"),
        ("method.control", "method.control_text"),
        ("method.idle_map", "method.idle_map_text"),
        ("method.map", "method.map_text"),
        ("method.sheet", "method.sheet_text"),
        ("method.layer", "method.layer_text"),
        ("method.mask", "method.mask_text"),
        ("method.occluder", "method.occluder_text"),
        ("method.probability", "method.probability_text"),
        ("method.projection", "method.projection_text"),
        ("method.field", "method.field_text"),
        ("method.sparsity", "method.sparsity_text"),
        ("method.switches", "method.switches_text"),
        ("method.top", "method.top_text"),
        ("method.unit", "method.unit_text"),
    ];
    let term = |(term, text): (&str, &str)| Term {
        term: page.texts().say(term),
        text: page.texts().say(text),
    };
    terms.into_iter().map(term).collect()
}
