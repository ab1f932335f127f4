//! What pages are made of: a chapter says what it has to say as a list of blocks, and each kind of block has one template,
//! `templates/blocks/<kind>.html`, the one place that knows how it looks and how it is read aloud.

mod chart;
mod figure;
mod grid;
mod list;
mod navigation;
mod picture;
mod table;
mod text;
mod tile;

pub(super) use chart::{Bar, Chart, Charts, Plot, Swatch, Swatches};
pub(super) use figure::{Card, ColourBar, Panel};
pub(super) use grid::{Grid, GridRow, Pictures};
pub(super) use list::{Fact, List, Term};
pub(super) use navigation::{Choice, Choices, Contents, Entry, Neighbours, Parts, Tabs};
pub(super) use picture::{Marks, Outline, Picture};
pub(super) use table::{Cell, Column, Row, Table};
pub(super) use text::Text;
pub(super) use tile::{Line, Sorted, Tile, Tiles};

use serde::Serialize;

/// A part of a page.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", content = "b")]
pub(super) enum Block {
    /// What the page is called; each has one.
    Heading(String),
    /// What the page says, in a sentence or two.
    Lead(Text),
    /// A paragraph.
    Paragraph(Text),
    /// A paragraph that must not be missed.
    Notice(Text),
    /// Several of them.
    Notices { label: String, items: Vec<Text> },
    /// A heading inside a section.
    Subheading(String),
    /// A heading that leaves the attention to what follows.
    QuietHeading(String),
    /// What must be known before pictures are believed, with the link to where more is said.
    Caveat {
        title: String,
        text: String,
        link: Text,
    },
    /// Sentences or names.
    List(List),
    /// Words explained.
    Terms(Vec<Term>),
    /// Names and values.
    Facts(Vec<Fact>),
    /// Figures in large print.
    Cards(Vec<Card>),
    /// Rows and columns of text.
    Table(Table),
    /// Rows and columns of pictures.
    Grid(Grid),
    /// One picture in full width.
    Picture {
        class: &'static str,
        picture: Picture,
        caption: String,
    },
    /// A chart that may be wider than the page.
    Plot(Plot),
    /// Charts beside each other.
    Charts(Charts),
    /// Named bars.
    Bars(Vec<Bar>),
    /// What colours stand for.
    Swatches(Swatches),
    /// Cards of pictures.
    Tiles(Tiles),
    /// The photographs that a chart's lines are of.
    Legend(Vec<Line>),
    /// Small pictures in a row, each with its value.
    Strip(Vec<(Picture, String)>),
    /// Pictures with what explains their colours.
    Panels(Vec<Panel>),
    /// Parts with panels, and below them where a script tells the numbers of the position under the pointer.
    Reading {
        /// The name under which a file of the page puts the numbers.
        data: String,
        text: String,
        hint: String,
        #[serde(skip)]
        blocks: Vec<Block>,
    },
    /// Pages beside this one.
    Tabs(Tabs),
    /// The pages that a list fills.
    Parts(Parts),
    /// The pages before and after.
    Neighbours(Neighbours),
    /// Lists to choose from.
    Choices(Choices),
    /// What the site holds.
    Contents(Contents),
    /// The pages above this one.
    Crumbs(Vec<Text>),
    /// A part with a heading; an id where links lead to it.
    Section {
        id: String,
        title: String,
        #[serde(skip)]
        blocks: Vec<Block>,
    },
    /// Blocks that stand together, by a class of the style sheet; empty for none.
    Group {
        class: &'static str,
        #[serde(skip)]
        blocks: Vec<Block>,
    },
}

impl Block {
    /// A part with a heading that links can lead to.
    pub(super) fn section(id: &str, title: String, blocks: Vec<Block>) -> Self {
        Self::Section {
            id: id.to_owned(),
            title,
            blocks,
        }
    }

    /// A paragraph.
    pub(super) fn text(text: impl Into<Text>) -> Self {
        Self::Paragraph(text.into())
    }

    /// The name of its template.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Heading(_) => "heading",
            Self::Lead(_) => "lead",
            Self::Paragraph(_) => "paragraph",
            Self::Notice(_) => "notice",
            Self::Notices { .. } => "notices",
            Self::Subheading(_) => "subheading",
            Self::QuietHeading(_) => "quiet_heading",
            Self::Caveat { .. } => "caveat",
            Self::List(_) => "list",
            Self::Terms(_) => "terms",
            Self::Facts(_) => "facts",
            Self::Cards(_) => "cards",
            Self::Table(_) => "table",
            Self::Grid(_) => "grid",
            Self::Picture { .. } => "picture",
            Self::Plot(_) => "plot",
            Self::Charts(_) => "charts",
            Self::Bars(_) => "bars",
            Self::Swatches(_) => "swatches",
            Self::Tiles(_) => "tiles",
            Self::Legend(_) => "legend",
            Self::Strip(_) => "strip",
            Self::Panels(_) => "panels",
            Self::Reading { .. } => "reading",
            Self::Tabs(_) => "tabs",
            Self::Parts(_) => "parts",
            Self::Neighbours(_) => "neighbours",
            Self::Choices(_) => "choices",
            Self::Contents(_) => "contents",
            Self::Crumbs(_) => "crumbs",
            Self::Section { .. } => "section",
            Self::Group { .. } => "group",
        }
    }

    /// What stands inside it.
    pub(super) fn inner(&self) -> Option<&[Block]> {
        match self {
            Self::Section { blocks, .. }
            | Self::Group { blocks, .. }
            | Self::Reading { blocks, .. } => Some(blocks),
            _ => None,
        }
    }
}

/// The templates by name: one a kind of block, and what they share.
pub(super) const TEMPLATES: &[(&str, &str)] = &templates();

const fn templates() -> [(&'static str, &'static str); 33] {
    macro_rules! of {
        ($($name:literal),* $(,)?) => {
            [$((concat!("blocks/", $name, ".html"), include_str!(concat!("../../../templates/blocks/", $name, ".html")))),*]
        };
    }
    of![
        "shared",
        "heading",
        "lead",
        "paragraph",
        "notice",
        "notices",
        "subheading",
        "quiet_heading",
        "caveat",
        "list",
        "terms",
        "facts",
        "cards",
        "table",
        "grid",
        "picture",
        "plot",
        "charts",
        "bars",
        "swatches",
        "tiles",
        "legend",
        "strip",
        "panels",
        "reading",
        "tabs",
        "parts",
        "neighbours",
        "choices",
        "contents",
        "crumbs",
        "section",
        "group",
    ]
}
