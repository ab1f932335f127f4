//! The ways to look at the layers that are compared.

use engine::Engine;
use network::Stage;
use records::tables::MAPS;

/// A way to look at a layer.
#[derive(Debug)]
pub(super) struct View {
    /// As in tables.
    pub(super) name: String,
    /// Number of the layer.
    pub(super) layer: usize,
    /// Values that are compared.
    pub(super) size: usize,
    /// Values of a map that are added up first; `None` where each counts by itself.
    pub(super) per_map: Option<usize>,
    /// Which of the paper's layers it stands for.
    pub(super) stands_for: Option<Stands>,
}

/// The layers that table 1 looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// Layer 5: the last stage of maps.
    Upper,
    /// Layer 7: the last hidden layer without maps.
    Top,
}

impl Stands {
    /// As in the names of metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Upper => "upper",
            Self::Top => "top",
        }
    }
}

/// Each layer value by value and, where it has maps, map by map.
pub(super) fn views(engine: &Engine, layers: &[Stage]) -> Vec<View> {
    let cells = |layer: &Stage| {
        let shape = engine.shape(layer.node);
        shape.height * shape.width
    };
    let upper = engine.anatomy().top_maps();
    let is_upper = |layer: &&Stage| upper.as_ref().is_some_and(|it| it.node == layer.node);
    let upper = layers.iter().find(is_upper);
    let upper = upper.or_else(|| layers.iter().rfind(|layer| cells(layer) > 1));
    let scores = engine.network().logits();
    let is_hidden = |layer: &&Stage| cells(layer) == 1 && Some(layer.node) != scores;
    let top = layers.iter().rfind(is_hidden);
    let stands_for = |layer: &Stage| {
        let is = |other: Option<&Stage>| other.is_some_and(|other| other.node == layer.node);
        match () {
            () if is(upper) => Some(Stands::Upper),
            () if is(top) => Some(Stands::Top),
            () => None,
        }
    };
    let of_layer = |(number, layer): (usize, &Stage)| {
        let shape = engine.shape(layer.node);
        let per_map = shape.height * shape.width;
        let values = View {
            name: layer.name.clone(),
            layer: number,
            size: shape.channels * per_map,
            per_map: None,
            stands_for: stands_for(layer),
        };
        let maps = (per_map > 1).then(|| View {
            name: format!("{}{MAPS}", layer.name),
            layer: number,
            size: shape.channels,
            per_map: Some(per_map),
            stands_for: None,
        });
        std::iter::once(values).chain(maps)
    };
    layers.iter().enumerate().flat_map(of_layer).collect()
}
