//! The verdict as Markdown: for a step summary, a merge request, a mail.

use std::fmt::Write;

use base::words::count;

use super::verdict::{Finding, Metric, State, Verdict};
use super::wording::{self, number, signed};

/// What a step summary of GitHub Actions may hold in all, in bytes.
pub const STEP_SUMMARY_BYTES: usize = 1024 * 1024;

/// The verdict as Markdown of at most `room` bytes; what does not fit is left out and a sentence says so. Empty where
/// not even that fits.
pub fn markdown(verdict: &Verdict, room: usize) -> String {
    let mut page = Page {
        text: String::new(),
        room,
    };
    let mut rules: Vec<&Finding> = verdict.rules.iter().collect();
    // What needs attention comes first, and so is cut last.
    rules.sort_by_key(|finding| finding.state.urgency());
    let table = Table {
        head: "| | rule | found | expected |\n| --- | --- | --- | --- |\n",
        rows: rules.into_iter().map(rule_row).collect(),
        what: "rules",
    };
    let figures = Table {
        head: match verdict.baseline {
            Some(_) => "| figure | value | 95 % interval | photographs | baseline | change |\n| --- | ---: | --- | ---: | ---: | ---: |\n",
            None => "| figure | value | 95 % interval | photographs |\n| --- | ---: | --- | ---: |\n",
        },
        rows: verdict
            .metrics
            .iter()
            .map(|metric| metric_row(metric, verdict.baseline.is_some()))
            .collect(),
        what: "figures",
    };
    if !page.add(&head(verdict)) {
        return String::new();
    }
    // The rules leave the figures a quarter of the page, less what those do not need.
    let kept = figures.bytes().min(page.left() / 4);
    page.room -= kept;
    page.table("", &table);
    page.room += kept;
    page.table("\n### Figures over all photographs\n\n", &figures);
    page.text
}

/// Text that never grows beyond its room.
struct Page {
    text: String,
    room: usize,
}

struct Table {
    head: &'static str,
    rows: Vec<String>,
    what: &'static str,
}

impl Table {
    fn bytes(&self) -> usize {
        HEADING_BYTES + self.head.len() + self.rows.iter().map(String::len).sum::<usize>()
    }
}

/// Enough for a table's heading, and for the sentence that says what was cut.
const HEADING_BYTES: usize = 200;

impl Page {
    fn left(&self) -> usize {
        self.room.saturating_sub(self.text.len())
    }

    fn add(&mut self, text: &str) -> bool {
        let fits = text.len() <= self.left();
        if fits {
            self.text += text;
        }
        fits
    }

    fn table(&mut self, title: &str, table: &Table) {
        if table.rows.is_empty() || self.left() < HEADING_BYTES + title.len() + table.head.len() {
            return;
        }
        self.add(title);
        self.add(table.head);
        self.room -= HEADING_BYTES;
        let shown = table.rows.iter().take_while(|row| self.add(row)).count();
        self.room += HEADING_BYTES;
        if shown < table.rows.len() {
            let cut = format!(
                "\n{shown} of {} {} are shown; the others do not fit. `--json` lists all.\n",
                table.rows.len(),
                table.what
            );
            self.add(&cut);
        }
    }
}

impl State {
    fn urgency(self) -> u8 {
        match self {
            Self::Fails => 0,
            Self::Warns => 1,
            Self::NoValue => 2,
            Self::Holds => 3,
        }
    }
}

fn head(verdict: &Verdict) -> String {
    let mark = if verdict.passed { "✔" } else { "✘" };
    let mut text = format!(
        "## {mark} deconvscope check: {}\n\n",
        wording::summary(verdict)
    );
    // Writing to a string cannot fail.
    let facts = std::iter::once(("Run", &verdict.run)).chain(
        verdict
            .baseline
            .iter()
            .map(|baseline| ("Baseline", baseline)),
    );
    for (which, facts) in facts {
        let _ = writeln!(
            text,
            "- {which} {}: {} on {}, {} and {} skipped",
            code(&facts.path),
            code(&facts.network),
            code(&facts.data_set),
            count(facts.photos, "photograph"),
            facts.skipped
        );
    }
    for note in &verdict.notes {
        let _ = writeln!(text, "- Note: {note}");
    }
    text + "\n"
}

fn rule_row(finding: &Finding) -> String {
    let state = match finding.state {
        State::Holds => "✔ holds",
        State::Fails => "✘ fails",
        State::Warns => "⚠ warning",
        State::NoValue => "– no value",
    };
    let mut rule = code(&finding.rule);
    if finding.name != finding.rule {
        rule = format!("**{}**<br>{rule}", escape(&finding.name));
    }
    if let Some(reason) = &finding.reason {
        rule += &format!("<br>{}", escape(reason));
    }
    let found = escape(&finding.found_text);
    format!(
        "| {state} | {rule} | {found} | {} |\n",
        escape(&finding.expected_text)
    )
}

fn metric_row(metric: &Metric, with_baseline: bool) -> String {
    let row = &metric.row;
    let interval = match (row.low, row.high) {
        (Some(low), Some(high)) => format!("{} to {}", number(low), number(high)),
        _ => String::new(),
    };
    let mut text = format!(
        "| {} | {} | {interval} | {} |",
        code(&row.metric),
        number(row.value),
        row.count
    );
    if with_baseline {
        text += &format!(
            " {} | {} |",
            metric.baseline.map(number).unwrap_or_default(),
            metric.change.map(signed).unwrap_or_default()
        );
    }
    text + "\n"
}

/// The text as code within a table's cell.
fn code(text: &str) -> String {
    let plain = !text.is_empty()
        && !text.contains(['`', '|', '\\'])
        && !text.contains(char::is_control)
        && text.trim() == text;
    match plain {
        true => format!("`{text}`"),
        false => format!("<code>{}</code>", escape(text)),
    }
}

/// The text with everything that Markdown or HTML would take for its own as a character reference.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' | '@' | '#'
            | '!' | ':' => {
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}
