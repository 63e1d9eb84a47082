//! A diagnosis in, bytes out: a report for a person, JSON for programs, a table of the causes of many.
//!
//! Fixed words are in `[explain]` of `policies/messages.toml`, advice in `policies/bounces/causes.toml`.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::{
    json,
    text::{Text, escaped, width},
};
use crate::{
    bounce::{Cause, Diagnosis, Explainer, Failure, Kind},
    detect::Confidence,
    policy::Language,
    verdict::Verdict,
};

/// Failures of one notice that are listed.
const LISTED: usize = 20;

/// A diagnosis with what else a report of it needs.
pub struct Explanation<'e> {
    /// What the user calls the notice.
    pub name: &'e str,
    /// What it means.
    pub diagnosis: &'e Diagnosis,
    /// Who knows what is to be said of it.
    pub explainer: &'e Explainer,
    /// The verdict on the message that came back, where its content is the cause.
    pub original: Option<&'e Verdict>,
}

impl Explanation<'_> {
    /// Writes the report for a person, but for the verdict on the message that came back.
    pub fn write(&self, out: &mut dyn Write, text: &Text) -> io::Result<()> {
        let (diagnosis, language) = (self.diagnosis, text.language);
        let advice = self.explainer.advice(diagnosis.cause);
        let key = match diagnosis.kind {
            Kind::Other => "none",
            Kind::Delay => "delayed",
            Kind::Bounce | Kind::Line => "failed",
        };
        let name = escaped(self.name);
        let title = advice.title.get(language);
        let title = text.say(
            "explain",
            key,
            &[("name", &name), ("title", title), ("cause", diagnosis.cause.as_str())],
        );
        let colour = if diagnosis.kind == Kind::Other { AnsiColor::Green } else { AnsiColor::Red };
        text.paragraph(out, "", &[(text.style(colour.on_default().bold()), &title)])?;
        for failure in diagnosis.failures.iter().take(LISTED) {
            self.failure(out, text, failure)?;
        }
        if let Some(more) = diagnosis.failures.len().checked_sub(LISTED).filter(|more| *more > 0) {
            text.paragraph(
                out,
                "  ",
                &[(text.dim(), &text.say("reason", "more", &[("count", &more.to_string())]))],
            )?;
        }
        if let Some(reporter) = &diagnosis.reporter {
            line(out, text, "reporter", &escaped(reporter))?;
        }
        if let Some(system) = self.explainer.system(diagnosis) {
            line(out, text, "system", system)?;
        }
        writeln!(out)?;
        line(out, text, "what", advice.what.get(language))?;
        if diagnosis.kind == Kind::Other {
            return self.steps(out, text);
        }
        line(out, text, "who", text.word("explain", advice.who.as_str()))?;
        line(out, text, "sure", text.word("confidence", confidence(diagnosis.confidence)))?;
        if diagnosis.cause != Cause::Unknown && diagnosis.main().is_some_and(|failure| !failure.is_known) {
            line(out, text, "sure", text.word("explain", "by-code"))?;
        }
        self.steps(out, text)?;
        line(out, text, "verify", self.explainer.verify(diagnosis, language))?;
        if diagnosis.cause.is_content() {
            writeln!(out)?;
            let key = if self.original.is_some() { "original" } else { "no-original" };
            text.paragraph(out, "", &[(text.style(Style::new().bold()), text.word("explain", key))])?;
        }
        Ok(())
    }

    fn failure(&self, out: &mut dyn Write, text: &Text, failure: &Failure) -> io::Result<()> {
        writeln!(out)?;
        let to =
            failure.recipient.as_deref().map_or_else(|| text.word("explain", "nobody-named").into(), escaped);
        line(out, text, "to", &to)?;
        if failure.cause != self.diagnosis.cause {
            let title = self.explainer.advice(failure.cause).title.get(text.language);
            line(out, text, "cause", &format!("{title} [{}]", failure.cause))?;
        }
        if let Some(code) = failure.smtp_code {
            let meaning = self.explainer.reply_meaning(code, text.language).unwrap_or_default();
            line(out, text, "code", &with_meaning(&code.to_string(), meaning))?;
        }
        if let Some(status) = failure.status {
            let meaning = self.explainer.meaning(status, text.language).unwrap_or_default();
            line(out, text, "status", &with_meaning(&status.to_string(), meaning))?;
        }
        if let Some(permanent) = failure.permanent {
            let key = if permanent { "permanent" } else { "temporary" };
            line(out, text, "lasting", text.word("explain", key))?;
        }
        if let Some(remote) = &failure.remote {
            line(out, text, "remote", &escaped(remote))?;
        }
        if !failure.text.is_empty() {
            line(out, text, "said", &escaped(&failure.text))?;
        }
        Ok(())
    }

    fn steps(&self, out: &mut dyn Write, text: &Text) -> io::Result<()> {
        let steps = self.explainer.steps(self.diagnosis, text.language);
        for (number, step) in steps.iter().enumerate() {
            let label = if number == 0 { text.word("explain", "steps") } else { "" };
            let blank = " ".repeat(width(text.word("explain", "steps")).saturating_sub(width(label)));
            let label = format!("  {label}{blank}{}. ", number + 1);
            text.paragraph(out, &label, &[(Style::new(), step)])?;
        }
        Ok(())
    }

    /// The diagnosis as one line of JSON, without a line end.
    pub fn json(&self, options: json::Json) -> String {
        serde_json::to_string(&self.document(options)).expect("a tree of strings and numbers")
    }

    /// The diagnosis as indented JSON.
    pub fn pretty(&self, options: json::Json) -> String {
        serde_json::to_string_pretty(&self.document(options)).expect("a tree of strings and numbers")
    }

    fn document(&self, options: json::Json) -> Document<'_> {
        let (diagnosis, language) = (self.diagnosis, options.language);
        let advice = self.explainer.advice(diagnosis.cause);
        let main = diagnosis.main();
        let status = main.and_then(|failure| failure.status);
        let code = main.and_then(|failure| failure.smtp_code);
        let of_failure = |failure: &'_ Failure| OfRecipient {
            recipient: failure.recipient.clone(),
            cause: failure.cause.as_str(),
            confidence: confidence(failure.confidence),
            status: failure.status.map(|status| status.to_string()),
            smtp_code: failure.smtp_code,
            permanent: failure.permanent,
            known_text: failure.is_known,
            remote: failure.remote.clone(),
            source_text: failure.text.clone(),
        };
        Document {
            schema: 1,
            path: self.name,
            kind: diagnosis.kind.as_str(),
            cause: diagnosis.cause.as_str(),
            confidence: confidence(diagnosis.confidence),
            recipients: diagnosis.recipients(),
            status: status.map(|status| status.to_string()),
            status_meaning: status.and_then(|status| self.explainer.meaning(status, language)),
            smtp_code: code,
            smtp_meaning: code.and_then(|code| self.explainer.reply_meaning(code, language)),
            permanent: main.and_then(|failure| failure.permanent),
            who: advice.who.as_str(),
            title: advice.title.get(language),
            what: advice.what.get(language),
            steps: self.explainer.steps(diagnosis, language),
            verify: self.explainer.verify(diagnosis, language),
            source_text: main.map_or("", |failure| &failure.text),
            known_text: main.is_some_and(|failure| failure.is_known),
            reporter: diagnosis.reporter.as_deref(),
            system: self.explainer.system(diagnosis),
            failures: diagnosis.failures.iter().map(of_failure).collect(),
            original: self.original.map(|verdict| json::Document::new("original", verdict, options)),
        }
    }
}

/// What presend says about one notice.
#[derive(Serialize)]
struct Document<'d> {
    schema: u32,
    path: &'d str,
    /// bounce, delay, line or other.
    kind: &'static str,
    cause: &'static str,
    confidence: &'static str,
    recipients: Vec<&'d str>,
    status: Option<String>,
    status_meaning: Option<&'d str>,
    smtp_code: Option<u16>,
    smtp_meaning: Option<&'d str>,
    permanent: Option<bool>,
    who: &'static str,
    title: &'d str,
    what: &'d str,
    steps: &'d [String],
    verify: &'d str,
    source_text: &'d str,
    /// Whether the words are known; else the cause is what the code speaks for.
    known_text: bool,
    reporter: Option<&'d str>,
    system: Option<&'d str>,
    failures: Vec<OfRecipient>,
    /// The verdict on the message that came back, where its content is the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<json::Document<'d>>,
}

/// One recipient.
#[derive(Serialize)]
struct OfRecipient {
    recipient: Option<String>,
    cause: &'static str,
    confidence: &'static str,
    status: Option<String>,
    smtp_code: Option<u16>,
    permanent: Option<bool>,
    known_text: bool,
    remote: Option<String>,
    source_text: String,
}

/// The causes of many notices.
#[derive(Debug, Default)]
pub struct Table {
    counts: BTreeMap<Cause, Count>,
}

#[derive(Debug, Default)]
struct Count {
    notices: usize,
    recipients: usize,
    /// The first that came.
    example: String,
}

impl Table {
    /// Counts a notice.
    pub fn add(&mut self, name: &str, diagnosis: &Diagnosis) {
        let count = self.counts.entry(diagnosis.cause).or_default();
        if count.notices == 0 {
            count.example = name.to_owned();
        }
        count.notices += 1;
        count.recipients += diagnosis.recipients().len();
    }

    /// Causes, the most frequent first.
    fn rows(&self) -> Vec<(Cause, &Count)> {
        let mut rows: Vec<(Cause, &Count)> =
            self.counts.iter().map(|(cause, count)| (*cause, count)).collect();
        rows.sort_by_key(|(_, count)| std::cmp::Reverse(count.notices));
        rows
    }

    /// Writes the table.
    pub fn write(&self, out: &mut dyn Write, text: &Text, explainer: &Explainer) -> io::Result<()> {
        let head = ["notices", "addresses", "cause-column", "who-column", "example"]
            .map(|key| text.word("explain", key));
        let mut rows: Vec<[String; 5]> = vec![head.map(str::to_owned)];
        for (cause, count) in self.rows() {
            let advice = explainer.advice(cause);
            let title = format!("{} [{cause}]", advice.title.get(text.language));
            let who = text.word("explain", advice.who.as_str()).to_owned();
            rows.push([
                count.notices.to_string(),
                count.recipients.to_string(),
                title,
                who,
                escaped(&count.example).into_owned(),
            ]);
        }
        let widths: Vec<usize> =
            (0..5).map(|column| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0)).collect();
        for row in &rows {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, most))| {
                let blank = " ".repeat(most - width(cell));
                if column < 2 { format!("{blank}{cell}") } else { format!("{cell}{blank}") }
            });
            writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }

    /// The causes as JSON values.
    pub fn json(&self, language: Language, explainer: &Explainer) -> serde_json::Value {
        let row = |(cause, count): (Cause, &Count)| {
            let advice = explainer.advice(cause);
            serde_json::json!({
                "cause": cause.as_str(), "count": count.notices, "recipients": count.recipients,
                "title": advice.title.get(language), "who": advice.who.as_str(),
            })
        };
        self.rows().into_iter().map(row).collect()
    }
}

fn line(out: &mut dyn Write, text: &Text, key: &str, value: &str) -> io::Result<()> {
    let label = format!("  {}", text.word("explain", key));
    text.paragraph(out, &label, &[(Style::new(), value)])
}

fn with_meaning(code: &str, meaning: &str) -> String {
    if meaning.is_empty() { code.to_owned() } else { format!("{code}: {meaning}") }
}

fn confidence(confidence: Confidence) -> &'static str {
    confidence.as_str()
}
