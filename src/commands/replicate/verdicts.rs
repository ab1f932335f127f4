//! Which claims held: the last that is told of a replication.

use std::path::Path;

use base::digest::sha256_of_file;
use base::{Error, Result};
use claims::{judge, junit, Claim, Judged, Part};
use experiments::study::Study;
use experiments::{Context, Experiment};
use records::tables::{self, MetricRow};
use records::{write_whole, Verdict};
use serde_json::{json, Value};

use super::parts::Parts;
use crate::cli::ReplicateArgs;

/// Verdicts for pipelines, inside the run folder.
const JUNIT: &str = "data/claims.xml";

/// Holds claims against what the parts measured.
#[derive(Debug)]
pub(super) struct Verdicts {
    claims: Vec<Claim>,
    /// Parts that are run folders of their own, by name.
    folders: Vec<(String, String)>,
    studies: Vec<String>,
    options: Value,
}

impl Verdicts {
    /// Of the claims and parts that were asked for.
    pub(super) fn of(args: &ReplicateArgs, parts: &Parts) -> Result<Self> {
        let file = args.claims.as_deref();
        let claims = claims::read(file)?;
        let folders = parts.folders();
        let shipped = Study::names().map(str::to_owned);
        let mut studies: Vec<String> = shipped.collect();
        studies.extend(folders.iter().map(|(name, _)| name.clone()));
        studies.sort();
        studies.dedup();
        // What is wrong with a claim is told before anything is measured.
        judge(&claims, &[], &studies)?;
        let of = match file {
            Some(path) => sha256_of_file(path)?,
            None => "papers".into(),
        };
        let told: Vec<&str> = parts.list.iter().map(|part| part.told.as_str()).collect();
        Ok(Self {
            options: json!({ "claims": of, "runs": told }),
            claims,
            folders,
            studies,
        })
    }
}

impl Experiment for Verdicts {
    fn name(&self) -> &'static str {
        "replication"
    }

    fn options(&self) -> serde_json::Result<Value> {
        Ok(self.options.clone())
    }

    fn run(&self, _: &Context<'_>) -> Result<Vec<MetricRow>> {
        Ok(Vec::new())
    }

    fn conclude(&self, context: &Context<'_>, metrics: &[MetricRow]) -> Result<Vec<MetricRow>> {
        let mut parts = vec![Part {
            name: claims::REPORT.into(),
            folder: String::new(),
            metrics: metrics.to_vec(),
        }];
        for (name, folder) in &self.folders {
            parts.push(Part {
                name: name.clone(),
                folder: folder.clone(),
                metrics: tables::read(&context.root().join(folder))?,
            });
        }
        let judged = judge(&self.claims, &parts, &self.studies)?;
        context.write(&judged.claims)?;
        context.write(&judged.rules)?;
        write_junit(&judged, context)?;
        let metric = |verdict: Verdict| MetricRow {
            metric: format!("claims_{}", verdict.name()),
            scope: "all".into(),
            value: judged.count(verdict) as f64,
            low: None,
            high: None,
            count: judged.claims.len(),
        };
        Ok(Verdict::ALL.into_iter().map(metric).collect())
    }
}

fn write_junit(judged: &Judged, context: &Context<'_>) -> Result<()> {
    let path = context.root().join(JUNIT);
    let name = context.setting.dataset.root.file_name();
    let name = name.map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    write_whole(&path, |file| {
        junit(judged, &name, file).map_err(Error::io("cannot write", Path::new(JUNIT)))
    })
}
