//! Pages beside each other, one for each layer.

use serde::Serialize;

use super::site::Page;

/// A layer's page among those beside it.
#[derive(Serialize)]
pub(super) struct Tab {
    name: String,
    href: String,
    current: bool,
}

/// One for each layer; `place` tells where its page lies.
pub(super) fn tabs<'l>(
    page: &Page<'_>,
    layers: impl Iterator<Item = &'l str>,
    current: &str,
    place: fn(&str) -> String,
) -> Vec<Tab> {
    let tab = |layer: &str| Tab {
        name: layer.to_owned(),
        href: page.href(&place(layer)),
        current: layer == current,
    };
    layers.map(tab).collect()
}
