//! What pages are made of: a chapter says what it has to say as a list of blocks, and each kind of block has one template,
//! `templates/blocks/<kind>.html`, the one place that knows how it looks and how it is read aloud.

mod chart;
mod figure;
mod grid;
mod link;
mod list;
mod picture;
mod table;
mod text;
mod tile;

pub(super) use chart::{Bar, Chart, Swatch, Swatches};
pub(super) use figure::{Card, ColourBar, Panel};
pub(super) use grid::{Grid, GridRow, Pictures};
pub(super) use link::Link;
pub(super) use list::{Fact, List, Term};
pub(super) use picture::{Marks, Outline, Picture};
pub(super) use table::{Cell, Column, Columns, Table};
pub(super) use text::Text;
pub(super) use tile::{Line, Sorted, Tile, Tiles};

use serde::Serialize;

/// A part of a page; the name of its variant is that of its template.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", content = "b", rename_all = "snake_case")]
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
    /// A chart that may be wider than the page, by what it is called where it is read aloud.
    Plot {
        label: String,
        chart: Chart,
        caption: String,
    },
    /// Charts beside each other.
    Charts { charts: Vec<Chart>, caption: String },
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
    /// Links to other pages, in a class of the style sheet; their label is read aloud, and shown where they are headed by it.
    Navigation {
        class: &'static str,
        label: String,
        is_headed: bool,
        links: Vec<Link>,
    },
    /// What the site holds: chapters, each with what is said of it.
    Contents(Vec<Link>),
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
    pub(super) fn section(
        id: &str,
        title: String,
        blocks: impl IntoIterator<Item = Block>,
    ) -> Self {
        Self::Section {
            id: id.to_owned(),
            title,
            blocks: blocks.into_iter().collect(),
        }
    }

    /// A paragraph.
    pub(super) fn text(text: impl Into<Text>) -> Self {
        Self::Paragraph(text.into())
    }

    /// A chart that may be wider than the page.
    pub(super) fn plot(label: String, chart: Chart, caption: String) -> Self {
        Self::Plot {
            label,
            chart,
            caption,
        }
    }

    /// Charts beside each other.
    pub(super) fn charts(charts: Vec<Chart>, caption: String) -> Self {
        Self::Charts { charts, caption }
    }

    /// One picture in full width, in a class of the style sheet.
    pub(super) fn picture(class: &'static str, picture: Picture, caption: String) -> Self {
        Self::Picture {
            class,
            picture,
            caption,
        }
    }

    /// Sentences.
    pub(super) fn prose<T: Into<Text>>(sentences: impl IntoIterator<Item = T>) -> Self {
        Self::List(List::prose(sentences))
    }

    /// Pictures with a name and lines about them, in a class of the style sheet.
    pub(super) fn tiles(class: &'static str, tiles: Vec<Tile>) -> Self {
        Self::Tiles(Tiles::new(class, tiles))
    }

    /// Blocks that stand together, by a class of the style sheet; empty for none.
    pub(super) fn group(class: &'static str, blocks: impl IntoIterator<Item = Block>) -> Self {
        Self::Group {
            class,
            blocks: blocks.into_iter().collect(),
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

const fn templates() -> [(&'static str, &'static str); 30] {
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
        "navigation",
        "contents",
        "crumbs",
        "section",
        "group",
    ]
}
