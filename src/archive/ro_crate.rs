//! `ro-crate-metadata.json`: the archive as a research object that other programs understand (RO-Crate 1.1 with the
//! profile Process Run Crate 0.5): what went in by its hash, the software, and the run as the action between.

use std::collections::BTreeMap;

use base::Result;
use records::tables::{ContentRow, Row};
use records::Manifest;
use serde_json::{json, Value};

use super::contents::FileFacts;
use super::{pack, CONTENTS, MANIFEST, RO_CRATE};

const CRATE: &str = "https://w3id.org/ro/crate/1.1";
const PROFILE: &str = "https://w3id.org/ro/wfrun/process/0.5";
const SHA256: &str = "https://w3id.org/ro/terms/workflow-run#sha256";
const LIBTORCH: &str = "https://pytorch.org/#libtorch";
/// Files that are described one by one; of the rest only their folders.
const FILES: [&str; 3] = [MANIFEST, "index.html", "report.html"];
const TABLES: &str = "data/";

/// The metadata of an archive with these files of the run.
pub(super) fn metadata(
    manifest: &Manifest,
    name: &str,
    files: &BTreeMap<String, FileFacts>,
) -> Result<Vec<u8>> {
    let parts = parts(files);
    let inputs = inputs(manifest, files);
    let results: Vec<Value> = parts.iter().map(reference).collect();
    let mut graph = vec![
        json!({
            "@id": RO_CRATE, "@type": "CreativeWork",
            "about": {"@id": "./"}, "conformsTo": {"@id": CRATE}
        }),
        json!({
            "@id": "./", "@type": "Dataset", "name": name, "description": about(manifest),
            "datePublished": manifest.execution.finished, "license": {"@id": "#rights"},
            "conformsTo": {"@id": PROFILE}, "mentions": {"@id": "#run"},
            "hasPart": results.iter().cloned().chain([json!({"@id": CONTENTS})]).collect::<Vec<_>>()
        }),
        json!({
            "@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"
        }),
        json!({
            "@id": "#rights", "@type": "CreativeWork", "name": "Not stated",
            "description": "The rights in photographs and weights are their owners'; this archive grants none."
        }),
        json!({
            "@id": "#run", "@type": "CreateAction", "name": format!("deconvscope report on {}", manifest.dataset.name()),
            "description": describe_command(manifest),
            "instrument": {"@id": software(manifest)},
            "startTime": time(&manifest.execution.started), "endTime": time(&manifest.execution.finished),
            "actionStatus": "http://schema.org/CompletedActionStatus",
            "object": inputs.iter().map(reference).collect::<Vec<_>>(), "result": results
        }),
        json!({
            "@id": software(manifest), "@type": "SoftwareApplication", "name": manifest.tool.name,
            "softwareVersion": manifest.tool.version, "softwareRequirements": {"@id": LIBTORCH}
        }),
        json!({
            "@id": LIBTORCH, "@type": "SoftwareApplication", "name": "libtorch",
            "softwareVersion": manifest.libtorch, "url": "https://pytorch.org/"
        }),
        json!({
            "@id": CONTENTS, "@type": "File", "name": "every file of the archive with its sha256",
            "encodingFormat": "application/json"
        }),
    ];
    graph.extend(inputs);
    graph.extend(parts);
    pack::json(&json!({
        "@context": [format!("{CRATE}/context"), {"sha256": SHA256}],
        "@graph": graph
    }))
}

fn reference(entity: &Value) -> Value {
    json!({"@id": entity["@id"]})
}

/// The offset in digits, as the profile wants it.
fn time(utc: &str) -> String {
    utc.replace('Z', "+00:00")
}

fn about(manifest: &Manifest) -> String {
    format!(
        "What {} looks at in the photographs of {}: predictions, deconvnet projections and their report",
        manifest.model.name,
        manifest.dataset.name()
    )
}

fn describe_command(manifest: &Manifest) -> String {
    match manifest.execution.command.is_empty() {
        true => {
            "the command line was left out so that the run is the same whenever it is made".into()
        }
        false => manifest.execution.command.join(" "),
    }
}

/// A git commit has a Software Heritage identifier, wherever the repository lies.
fn software(manifest: &Manifest) -> String {
    match manifest.tool.commit.as_str() {
        "" => "#deconvscope".into(),
        commit => format!("swh:1:rev:{commit}"),
    }
}

/// Photographs, weights and masks by their hashes, and every option.
fn inputs(manifest: &Manifest, files: &BTreeMap<String, FileFacts>) -> Vec<Value> {
    let each = match files.contains_key(ContentRow::FILE) {
        true => format!("; {} has the sha256 of each", ContentRow::FILE),
        false => String::new(),
    };
    let (dataset, model) = (&manifest.dataset, &manifest.model);
    let mut inputs = vec![
        json!({
            "@id": "#photographs", "@type": "CreativeWork", "name": dataset.name(),
            "identifier": format!("sha256:{}", dataset.digest),
            "description": format!(
                "{} photographs, {} skipped; the identifier is a sha256 over their paths and contents{each}",
                dataset.photos, dataset.skipped
            )
        }),
        json!({
            "@id": "#weights", "@type": "CreativeWork", "name": model.file, "sha256": model.sha256,
            "description": format!("weights of {}: {}", model.name, model.source)
        }),
    ];
    let masks = manifest.options.masks.as_ref();
    // Regions that the run found itself (`worst`) are no table.
    let table =
        masks.filter(|told| told.len() == 64 && told.bytes().all(|b| b.is_ascii_hexdigit()));
    inputs.extend(table.map(|sha256| {
        json!({
            "@id": "#masks", "@type": "CreativeWork", "name": "masks", "sha256": sha256,
            "description": "table of the regions that were hidden"
        })
    }));
    inputs.extend(manifest.options.named().iter().map(|option| {
        let experiment = option.experiment.iter();
        let of: String = experiment.map(|name| format!("{name}-")).collect();
        let value = option.value.as_str().map(str::to_owned);
        json!({
            "@id": format!("#option-{of}{}", option.field), "@type": "PropertyValue",
            "name": option.typed(), "value": value.unwrap_or_else(|| option.value.to_string())
        })
    }));
    inputs
}

/// Manifest, front page and tables file by file, the rest by folder.
fn parts(files: &BTreeMap<String, FileFacts>) -> Vec<Value> {
    let mut parts = Vec::new();
    let mut folder = "";
    for (file, facts) in files {
        let top = file.split_inclusive('/').next().unwrap_or(file);
        if FILES.contains(&top) || top == TABLES {
            parts.push(json!({
                "@id": file, "@type": "File", "name": file, "contentSize": facts.bytes.to_string(),
                "sha256": facts.sha256, "encodingFormat": media_type(file)
            }));
        } else if top != folder {
            folder = top;
            parts.push(json!({"@id": top, "@type": "Dataset", "name": top.trim_end_matches('/')}));
        }
    }
    parts
}

fn media_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("json") => "application/json",
        Some("html") => "text/html",
        Some("csv") => "text/csv",
        _ => "application/octet-stream",
    }
}
