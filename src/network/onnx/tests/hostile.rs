//! Small files that ask for much: refused before the time or memory is spent.

use super::super::messages::attribute_proto::AttributeType;
use super::super::messages::{AttributeProto, ModelProto, NodeProto};
use super::{floats, import, int, integers, ints, model, node, of_input, with};
use crate::Anatomy;

fn string(name: &str, value: &str) -> AttributeProto {
    let mut attribute = AttributeProto::new();
    attribute.set_name(name.into());
    attribute.set_type(AttributeType::STRING);
    attribute.set_s(value.as_bytes().to_vec());
    attribute
}

#[track_caller]
fn refused(model: &ModelProto, words: &str) {
    let problem = import(model).unwrap_err();
    assert!(problem.contains(words), "{problem}");
}

#[test]
fn a_split_into_more_parts_than_there_are_slices() {
    for parts in [i64::MAX, 4, 0, -1] {
        let attributes = vec![int("axis", 1), int("num_outputs", parts)];
        let split = with(node("Split", &["x"], &["y"]), attributes);
        refused(
            &of_input(&[1, 3, 8, 8], vec![split], vec![]),
            &format!("num_outputs is {parts}, its outputs are 1"),
        );
    }
}

#[test]
fn more_images_at_once_than_can_be_multiplied() {
    let flatten = with(node("Flatten", &["x"], &["y"]), vec![int("axis", 3)]);
    refused(
        &of_input(&[1 << 62, 3, 8, 8], vec![flatten], vec![]),
        "images at once",
    );
}

#[test]
fn an_empty_constant_with_long_axes() {
    let constant = floats("c", &[1 << 40, 1 << 40, 0, 1, 1], &[]);
    let add = node("Add", &["z", "c"], &["y"]);
    let shape = integers("s", &[6], &[1, 1, 1, 1, 8, 8]);
    let reshape = node("Reshape", &["x", "s"], &["z"]);
    refused(
        &of_input(&[1, 1, 8, 8], vec![reshape, add], vec![constant, shape]),
        "is empty",
    );
}

#[test]
fn a_mean_over_windows_of_a_billion_cells() {
    let pool = with(
        node("AveragePool", &["x"], &["y"]),
        vec![
            ints("kernel_shape", &[1 << 20, 1 << 10]),
            ints("pads", &[1 << 20, 1 << 10, 1 << 19, 0]),
            ints("dilations", &[1, 2]),
        ],
    );
    refused(&of_input(&[1, 1, 8, 8], vec![pool], vec![]), "AveragePool");
}

#[test]
fn filters_of_no_rows() {
    let mut conv = node("Conv", &["x", "w"], &["y"]);
    conv = with(conv, vec![ints("pads", &[1; 4])]);
    let auto = with(
        node("Conv", &["x", "w"], &["y"]),
        vec![string("auto_pad", "SAME_UPPER")],
    );
    for node in [conv, auto] {
        let weights = floats("w", &[1, 1, 0, 1], &[]);
        refused(
            &of_input(&[1, 1, 8, 8], vec![node], vec![weights]),
            "[0, 1]",
        );
    }
}

#[test]
fn a_shape_of_more_axes_than_anything_has() {
    let many: Vec<i64> = vec![1; 100];
    let shape = integers("s", &[100], &many);
    let reshape = node("Reshape", &["x", "s"], &["y"]);
    refused(
        &of_input(&[1, 1, 1, 1], vec![reshape], vec![shape]),
        "100 axes",
    );
    refused(&model(vec![], vec![floats("c", &many, &[1.0])]), "100 axes");
}

/// The axes come from a Range, so that a few bytes ask for very many; each was looked for among all.
#[test]
fn an_unsqueeze_along_a_million_axes() {
    let number = |name: &str, value: i64| integers(name, &[], &[value]);
    let numbers = vec![number("from", 0), number("to", 1 << 20), number("by", 1)];
    let nodes = vec![
        node("Range", &["from", "to", "by"], &["axes"]),
        node("Unsqueeze", &["x", "axes"], &["y"]),
    ];
    refused(&of_input(&[1, 3, 8, 8], nodes, numbers), "1048580 axes");
}

#[test]
fn a_pad_of_one_axis_told_twice() {
    let constants = vec![
        integers("pads", &[4], &[1, 1, 1, 1]),
        floats("value", &[], &[0.0]),
        integers("axes", &[2], &[2, -2]),
    ];
    let nodes = vec![node("Pad", &["x", "pads", "value", "axes"], &["y"])];
    let mut model = of_input(&[1, 3, 8, 8], nodes, constants);
    model.opset_import[0].set_version(18);
    refused(&model, "axis -2 is listed twice");
}

#[test]
fn a_name_as_long_as_a_book() {
    let mut relu = node("Relu", &["x"], &["y"]);
    relu.set_name("n".repeat(5000));
    refused(&of_input(&[1, 3, 8, 8], vec![relu], vec![]), "5000 bytes");
}

/// Without a bound the distance between neighbours would be 2 to the power of 100.
#[test]
fn strides_beyond_counting_leave_fields_that_can_be_counted() {
    let names = ["x", "a", "b", "c", "d", "y"];
    let conv = |pair: &[&str]| {
        with(
            node("Conv", &[pair[0], "w"], &[pair[1]]),
            vec![ints("strides", &[1 << 20; 2])],
        )
    };
    let convs = names.windows(2).map(conv).collect();
    let model = of_input(
        &[1, 1, 8, 8],
        convs,
        vec![floats("w", &[1, 1, 1, 1], &[1.0])],
    );
    let anatomy = Anatomy::of(import(&model).unwrap().network).unwrap();
    let last = anatomy.fields().last().unwrap();
    assert_eq!((last.axes[0].jump, last.axes[0].size), (1 << 30, 1));
    assert_eq!(last.of(1, 0), (1 << 30, 1));
}

/// `c` is read for its shape alone and left out; it takes no parameters of `c.d` along.
#[test]
fn a_node_that_is_left_out_takes_its_own_parameters_along() {
    let named = |mut node: NodeProto, name: &str| {
        node.set_name(name.into());
        node
    };
    let nodes = vec![
        named(node("Conv", &["x", "w"], &["a"]), "c"),
        node("Shape", &["a"], &["s"]),
        named(node("Conv", &["x", "w"], &["b"]), "c.d"),
        node("Reshape", &["b", "s"], &["y"]),
    ];
    let model = of_input(
        &[1, 1, 8, 8],
        nodes,
        vec![floats("w", &[1, 1, 1, 1], &[1.0])],
    );
    let weights = import(&model).unwrap().weights;
    assert_eq!(weights.keys().collect::<Vec<_>>(), ["c.d.weight"]);
}

/// A few bytes ask for an image of two billion channels: nothing is made for each of them.
#[test]
fn an_image_of_more_channels_than_a_photograph_s() {
    let compare = node("GreaterOrEqual", &["x", "x"], &["y"]);
    let imported = import(&of_input(&[1, 1 << 31], vec![compare], vec![])).unwrap();
    assert_eq!(imported.network.input.channels, 1 << 31);
    assert_eq!(imported.normalised, None);
}

/// What is told of an axis that keeps its length is looked at before it is computed with.
#[test]
fn a_part_that_lies_beyond_all_numbers() {
    for edge in [4.5e24, f32::INFINITY, f32::NAN] {
        let roi = floats("roi", &[8], &[0.0, edge, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
        let attributes = vec![
            string("coordinate_transformation_mode", "tf_crop_and_resize"),
            string("mode", "linear"),
        ];
        let none = floats("none", &[0], &[]);
        let sizes = integers("sizes", &[4], &[1, 2, 9, 4]);
        let resize = with(
            node("Resize", &["x", "roi", "none", "sizes"], &["y"]),
            attributes,
        );
        refused(
            &of_input(&[1, 2, 2, 6], vec![resize], vec![roi, none, sizes]),
            "resizes axes [1, 2, 3]",
        );
    }
}
