//! The diagnosis of a domain as a report for a person and as JSON.
//!
//! Records come from the DNS, that is from anyone: nothing in them has power over the terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::text::{Text, escaped, wrap};
use crate::{
    domain::{Check, Diagnosis, Finding, Obstacle, Status, Subject, say},
    policy::Language,
};

/// Look-ups that an SPF record may cost.
const LOOKUPS: &str = "10";

/// The diagnosis for a person.
pub fn text(diagnosis: &Diagnosis, options: &Text) -> String {
    let language = options.language;
    let mut out = String::new();
    let domain = escaped(&diagnosis.domain);
    let title = say(language, "title", diagnosis.status().as_str(), &[("domain", &domain)]);
    let style = status_style(options, diagnosis.status());
    let _ = writeln!(out, "{style}{title}{style:#}");
    let judged = match &diagnosis.provider {
        Some((provider, edition)) => {
            let (title, of) = (provider.title.get(language), edition.title.get(language));
            let values = [("provider", title), ("edition", of), ("version", provider.version.as_str())];
            say(language, "provider", "line", &values)
        }
        None => say(language, "provider", "none", &[]),
    };
    let _ = writeln!(out, "{judged}");
    for check in &diagnosis.checks {
        write_check(&mut out, check, diagnosis, options);
    }
    out
}

fn write_check(out: &mut String, check: &Check, diagnosis: &Diagnosis, options: &Text) {
    let language = options.language;
    let word = |section, key: &str| say(language, section, key, &[]);
    let style = status_style(options, check.status());
    let subject = check.subject.as_str().to_uppercase();
    let _ = write!(
        out,
        "\n{subject} {style}{}{style:#} {}",
        word("status", check.status().as_str()),
        escaped(&check.name)
    );
    if let Some(count) = check.lookups {
        let count = count.to_string();
        let lookups = say(language, "label", "lookups", &[("count", &count), ("most", LOOKUPS)]);
        let _ = write!(out, " ({lookups})");
    }
    out.push('\n');
    let mut line = |label: &str, text: &str| paragraph(out, &format!("  {label}"), text, options.width);
    let found = word("label", "found");
    if check.found.is_empty() && !is_unanswered(check) {
        line(&found, &word("label", "nothing"));
    }
    for record in &check.found {
        line(&found, &escaped(record));
    }
    for finding in &check.findings {
        let status = word("status", finding.status().as_str());
        let label = say(language, "label", "status", &[("status", &status)]);
        line(&label, &escaped(&finding.message(language)));
        line(&word("label", "fix"), &escaped(&finding.fix(language)));
    }
    if let Some(publish) = &check.publish {
        for value in &publish.values {
            // To be copied as it stands: never wrapped.
            let record = format!("{}. {} {}", publish.name, publish.kind, shown(publish.kind, value));
            let _ = writeln!(out, "  {}{}", word("label", "publish"), escaped(&record));
        }
    }
    if is_to_change(check) {
        let mut line = |label: &str, text: &str| paragraph(out, &format!("  {label}"), text, options.width);
        line(&word("label", "wait"), &wait(check, language));
        line(&word("label", "verify"), &verify(check, diagnosis, language));
    }
}

/// A value as a zone file has it: texts in quotes, and in pieces where they are longer than one may be (RFC 1035 3.3).
fn shown(kind: &str, value: &str) -> String {
    if kind != "TXT" {
        return value.to_owned();
    }
    let mut pieces = vec![String::new()];
    for c in value.chars() {
        if pieces.last().is_some_and(|piece| piece.len() + c.len_utf8() > 255) {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces.iter().map(|piece| format!("\"{piece}\"")).collect::<Vec<_>>().join(" ")
}

/// Whether something is to be published anew.
fn is_to_change(check: &Check) -> bool {
    matches!(check.status(), Status::Warning | Status::Failure)
}

/// Whether nothing was found because nobody answered.
fn is_unanswered(check: &Check) -> bool {
    check.findings.iter().any(|finding| finding.status() == Status::Unknown)
}

/// How long until a change has effect.
fn wait(check: &Check, language: Language) -> String {
    let Some(ttl) = check.ttl else { return say(language, "wait", "unknown", &[]) };
    let (unit, count) = match ttl {
        0..120 => ("seconds", ttl),
        120..7200 => ("minutes", ttl / 60),
        _ => ("hours", ttl / 3600),
    };
    let time = say(language, "time", unit, &[("count", &count.to_string())]);
    say(language, "wait", "known", &[("time", &time)])
}

/// How to see that a change has effect; what the provider has for it as well.
fn verify(check: &Check, diagnosis: &Diagnosis, language: Language) -> String {
    let general = say(language, "verify", check.subject.as_str(), &[("name", &check.name)]);
    let own = diagnosis.provider.as_ref().and_then(|(provider, _)| provider.verify.as_ref());
    match own.filter(|_| matches!(check.subject, Subject::Spf | Subject::Mx)) {
        Some(own) => say(language, "verify", "both", &[("general", &general), ("own", own.get(language))]),
        None => general,
    }
}

/// A paragraph, wrapped and indented by the width of its label.
fn paragraph(out: &mut String, label: &str, text: &str, width: usize) {
    let indent = super::text::width(label);
    for (number, line) in wrap(text, width.saturating_sub(indent).max(20)).into_iter().enumerate() {
        let before = if number == 0 { label.to_owned() } else { " ".repeat(indent) };
        let _ = writeln!(out, "{before}{}", line.trim_end());
    }
}

fn status_style(options: &Text, status: Status) -> Style {
    let colour = match status {
        Status::Ok => AnsiColor::Green,
        Status::Warning | Status::Unknown => AnsiColor::Yellow,
        Status::Failure => AnsiColor::Red,
    };
    options.style(colour.on_default().bold())
}

/// What stands in the way of a mail, in lines for a person; said also where nothing does.
pub fn obstacles(list: &[Obstacle], options: &Text) -> String {
    let language = options.language;
    let mut out = format!("\n{}\n", say(language, "delivery", "head", &[]));
    if list.is_empty() {
        paragraph(&mut out, "  ", &say(language, "delivery", "clear", &[]), options.width);
    }
    for obstacle in list {
        let status = say(language, "status", obstacle.finding.status().as_str(), &[]);
        let subject = obstacle.subject.as_str().to_uppercase();
        let message = obstacle.finding.message(language);
        let values = [
            ("status", status.as_str()),
            ("subject", &subject),
            ("domain", &obstacle.domain),
            ("message", &message),
        ];
        paragraph(&mut out, "  ", &escaped(&say(language, "delivery", "line", &values)), options.width);
        let label = format!("    {}", say(language, "label", "fix", &[]));
        paragraph(&mut out, &label, &escaped(&obstacle.finding.fix(language)), options.width);
    }
    out
}

/// The diagnosis as indented JSON.
pub fn json(diagnosis: &Diagnosis, language: Language) -> String {
    let document = Document {
        schema: 1,
        domain: &diagnosis.domain,
        status: diagnosis.status().as_str(),
        provider: diagnosis.provider.as_ref().map(|(provider, _)| provider.id.as_str()),
        edition: diagnosis.provider.as_ref().map(|(_, edition)| edition.id.as_str()),
        checks: diagnosis.checks.iter().map(|check| check_json(check, diagnosis, language)).collect(),
    };
    serde_json::to_string_pretty(&document).expect("a tree of strings and numbers")
}

#[derive(Serialize)]
struct Document<'d> {
    schema: u32,
    domain: &'d str,
    /// ok, warning, unknown or failure.
    status: &'static str,
    provider: Option<&'d str>,
    edition: Option<&'d str>,
    checks: Vec<CheckDocument<'d>>,
}

#[derive(Serialize)]
struct CheckDocument<'d> {
    /// spf, mx, dkim or dmarc.
    check: &'static str,
    status: &'static str,
    /// The name that was asked for.
    name: &'d str,
    found: &'d [String],
    /// Look-ups that the SPF record costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    lookups: Option<usize>,
    findings: Vec<FindingDocument>,
    publish: Option<PublishDocument<'d>>,
    /// Seconds for which caches keep what was found.
    ttl: Option<u32>,
    /// How long until a change has effect, and how to see it; only where something is to be changed.
    wait: Option<String>,
    verify: Option<String>,
}

#[derive(Serialize)]
struct FindingDocument {
    id: &'static str,
    status: &'static str,
    message: String,
    fix: String,
}

#[derive(Serialize)]
struct PublishDocument<'d> {
    name: &'d str,
    #[serde(rename = "type")]
    kind: &'d str,
    values: &'d [String],
}

fn check_json<'d>(check: &'d Check, diagnosis: &'d Diagnosis, language: Language) -> CheckDocument<'d> {
    let is_to_change = is_to_change(check);
    let finding = |finding: &Finding| FindingDocument {
        id: finding.id,
        status: finding.status().as_str(),
        message: finding.message(language),
        fix: finding.fix(language),
    };
    CheckDocument {
        check: check.subject.as_str(),
        status: check.status().as_str(),
        name: &check.name,
        found: &check.found,
        lookups: check.lookups,
        findings: check.findings.iter().map(finding).collect(),
        publish: check.publish.as_ref().map(|publish| PublishDocument {
            name: &publish.name,
            kind: publish.kind,
            values: &publish.values,
        }),
        ttl: check.ttl,
        wait: is_to_change.then(|| wait(check, language)),
        verify: is_to_change.then(|| verify(check, diagnosis, language)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_published_in_pieces() {
        assert_eq!(shown("TXT", "v=spf1 -all"), "\"v=spf1 -all\"");
        assert_eq!(shown("MX", "10 mail.example.com."), "10 mail.example.com.");
        let long = shown("TXT", &"x".repeat(600));
        let pieces: Vec<usize> = long.split(' ').map(|piece| piece.len() - 2).collect();
        assert_eq!(pieces, [255, 255, 90]);
    }
}
