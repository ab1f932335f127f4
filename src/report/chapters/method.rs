//! How the pictures are made, what the papers leave open, and what the pictures cannot tell.

use super::super::blocks::{Block, Column, List, Row, Table, Text};
use super::super::frame::Content;
use super::super::site::{Page, METHOD};
use super::{Chapter, Plan};
use crate::error::Result;
use crate::figures::PERCENTILE;
use crate::network::Channels;
use crate::records::tables::RandomisationRow;
use crate::records::Rules;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.method",
    holds: "front.contents_method",
    pages: |_| vec![Plan::new(METHOD, content)],
};

fn content(page: &Page<'_>) -> Result<Content> {
    let texts = page.texts();
    let title = texts.say("method.title");
    let mut blocks = vec![
        Block::Heading(title.clone()),
        Block::Lead(texts.say("method.lead").into()),
        deconvnet(page),
        caveat(page),
        contrast(page),
        open(page),
        masking(page),
    ];
    blocks.extend(features(page));
    blocks.extend([
        preprocessing(page),
        page.section(
            "statistics",
            "method.statistics",
            vec![page.say("method.statistics_text")],
        ),
        glossary(page),
    ]);
    Ok(Content::new(title, blocks))
}

fn deconvnet(page: &Page<'_>) -> Block {
    let steps = ["method.step1", "method.step2", "method.step3"];
    let steps = List::steps(steps.map(|key| page.texts().say(key)));
    let blocks = vec![Block::List(steps), page.say("method.source")];
    page.section("deconvnet", "method.deconvnet", blocks)
}

fn caveat(page: &Page<'_>) -> Block {
    let texts = page.texts();
    // Whether layers were given random weights.
    let tested = match page.site.rows::<RandomisationRow>().is_empty() {
        true => "method.not_tested",
        false => "method.tested",
    };
    let sentences: [Text; 3] = [
        texts.say("method.caveat_sixt").into(),
        vec![texts.say("method.caveat_adebayo"), texts.say(tested)].into(),
        texts.say("method.caveat_masks").into(),
    ];
    let blocks = vec![Block::List(List::prose(sentences))];
    page.section("caveat", "method.caveat", blocks)
}

fn contrast(page: &Page<'_>) -> Block {
    let percentile = PERCENTILE.to_string();
    let scale = [("percentile", percentile.as_str())];
    let scale = page.texts().fill("method.contrast_scale", &scale);
    let blocks = vec![
        page.say("method.contrast_zero"),
        Block::text(scale),
        page.say("method.contrast_own"),
        page.say("method.contrast_files"),
    ];
    page.section("contrast", "method.contrast", blocks)
}

/// The rules in force, in the page's language where they are the usual ones.
fn open(page: &Page<'_>) -> Block {
    let (found, usual) = (&page.site.run.manifest.rules, Rules::deconvnet());
    type Rule = fn(&Rules) -> &str;
    let of: [(&str, &str, Rule); 7] = [
        ("rules.relu", "rules.relu_text", |it| &it.relu),
        ("rules.unpool", "rules.unpool_text", |it| &it.unpool),
        ("rules.switches", "rules.switches_text", |it| &it.switches),
        ("rules.lrn", "rules.lrn_text", |it| &it.lrn),
        ("rules.batch_norm", "rules.batch_norm_text", |it| {
            &it.batch_norm
        }),
        ("rules.branches", "rules.branches_text", |it| &it.branches),
        ("rules.linear", "rules.linear_text", |it| &it.linear),
    ];
    let texts = page.texts();
    let rows = of.map(|(point, text, rule)| {
        let text = match rule(found) == rule(&usual) {
            true => texts.say(text),
            false => rule(found).to_owned(),
        };
        Row::new(texts.say(point), [text])
    });
    let columns = ["method.open_point", "method.rule"];
    let table = Table::new(
        texts.say("method.open"),
        texts.say("method.open_text"),
        columns.map(|key| Column::text(texts.say(key))).into(),
        rows.into(),
    );
    let blocks = vec![Block::Table(table.of_class("text"))];
    page.section("open", "method.open", blocks)
}

fn masking(page: &Page<'_>) -> Block {
    let options = &page.site.run.manifest.options;
    let fill = options.fill.map(|level| level.to_string()).join(", ");
    let seed = options.seed.to_string();
    let gaps = [("fill", fill.as_str()), ("seed", &seed)];
    let blocks = vec![
        Block::text(page.texts().fill("method.masking_text", &gaps)),
        page.say("method.masking_inside"),
    ];
    page.section("masking", "method.masking", blocks)
}

/// How the strongest activations of feature maps were found, where they were looked for.
fn features(page: &Page<'_>) -> Option<Block> {
    let options = &page.site.run.manifest.options;
    let of_features = |option| options.number("features", option);
    let (strongest, most) = (of_features("strongest")?, of_features("per_image")?);
    let (strongest, most) = (strongest.to_string(), most.to_string());
    let gaps = [("strongest", strongest.as_str()), ("per", &most)];
    let text = Block::text(page.texts().fill("method.features_text", &gaps));
    Some(page.section("features", "method.features", vec![text]))
}

fn preprocessing(page: &Page<'_>) -> Block {
    let preprocessing = &page.site.run.manifest.preprocessing;
    let channels = match preprocessing.channels {
        Channels::Rgb => "RGB",
        Channels::Bgr => "BGR",
    };
    let resize = preprocessing.resize.to_string();
    let crop = preprocessing.crop.to_string();
    let gaps = [
        ("resize", resize.as_str()),
        ("crop", &crop),
        ("channels", channels),
    ];
    let text = Block::text(page.texts().fill("method.preprocessing_text", &gaps));
    page.section("preprocessing", "method.preprocessing", vec![text])
}

fn glossary(page: &Page<'_>) -> Block {
    let terms = page.terms(&[
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
    ]);
    page.section("glossary", "method.glossary", vec![terms])
}
