//! Verdicts in, a line each and counts of all of them out: what `scan` says to a person.
//!
//! Only counters are kept, however many messages.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use anstyle::Style;

use super::text::{Text, escaped, width};
use crate::{
    policy::Category,
    verdict::{Decision, Verdict},
};

/// Counts of a scan.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Files that hold no message.
    pub skipped: usize,
    /// Files and folders that could not be read.
    pub failed: usize,
    /// Messages with parts that could not be read.
    pub incomplete: usize,
    decisions: BTreeMap<Decision, usize>,
    categories: BTreeMap<Category, usize>,
    rules: BTreeMap<String, RuleCount>,
}

/// Counts of a rule.
#[derive(Clone, Copy, Debug, Default)]
struct RuleCount {
    /// Messages in which it was found.
    messages: usize,
    /// Distinct values, message by message.
    values: usize,
}

/// Decisions in the order of the table.
const DECISIONS: [Decision; 3] = [Decision::Reject, Decision::Review, Decision::Pass];

impl Summary {
    /// No message yet; files and folders that cannot become one.
    pub fn new(skipped: usize, failed: usize) -> Summary {
        Summary { skipped, failed, ..Summary::default() }
    }

    /// Counts a verdict.
    pub fn add(&mut self, verdict: &Verdict) {
        *self.decisions.entry(verdict.decision).or_default() += 1;
        self.incomplete += usize::from(!verdict.is_complete());
        let mut categories: Vec<Category> = Vec::new();
        for reason in &verdict.reasons {
            if reason.contribution > 0.0 && !categories.contains(&reason.rule.category) {
                categories.push(reason.rule.category);
            }
            let rule = self.rules.entry(reason.rule.id.clone()).or_default();
            rule.messages += 1;
            rule.values += reason.count;
        }
        for category in categories {
            *self.categories.entry(category).or_default() += 1;
        }
    }

    /// Messages with this decision.
    pub fn count(&self, decision: Decision) -> usize {
        self.decisions.get(&decision).copied().unwrap_or(0)
    }

    /// Messages that were judged.
    pub fn messages(&self) -> usize {
        self.decisions.values().sum()
    }

    /// Writes the counts as a table, with an empty line before it.
    pub fn write(&self, out: &mut dyn Write, options: &Text) -> io::Result<()> {
        let rows = self.rows(options);
        let widest =
            |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| width(text)).max().unwrap_or(0);
        let name = widest(&mut rows.iter().map(|row| &row.name));
        let columns: Vec<usize> =
            (0..2).map(|at| widest(&mut rows.iter().filter_map(|row| row.numbers.get(at)))).collect();
        writeln!(out)?;
        for row in &rows {
            let style = row.style;
            write!(out, "{style}{}{style:#}", row.name)?;
            if !row.numbers.is_empty() {
                write!(out, "{}", " ".repeat(name - width(&row.name)))?;
            }
            for (number, column) in row.numbers.iter().zip(&columns) {
                write!(out, "  {}", right(number, *column))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn rows(&self, text: &Text) -> Vec<Row> {
        let word = |key| text.word("summary", key).to_owned();
        let heading = |name: String, numbers: Vec<String>| Row {
            name,
            numbers,
            style: text.style(Style::new().bold()),
        };
        let plain = |name: String, numbers: Vec<usize>| Row {
            name: format!("  {name}"),
            numbers: numbers.iter().map(usize::to_string).collect(),
            style: Style::new(),
        };
        let mut rows = vec![heading(word("decision"), vec![word("messages")])];
        for decision in DECISIONS {
            let style = text.decision_style(decision);
            rows.push(Row { style, ..plain(word(decision.as_str()), vec![self.count(decision)]) });
        }
        rows.push(plain(word("all"), vec![self.messages()]));

        let mut categories: Vec<_> = self.categories.iter().collect();
        categories.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        if !categories.is_empty() {
            rows.push(Row::default());
            rows.push(heading(word("category"), vec![word("messages")]));
        }
        for (category, messages) in categories {
            rows.push(plain(text.word("category", category.as_str()).to_owned(), vec![*messages]));
        }

        let mut rules: Vec<_> = self.rules.iter().collect();
        rules.sort_by(|a, b| b.1.messages.cmp(&a.1.messages).then(a.0.cmp(b.0)));
        if !rules.is_empty() {
            rows.push(Row::default());
            rows.push(heading(word("rule"), vec![word("messages"), word("values")]));
        }
        for (id, count) in rules {
            rows.push(plain(escaped(id).into_owned(), vec![count.messages, count.values]));
        }

        let problems = [("incomplete", self.incomplete), ("skipped", self.skipped), ("failed", self.failed)];
        if problems.iter().any(|(_, count)| *count > 0) {
            rows.push(Row::default());
        }
        for (key, count) in problems.into_iter().filter(|(_, count)| *count > 0) {
            rows.push(Row { name: word(key), numbers: vec![count.to_string()], style: Style::new() });
        }
        rows
    }
}

/// One message as one line, with its line end: decision, probability, name, rules with their counts.
pub fn line(name: &str, verdict: &Verdict, options: &Text) -> String {
    let words = DECISIONS.map(|decision| options.word("line", decision.as_str()));
    let widest = words.iter().map(|word| width(word)).max().unwrap_or(0);
    let word = options.word("line", verdict.decision.as_str());
    let style = options.decision_style(verdict.decision);
    let name = escaped(name);
    let rules = verdict.reasons.iter().map(|reason| {
        options.say("line", "rule", &[("rule", &reason.rule.id), ("count", &reason.count.to_string())])
    });
    let unread = (!verdict.is_complete()).then(|| options.word("line", "incomplete").to_owned());
    let notes: Vec<String> = rules.chain(unread).collect();
    let decision = format!("{style}{word}{style:#}{}", " ".repeat(widest - width(word)));
    let probability = right(&options.percent(verdict.probability), PERCENT);
    if notes.is_empty() {
        return format!("{decision}  {probability}  {name}\n");
    }
    let column = (options.width * 2 / 5).clamp(16, 48);
    let (pad, dim) = (" ".repeat(column.saturating_sub(width(&name))), options.dim());
    format!("{decision}  {probability}  {name}{pad}  {dim}{}{dim:#}\n", notes.join(", "))
}

/// Columns of a percentage: `>99 %`.
const PERCENT: usize = 5;

/// A text at the right end of `columns`.
fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// A row of the table; one with no name is empty.
#[derive(Debug, Default)]
struct Row {
    name: String,
    numbers: Vec<String>,
    style: Style,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        message::{NotInspected, Unread},
        policy::Language,
        report::text::tests::{reason, verdict},
        verdict::Reason,
    };

    const EN: Text =
        Text { language: Language::English, colour: false, show_matches: false, explain: false, width: 80 };
    const ZH: Text = Text { language: Language::Chinese, ..EN };

    fn scanned() -> Vec<(&'static str, Verdict)> {
        let unread = NotInspected {
            part: "2".to_owned(),
            place: vec!["a.pdf".to_owned()],
            reason: Unread::Pdf,
            what: String::new(),
        };
        let mut pdf = verdict(Decision::Review, 0.03, Vec::new());
        pdf.not_inspected.push(unread);
        let counted = |id, contribution, count| {
            let (reason, findings) = reason(id, contribution, Vec::new());
            (Reason { count, ..reason }, findings)
        };
        let both = vec![counted("pii.thing", 3.0, 1), counted("advertising.offer", 0.0, 1)];
        vec![
            ("out/名单.eml", verdict(Decision::Reject, 0.934, vec![counted("pii.thing", 3.0, 20)])),
            ("out/b.eml", verdict(Decision::Reject, 0.9999, both)),
            ("out/c\u{1b}[2J.eml", pdf),
            ("out/d.eml", verdict(Decision::Pass, 0.03, Vec::new())),
        ]
    }

    #[test]
    fn counts_make_a_table() {
        let mut summary = Summary::new(1200, 3);
        for (_, verdict) in scanned() {
            summary.add(&verdict);
        }
        let want_en = "
decision                      messages
  would be rejected                  2
  need review                        1
  pass                               1
  judged                             4

category                      messages
  personal data                      2

rule                          messages  values
  pii.thing                          2      21
  advertising.offer                  1       1

messages not read whole              1
files skipped, no messages        1200
files that could not be read         3
";
        let want_zh = "
结论                      邮件
  很可能被拒                 2
  需要复核                   1
  可以通过                   1
  合计                       4

类别                      邮件
  个人信息                   2

规则                      邮件  不同值
  pii.thing                  2      21
  advertising.offer          1       1

未能完整读取的邮件           1
已跳过的文件（不是邮件）  1200
无法读取的文件               3
";
        for (options, want) in [(EN, want_en), (ZH, want_zh)] {
            let mut out = Vec::new();
            summary.write(&mut out, &options).expect("memory takes all");
            assert_eq!(String::from_utf8(out).expect("UTF-8"), want);
        }
    }

    #[test]
    fn a_message_is_a_line() {
        let lines = |options: &Text| -> String {
            scanned().iter().map(|(name, verdict)| line(name, verdict, options)).collect()
        };
        let want_en = "\
reject   93 %  out/名单.eml                      pii.thing ×20
reject  >99 %  out/b.eml                         pii.thing ×1, advertising.offer ×1
review    3 %  out/c\\u{1b}[2J.eml                not read whole
pass      3 %  out/d.eml
";
        let want_zh = "\
被拒    93%  out/名单.eml      pii.thing ×20
被拒   >99%  out/b.eml         pii.thing ×1, advertising.offer ×1
复核     3%  out/c\\u{1b}[2J.eml  未完整读取
通过     3%  out/d.eml
";
        assert_eq!(lines(&EN), want_en);
        assert_eq!(lines(&Text { width: 40, ..ZH }), want_zh);
    }
}
