//! How the pictures are made, what the papers leave open, and what the pictures cannot tell.

use figures::PERCENTILE;
use network::{Interpolation, Resize, Scores};
use records::tables::RandomisationRow;
use records::Rules;

use super::{Chapter, Plan};
use crate::beyond;
use crate::prelude::*;
use crate::site::METHOD;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.method",
    holds: "front.contents_method",
    pages: |_| vec![Plan::new(METHOD, content)],
};

fn content(page: &Page<'_>) -> Result<Content> {
    let statistics = page.paragraph("method.statistics_text");
    Ok(
        Content::new(page.say("method.title"), page.say("method.lead"))
            .with([
                deconvnet(page),
                caveat(page),
                contrast(page),
                open(page),
                masking(page),
            ])
            .with(features(page))
            .with([
                preprocessing(page),
                page.section("statistics", "method.statistics", [statistics]),
                glossary(page),
            ]),
    )
}

fn deconvnet(page: &Page<'_>) -> Block {
    let steps = page.steps(["method.step1", "method.step2", "method.step3"]);
    let blocks = [steps, page.paragraph("method.source")];
    page.section("deconvnet", "method.deconvnet", blocks)
}

fn caveat(page: &Page<'_>) -> Block {
    // Whether layers were given random weights.
    let tested = match page.site.rows::<RandomisationRow>().is_empty() {
        true => "method.not_tested",
        false => "method.tested",
    };
    let sentences: [Text; 3] = [
        page.say("method.caveat_sixt").into(),
        vec![page.say("method.caveat_adebayo"), page.say(tested)].into(),
        page.say("method.caveat_masks").into(),
    ];
    let sentences = Block::prose(sentences);
    page.section("caveat", "method.caveat", [sentences])
}

fn contrast(page: &Page<'_>) -> Block {
    let scale = page.fill("method.contrast_scale", &[("percentile", &PERCENTILE)]);
    let blocks = [
        page.paragraph("method.contrast_zero"),
        Block::text(scale),
        page.paragraph("method.contrast_own"),
        page.paragraph("method.contrast_files"),
    ];
    page.section("contrast", "method.contrast", blocks)
}

/// The rules in force, in the page's language where they are the usual ones.
fn open(page: &Page<'_>) -> Block {
    let manifest = &page.site.run.manifest;
    let (found, usual) = (&manifest.rules, Rules::deconvnet());
    let extensions = &manifest.model.extensions;
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
    let usual = of.map(|(point, text, rule)| {
        let text = match rule(found) == rule(&usual) {
            true => page.say(text),
            false => rule(found).to_owned(),
        };
        (page.say(point), text)
    });
    let beyond = extensions
        .iter()
        .map(|extension| beyond::rule(page, extension));
    let table = page
        .columns(usual.into_iter().chain(beyond))
        .text("method.open_point", |(point, _)| point.clone())
        .text("method.rule", |(_, text)| text.clone())
        .of_class("text")
        .table("method.open", "method.open_text");
    let note = (!extensions.is_empty()).then(|| page.paragraph("method.beyond"));
    page.section("open", "method.open", note.into_iter().chain([table]))
}

fn masking(page: &Page<'_>) -> Block {
    let options = &page.site.run.manifest.options;
    let fill = options.fill.map(|level| level.to_string()).join(", ");
    let gaps: [Gap<'_>; 2] = [("fill", &fill), ("seed", &options.seed)];
    let blocks = [
        Block::text(page.fill("method.masking_text", &gaps)),
        page.paragraph("method.masking_inside"),
    ];
    page.section("masking", "method.masking", blocks)
}

/// How the strongest activations of feature maps were found, where they were looked for.
fn features(page: &Page<'_>) -> Option<Block> {
    let options = &page.site.run.manifest.options;
    let of_features = |option| options.number("features", option);
    let (strongest, most) = (of_features("strongest")?, of_features("per_image")?);
    let gaps: [Gap<'_>; 2] = [("strongest", &strongest), ("per", &most)];
    let text = Block::text(page.fill("method.features_text", &gaps));
    Some(page.section("features", "method.features", [text]))
}

fn preprocessing(page: &Page<'_>) -> Block {
    let preprocessing = &page.site.run.manifest.preprocessing;
    let (key, resize) = match preprocessing.resize {
        Resize::Shorter(side) => ("method.preprocessing_text", side.to_string()),
        Resize::Cover(size) => ("method.preprocessing_cover", numbers::size(size)),
        Resize::Squash => ("method.preprocessing_squash", String::new()),
    };
    let interpolation = match preprocessing.interpolation {
        Interpolation::Nearest => page.say("method.nearest"),
        other => page.fill("method.antialiased", &[("name", &other.name())]),
    };
    let gaps: [Gap<'_>; 4] = [
        ("resize", &resize),
        ("interpolation", &interpolation),
        ("crop", &numbers::size(preprocessing.crop)),
        ("channels", &preprocessing.channels.name()),
    ];
    let text = Block::text(page.fill(key, &gaps));
    page.section("preprocessing", "method.preprocessing", [text])
}

fn glossary(page: &Page<'_>) -> Block {
    let probability = match page.site.scores() {
        Some(Scores::Softmax) | None => "method.probability_text",
        Some(Scores::Sigmoid) => "method.probability_each",
        Some(Scores::None) => "method.probability_scores",
    };
    let terms = [
        ("method.activation", "method.activation_text"),
        ("method.control", "method.control_text"),
        ("method.idle_map", "method.idle_map_text"),
        ("method.map", "method.map_text"),
        ("method.sheet", "method.sheet_text"),
        ("method.layer", "method.layer_text"),
        ("method.mask", "method.mask_text"),
        ("method.occluder", "method.occluder_text"),
        ("method.probability", probability),
        ("method.projection", "method.projection_text"),
        ("method.field", "method.field_text"),
        ("method.sparsity", "method.sparsity_text"),
        ("method.switches", "method.switches_text"),
        ("method.top", "method.top_text"),
        ("method.unit", "method.unit_text"),
    ];
    let scored = page.site.scores().is_none_or(Scores::are_exclusive);
    let terms: Vec<(&str, &str)> = terms
        .into_iter()
        .filter(|(term, _)| scored || *term != "method.top")
        .collect();
    page.section("glossary", "method.glossary", [page.terms(&terms, &[])])
}
