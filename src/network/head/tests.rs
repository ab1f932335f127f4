//! Heads as people write them, on every network of the zoo.

use super::*;
use crate::{zoo, Anatomy};

fn tensors(list: &[(&str, &[usize])]) -> Vec<(String, Vec<usize>)> {
    let owned = |(name, shape): &(&str, &[usize])| ((*name).to_owned(), shape.to_vec());
    list.iter().map(owned).collect()
}

/// Weights and biases of layers, by name, rows and columns.
fn layers(list: &[(&str, usize, usize)]) -> Vec<(String, Vec<usize>)> {
    let both = |&(name, gives, takes): &(&str, usize, usize)| {
        let (weight, bias) = (format!("{name}.weight"), format!("{name}.bias"));
        [(weight, vec![gives, takes]), (bias, vec![gives])]
    };
    list.iter().flat_map(both).collect()
}

fn fit(network: &str, found: &Tensors) -> Result<Fitted, String> {
    let network = zoo::find(network).unwrap().network();
    Head::of(&network).unwrap().fit(network, found)
}

/// As a checkpoint has them.
fn stored(parameters: &[Parameter]) -> Vec<(String, Vec<usize>)> {
    let stored = parameters.iter().map(Parameter::stored);
    stored
        .map(|(name, shape)| (name.into_owned(), shape))
        .collect()
}

/// Of a network: its head, the head's own tensors, and name, width and kind of its last layer.
struct Own {
    network: Network,
    head: Head,
    tensors: Vec<(String, Vec<usize>)>,
    last: String,
    takes: usize,
    is_conv: bool,
}

fn zoo_networks() -> Vec<Own> {
    let own = |network: Network| {
        let head = Head::of(&network).unwrap();
        let mut parameters = Anatomy::of(network.clone()).unwrap().parameters();
        parameters.retain(|parameter| head.holds(&parameter.name));
        let tensors = stored(&parameters);
        let last = head.last(&network).to_owned();
        let weight = &tensors[tensors.len() - 2];
        assert_eq!(weight.0, format!("{last}.weight"));
        Own {
            takes: weight.1[1],
            is_conv: weight.1.len() == 4,
            network,
            head,
            last,
            tensors,
        }
    };
    let timm = zoo::entries().filter_map(zoo::Entry::as_timm_names_it);
    let networks = zoo::entries().map(zoo::Entry::network).chain(timm);
    networks.map(own).collect()
}

impl Own {
    /// The head's tensors with others in the place of the last layer's two.
    fn with_last(&self, last: Vec<(String, Vec<usize>)>) -> Vec<(String, Vec<usize>)> {
        let kept = &self.tensors[..self.tensors.len() - 2];
        [kept, &last].concat()
    }

    fn layer(&self, name: &str, gives: usize, takes: usize) -> Vec<(String, Vec<usize>)> {
        let mut layer = layers(&[(name, gives, takes)]);
        if self.is_conv {
            layer[0].1.extend([1, 1]);
        }
        layer
    }

    fn fit(&self, found: &Tensors) -> Fitted {
        let fitted = self.head.fit(self.network.clone(), found);
        let fitted = fitted.unwrap_or_else(|problem| panic!("{}: {problem}", self.network.name));
        let anatomy = Anatomy::of(fitted.network.clone()).unwrap();
        let mut parameters = anatomy.parameters();
        parameters.retain(|parameter| self.head.holds(&parameter.name));
        assert_eq!(stored(&parameters), found, "{}", self.network.name);
        assert!(fitted.network.has_classifier());
        fitted
    }
}

fn classes(network: &Network) -> usize {
    let shapes = shape::shapes(network).unwrap();
    shapes.last().unwrap().channels
}

/// The stages with the nodes that they are.
fn stages(network: &Network) -> Vec<(&str, &str)> {
    let stages = network.stages.iter();
    stages
        .map(|stage| (&*stage.name, &*network.nodes[stage.node].name))
        .collect()
}

#[test]
fn the_last_layer_tells_how_many_classes_there_are() {
    for own in zoo_networks() {
        for count in [1, 2, 7, 1000] {
            let found = own.with_last(own.layer(&own.last, count, own.takes));
            let Fitted { network, note } = own.fit(&found);
            assert_eq!(classes(&network), count);
            assert_eq!(note, None);
            assert_eq!(stages(&network), stages(&own.network));
            assert_eq!(network.nodes.len(), own.network.nodes.len());
        }
    }
}

#[test]
fn it_may_stand_in_a_sequential() {
    for own in zoo_networks() {
        let name = format!("{}.1", own.last);
        let Fitted { network, note } = own.fit(&own.with_last(own.layer(&name, 2, own.takes)));
        assert_eq!(classes(&network), 2);
        assert_eq!(note, None);
        assert_eq!(stages(&network), stages(&own.network));
    }
}

#[test]
fn it_may_be_two_layers_with_a_relu() {
    for own in zoo_networks() {
        for second in [2, 3] {
            let names = [0, second].map(|number| format!("{}.{number}", own.last));
            let both = [
                own.layer(&names[0], 64, own.takes),
                own.layer(&names[1], 2, 64),
            ];
            let Fitted { network, note } = own.fit(&own.with_last(both.concat()));
            assert_eq!(classes(&network), 2);
            let relu = format!("{}.relu", names[0]);
            let relu = network.nodes.iter().find(|node| node.name == relu).unwrap();
            assert_eq!(relu.op, Op::Relu);
            assert_eq!(network.nodes[relu.inputs[0]].name, names[0]);
            let said = format!("{} (64), ReLU, {} (2)", names[0], names[1]);
            assert!(note.unwrap().contains(&said), "{said}");
        }
    }
}

#[test]
fn one_layer_may_stand_in_the_place_of_all() {
    for (network, takes) in [
        ("vgg16", 25088),
        ("alexnet", 9216),
        ("mobilenet_v2", 1280),
        ("densenet121", 1024),
    ] {
        let fitted = fit(network, &layers(&[("classifier", 2, takes)])).unwrap();
        assert_eq!(classes(&fitted.network), 2);
        let of_stages = stages(&fitted.network);
        assert!(
            of_stages.iter().all(|(name, _)| !name.starts_with("fc")),
            "{of_stages:?}"
        );
    }
    let found = layers(&[("classifier.0", 256, 25088), ("classifier.3", 2, 256)]);
    let fitted = fit("vgg16", &found).unwrap();
    assert_eq!(
        ops(&fitted.network, "classifier"),
        ["classifier.0", "classifier.0.relu", "classifier.3"]
    );
    let found = layers(&[("classifier.fc1", 512, 25088), ("classifier.fc2", 102, 512)]);
    let fitted = fit("vgg16", &found).unwrap();
    assert_eq!(
        ops(&fitted.network, "classifier"),
        ["classifier.fc1", "classifier.fc1.relu", "classifier.fc2"]
    );
    assert_eq!(classes(&fitted.network), 102);
}

/// A layer behind the thousand classes of ImageNet, which would else be what the network says.
#[test]
fn layers_may_follow_the_last_one() {
    let own = &zoo_networks()
        .into_iter()
        .find(|own| own.network.name == "vgg16")
        .unwrap();
    let found = [&own.tensors[..], &layers(&[("classifier.8", 2, 1000)])].concat();
    let Fitted { network, note } = own.fit(&found);
    assert_eq!(classes(&network), 2);
    assert_eq!(stages(&network), stages(&own.network));
    assert!(note
        .unwrap()
        .contains("classifier.6 (1000), ReLU, classifier.8 (2)"));
}

/// The names of a network's nodes that begin so.
fn ops<'a>(network: &'a Network, start: &str) -> Vec<&'a str> {
    let names = network.nodes.iter().map(|node| &*node.name);
    names.filter(|name| name.starts_with(start)).collect()
}

#[test]
fn a_relu_is_assumed_where_something_lies_between_two_layers_and_once() {
    let norm = |name: &str, features: usize| {
        let field = |field: &str| (format!("{name}.{field}"), vec![features]);
        let mut fields: Vec<_> = ["weight", "bias", "running_mean", "running_var"]
            .map(field)
            .into();
        fields.push((format!("{name}.num_batches_tracked"), Vec::new()));
        fields
    };
    let linear = |name: &str, gives: usize, takes: usize| layers(&[(name, gives, takes)]);
    // A layer, what may stand behind it, and another.
    let two = |one: &str, other: &str| vec![linear(one, 9, 512), linear(other, 2, 9)];
    let around = |one: &str, between: &str, other: &str| {
        vec![linear(one, 9, 512), norm(between, 9), linear(other, 2, 9)]
    };
    for (found, nodes) in [
        (two("fc.0", "fc.1"), "fc.0 fc.1"),
        (two("fc.0", "fc.2"), "fc.0 fc.0.relu fc.2"),
        (two("fc.a", "fc.b"), "fc.a fc.a.relu fc.b"),
        (two("fc.0.0", "fc.1.0"), "fc.0.0 fc.0.0.relu fc.1.0"),
        (around("fc.0", "fc.1", "fc.4"), "fc.0 fc.1 fc.0.relu fc.4"),
        (around("fc.0", "fc.2", "fc.4"), "fc.0 fc.0.relu fc.2 fc.4"),
        (around("fc.0", "fc.1", "fc.2"), "fc.0 fc.1 fc.2"),
        (around("fc.a", "fc.n", "fc.z"), "fc.a fc.n fc.a.relu fc.z"),
        (
            vec![
                norm("fc.0", 512),
                linear("fc.2", 9, 512),
                norm("fc.4", 9),
                linear("fc.6", 2, 9),
            ],
            "fc.0 fc.2 fc.2.relu fc.4 fc.6",
        ),
    ] {
        let fitted = fit("resnet18", &found.concat()).unwrap();
        assert_eq!(ops(&fitted.network, "fc").join(" "), nodes);
        assert!(fitted.note.is_some());
    }
}

#[test]
fn other_heads_are_refused_with_what_was_found() {
    for (network, found, parts) in [
        (
            "resnet18",
            tensors(&[]),
            &[
                "'fc'",
                "no layer with weights",
                "fc.weight [classes, 512]",
                "found nothing",
            ][..],
        ),
        (
            "resnet18",
            tensors(&[
                ("fc.weight", &[512]),
                ("fc.bias", &[512]),
                ("fc.running_mean", &[512]),
                ("fc.running_var", &[512]),
            ]),
            &["no layer with weights"],
        ),
        (
            "resnet18",
            layers(&[("fc", 2, 2048)]),
            &[
                "takes 2048 features, and 512 come to it",
                "found fc.weight [2, 2048]",
            ],
        ),
        (
            "resnet18",
            layers(&[("fc.0", 256, 512), ("fc.2", 2, 128)]),
            &["'fc.2' takes 128 features, and 256"],
        ),
        (
            "resnet18",
            tensors(&[("fc.0.weight", &[512]), ("fc.1.weight", &[2, 512])]),
            &["'fc.0' is neither a linear layer"],
        ),
        (
            "resnet18",
            tensors(&[("fc.weight", &[2, 512]), ("fc.bias", &[3])]),
            &["'fc' is neither"],
        ),
        (
            "resnet18",
            tensors(&[("fc.weight_g", &[2, 1]), ("fc.weight_v", &[2, 512])]),
            &["'fc' is neither", "fc.weight_g [2, 1]"],
        ),
        (
            "resnet18",
            tensors(&[("fc.scale", &[]), ("fc.zero_point", &[])]),
            &["'fc' is quantised", "before it was quantised"],
        ),
        (
            "vgg16",
            layers(&[("classifier.0", 256, 512), ("classifier.3", 2, 256)]),
            &["takes 512 features, and 25088 come to it"],
        ),
        (
            "squeezenet1_1",
            layers(&[("classifier.2", 2, 512)]),
            &[
                "a linear layer, which does not take 512×",
                "classifier.1.weight [classes, 512, 1, 1]",
            ],
        ),
        (
            "squeezenet1_1",
            tensors(&[("classifier.1.weight", &[2, 512, 3, 3])]),
            &["'classifier.1' is neither"],
        ),
        (
            "mobilenet_v2",
            tensors(&[("classifier.1.weight", &[2, 1280, 1, 1])]),
            &["a convolution, which does not take 1280×1×1"],
        ),
        (
            "resnet18",
            (0..65)
                .flat_map(|n| layers(&[(&format!("fc.{n}"), 512, 512)]))
                .collect(),
            &["130 tensors, 64 at most", "122 more"],
        ),
    ] {
        let problem = fit(network, &found).unwrap_err();
        for part in parts {
            assert!(problem.contains(part), "expected '{part}' in: {problem}");
        }
    }
}
