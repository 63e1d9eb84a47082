//! A verdict in a few lines, for where there is room for no more: the bounce of a filter, the window of a mail client. Rules, places and masked values; nothing of
//! the text around them.

use std::{collections::BTreeSet, fmt::Write as _};

use super::text::{Text, escaped};
use crate::verdict::{Decision, Found, Matched, Reason, Verdict};

/// Reasons, lines and values that are named.
const LISTED: usize = 5;

/// Why a message is stopped, or what a person should look at.
pub fn brief(verdict: &Verdict, options: &Text) -> String {
    let probability = options.percent(verdict.probability);
    let head = match verdict.decision {
        Decision::Pass => "pass",
        Decision::Review => "review",
        Decision::Reject => "reject",
    };
    let mut out = options.say("brief", head, &[("probability", &probability)]);
    out.push('\n');
    let against = verdict.reasons.iter().filter(|reason| reason.contribution > 0.0);
    for reason in against.clone().take(LISTED) {
        out.push_str(&line(verdict, reason, options));
    }
    let more = against.count().saturating_sub(LISTED);
    if more > 0 {
        let _ = writeln!(out, "  {}", options.say("reason", "more", &[("count", &more.to_string())]));
    }
    if !verdict.is_complete() {
        let count = verdict.not_inspected.len().to_string();
        let _ = writeln!(out, "  {}", options.say("brief", "unread", &[("count", &count)]));
    }
    out
}

fn line(verdict: &Verdict, reason: &Reason, options: &Text) -> String {
    let rule = &reason.rule;
    let findings: Vec<&Found> = verdict.findings.iter().filter(|found| found.rule.id == rule.id).collect();
    let masked: BTreeSet<&str> = findings
        .iter()
        .filter_map(|found| match &found.value {
            Matched::Private { masked, .. } => Some(masked.as_str()),
            Matched::Term(_) | Matched::None => None,
        })
        .collect();
    let lines: BTreeSet<usize> =
        findings.iter().filter_map(|found| found.position.map(|(line, _)| line)).collect();
    let message = rule.message.get(options.language);
    let mut out =
        format!("  {}", options.say("brief", "reason", &[("rule", &rule.id), ("message", message)]));
    let mut details = Vec::new();
    if !lines.is_empty() {
        let lines: Vec<String> = lines.iter().take(LISTED).map(usize::to_string).collect();
        details.push(options.say("brief", "lines", &[("lines", &lines.join(", "))]));
    }
    details.extend(masked.iter().take(LISTED).map(|value| escaped(value).into_owned()));
    if !details.is_empty() {
        out.push_str(&options.say("brief", "details", &[("details", &details.join(", "))]));
    }
    let fix = rule.fix.get(options.language);
    let _ = writeln!(out, "\n    {}{fix}", options.word("reason", "fix"));
    out
}
