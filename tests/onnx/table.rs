//! The table of all cases as a page of the documentation.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::verdict::{Verdict, KNOWN};

#[derive(Default)]
struct Row {
    maps: usize,
    constants: usize,
    out_of_scope: BTreeMap<String, Vec<String>>,
}

/// A line for each operator that the import knows, by the operators of the cases; the others counted together.
pub(crate) fn of(verdicts: &[(String, Vec<String>, Verdict)]) -> String {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut passed, mut known) = (0, 0);
    for (name, operators, verdict) in verdicts {
        if let Verdict::OutOfScope(reason) = verdict {
            if let Some(operator) = reason.strip_prefix("operator ") {
                *others.entry(operator).or_default() += 1;
                continue;
            }
        }
        known += 1;
        let of_the_list = operators.iter().all(|op| KNOWN.contains(&op.as_str()));
        let key = match (of_the_list, operators.len()) {
            (true, 1) => operators[0].clone(),
            (true, 0) => "no operator".into(),
            (true, _) => "several of these".into(),
            (false, _) => "with others".into(),
        };
        let row = rows.entry(key).or_default();
        match verdict {
            Verdict::Maps => (row.maps, passed) = (row.maps + 1, passed + 1),
            Verdict::Constants => (row.constants, passed) = (row.constants + 1, passed + 1),
            Verdict::OutOfScope(reason) => row
                .out_of_scope
                .entry(reason.clone())
                .or_default()
                .push(name.clone()),
            Verdict::Failed(_) => {}
        }
    }
    let mut text = String::from(HEAD);
    let _ = writeln!(
        text,
        "Of {} cases {known} are of operators that the import knows: {passed} pass, {} are out of scope for the reasons below.\n",
        verdicts.len(),
        known - passed
    );
    text += "| operator | passed as maps | passed as constants | out of scope |\n| --- | ---: | ---: | --- |\n";
    for (operator, row) in &rows {
        let reasons: Vec<String> = row
            .out_of_scope
            .iter()
            .map(|(reason, names)| format!("{reason} ({})", names.len()))
            .collect();
        let _ = writeln!(
            text,
            "| {operator} | {} | {} | {} |",
            row.maps,
            row.constants,
            reasons.join("; ")
        );
    }
    text += "\n## Out of scope, case by case\n\n";
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows.values() {
        for (reason, names) in &row.out_of_scope {
            by_reason
                .entry(reason)
                .or_default()
                .extend(names.iter().map(String::as_str));
        }
    }
    for (reason, mut names) in by_reason {
        names.sort_unstable();
        let _ = writeln!(text, "- **{reason}**: {}", names.join(", "));
    }
    let count: usize = others.values().sum();
    let _ = writeln!(
        text,
        "\n## Operators that the import does not know\n\n{count} cases: "
    );
    let names: Vec<String> = others
        .iter()
        .map(|(operator, count)| format!("{operator} {count}"))
        .collect();
    let _ = writeln!(text, "{}.", names.join(", "));
    text
}

const HEAD: &str = "\
# ONNX' own test cases

The package onnx 1.17.0 carries test cases with inputs and expected outputs. `cargo test --test onnx` computes every one
of its folders `node`, `simple`, `pytorch-converted` and `pytorch-operator`, compares (1e-4 of the range of the values)
and holds this page against what it found; the nine whole architectures of its folder `light` must pass as well.

A case passes *as maps* where its first input is taken as the image and what follows runs as a network (inputs that are
alike are stacked into one image and taken apart by a Split; integers are fed as the same floats), and *as constants*
where all is computed when the file is read.

";
