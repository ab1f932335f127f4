//! Claims as a TOML file has them.

use std::path::Path;

use base::{Error, Result};
use checks::{Bound, Operator, Part as FigurePart, Rule};
use records::{figure_names, is_figure, Run};
use serde::Deserialize;
use toml::Spanned;

use super::PAPERS;

/// What stands for a region's name in a rule.
const REGION: &str = "{region}";
/// What a verdict rests on where nothing is said.
const METRICS: &str = "data/metrics.csv";

/// A sentence in both languages of the pages; one that was given without a language stands for both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

/// What a paper claims, and the figures that it is held against.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Its short name.
    pub id: String,
    /// Where it stands.
    pub source: String,
    /// The claim.
    pub claim: Words,
    /// What was published.
    pub published: Words,
    /// What is measured here.
    pub measure: Words,
    /// The part of a replication whose figures are meant.
    pub part: String,
    /// What must hold, all of it, with `{region}` for a region's name: for each of [`Claim::regions`] once.
    pub rules: Vec<Vec<Rule>>,
    /// Regions, the first of which that a run has is meant; none where no rule names one.
    pub regions: Vec<String>,
    /// Tables of that part's run folder that the figures come from.
    pub tables: Vec<String>,
    /// What it takes to test it.
    pub needs: Words,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimsFile {
    #[serde(default)]
    claim: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: Spanned<String>,
    source: String,
    claim: Text,
    published: Option<Text>,
    measure: Option<Text>,
    part: String,
    rules: Vec<Spanned<String>>,
    #[serde(default)]
    regions: Vec<String>,
    #[serde(default)]
    tables: Vec<Spanned<String>>,
    needs: Option<Text>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    One(String),
    Both { en: String, ko: String },
}

impl Text {
    fn words(self) -> Words {
        let line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        match self {
            Self::One(text) => Words {
                en: line(text.clone()),
                ko: line(text),
            },
            Self::Both { en, ko } => Words {
                en: line(en),
                ko: line(ko),
            },
        }
    }
}

/// The papers' claims, or those of a file in their place.
///
/// # Errors
/// [`Error::Io`] and [`Error::Table`] for a file that cannot be read, or names a claim twice; [`Error::Rule`] for a rule that
/// cannot be read or cannot be decided by an interval; [`Error::UnknownName`] for a figure or table that no run has.
pub fn read(file: Option<&Path>) -> Result<Vec<Claim>> {
    match file {
        None => parse(PAPERS, Path::new("papers.toml")),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(Error::io("cannot read", path))?;
            parse(&text, path)
        }
    }
}

fn parse(text: &str, path: &Path) -> Result<Vec<Claim>> {
    let line = |at: usize| 1 + text.bytes().take(at).filter(|b| *b == b'\n').count() as u64;
    let file: ClaimsFile = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| line(span.start));
        Error::table(path, line, error.message().replace('\n', "; "))
    })?;
    if file.claim.is_empty() {
        return Err(Error::table(path, None, "holds no table [[claim]]"));
    }
    let mut claims: Vec<Claim> = Vec::new();
    for entry in file.claim {
        let at = line(entry.id.span().start);
        let claim = entry.claim(&|at| (path, line(at)))?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if claim.id.is_empty() || !claim.id.chars().all(is_plain) {
            let problem = format!(
                "the id '{}' is not of letters, digits, -, _ and .",
                claim.id
            );
            return Err(Error::table(path, Some(at), problem));
        }
        if claims.iter().any(|other| other.id == claim.id) {
            let problem = format!(
                "two claims are called '{}'; give one of them another id",
                claim.id
            );
            return Err(Error::table(path, Some(at), problem));
        }
        claims.push(claim);
    }
    Ok(claims)
}

impl Entry {
    fn claim<'p>(self, place: &dyn Fn(usize) -> (&'p Path, u64)) -> Result<Claim> {
        let (path, line) = place(self.id.span().start);
        if self.rules.is_empty() {
            return Err(Error::table(path, Some(line), "has no rule"));
        }
        let names_region = self
            .rules
            .iter()
            .any(|rule| rule.get_ref().contains(REGION));
        if names_region == self.regions.is_empty() {
            let problem = match names_region {
                true => "its rules name {region}, and it has no regions",
                false => "it has regions, and none of its rules names {region}",
            };
            return Err(Error::table(path, Some(line), problem));
        }
        let variants = match names_region {
            true => self.regions.clone(),
            false => vec![String::new()],
        };
        let of_region = |region: &String| {
            self.rules
                .iter()
                .map(|text| rule(text, region, place))
                .collect()
        };
        let rules = variants.iter().map(of_region).collect::<Result<_>>()?;
        let known: Vec<String> = Run::all_tables().map(str::to_owned).collect();
        for table in &self.tables {
            if !known.contains(table.get_ref()) {
                let (path, line) = place(table.span().start);
                return Err(Error::UnknownName {
                    kind: "table",
                    name: table.get_ref().clone(),
                    known,
                    also: Vec::new(),
                    advice: format!(" ({}, line {line})", path.display()),
                });
            }
        }
        let words = |text: Option<Text>| text.map(Text::words).unwrap_or_default();
        let mut tables: Vec<String> = self.tables.into_iter().map(Spanned::into_inner).collect();
        if tables.is_empty() {
            tables.push(METRICS.to_owned());
        }
        Ok(Claim {
            id: self.id.into_inner(),
            source: self.source,
            claim: self.claim.words(),
            published: words(self.published),
            measure: words(self.measure),
            part: self.part,
            rules,
            regions: self.regions,
            tables,
            needs: words(self.needs),
        })
    }
}

/// A rule that an interval can decide.
fn rule<'p>(
    text: &Spanned<String>,
    region: &str,
    place: &dyn Fn(usize) -> (&'p Path, u64),
) -> Result<Rule> {
    let (path, line) = place(text.span().start);
    let origin = format!("{}, line {line}: ", path.display());
    let refused = |rule: &str, character: usize, problem: String| Error::Rule {
        origin: origin.clone(),
        rule: rule.to_owned(),
        character,
        problem,
    };
    let written = text.get_ref().replace(REGION, region);
    let rule: Rule = written.parse().map_err(|error| match error {
        Error::Rule {
            rule,
            character,
            problem,
            ..
        } => refused(&rule, character, problem),
        other => other,
    })?;
    let problem = if rule.bound.needs_baseline() {
        Some("a claim is held against a number, not against a baseline")
    } else if matches!(rule.operator, Operator::Equal | Operator::Unequal) {
        Some("an interval can show that a figure is above or below a number, not that it equals one: use >, >=, < or <=")
    } else if rule.figure.part != FigurePart::Value {
        Some("a claim is decided by the figure's interval: name the figure alone, without .low, .high or .count")
    } else if matches!(rule.bound, Bound::Number(bound) if !bound.is_finite()) {
        Some("the bound is no number")
    } else {
        None
    };
    if let Some(problem) = problem {
        return Err(refused(&written, 1, problem.to_owned()));
    }
    if !is_figure(&rule.figure.metric) {
        return Err(Error::UnknownName {
            kind: "metric",
            name: rule.figure.metric,
            known: figure_names(),
            also: Vec::new(),
            advice: format!(" ({}, line {line})", path.display()),
        });
    }
    Ok(rule)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let claim = "[[claim]]\nid = 'a'\nsource = 'here'\nclaim = 'it is so'\npart = 'report'\n";
        let error = parse(&format!("{claim}{text}"), Path::new("mine.toml")).unwrap_err();
        error.to_string()
    }

    #[test]
    fn the_papers_claims_can_be_read() {
        let claims = read(None).unwrap();
        assert_eq!(claims.len(), 25);
        for claim in &claims {
            for words in [&claim.claim, &claim.published, &claim.measure, &claim.needs] {
                assert!(!words.en.is_empty() && !words.ko.is_empty(), "{}", claim.id);
            }
            assert_eq!(claim.rules.len(), claim.regions.len().max(1));
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        assert!(refused("rules = ['top1_acuracy > 0.5']").contains("did you mean 'top1_accuracy'"));
        assert!(refused("rules = ['top1_accuracy >']").contains("mine.toml, line 6: rule"));
        assert!(refused("rules = ['top1_accuracy > baseline']").contains("not against a baseline"));
        assert!(refused("rules = ['top1_accuracy == 1']").contains("use >"));
        assert!(refused("rules = ['top1_accuracy.low > 0.5']").contains("name the figure alone"));
        assert!(refused("rules = []").contains("has no rule"));
        assert!(refused("rules = ['masked_drop_{region} > 0']").contains("has no regions"));
        assert!(refused("rules = ['photos > 1']\nregions = ['face']").contains("none of its rules"));
        let table = refused("rules = ['photos > 1']\ntables = ['data/image.csv']");
        assert!(table.contains("data/images.csv"), "{table}");
        assert!(refused("rule = 'photos > 1'").contains("unknown field"));
    }

    #[test]
    fn a_name_stands_for_one_claim() {
        let one = "[[claim]]\nid = 'a'\nsource = 's'\nclaim = 'c'\npart = 'report'\nrules = ['photos > 1']\n";
        let error = parse(&one.repeat(2), Path::new("mine.toml"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("line 8") && error.contains("called 'a'"),
            "{error}"
        );
        let spaced = one.replace("'a'", "'a b'");
        assert!(parse(&spaced, Path::new("mine.toml")).is_err());
        assert!(parse("", Path::new("mine.toml")).is_err());
        assert_eq!(parse(one, Path::new("mine.toml")).unwrap()[0].claim.ko, "c");
    }
}
