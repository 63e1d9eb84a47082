//! A verdict as a report for a person: the decision, what speaks for it with the lines it stands in, what could not be read, what to do.
//!
//! Values are masked unless the caller asks for them; nothing that comes from a message has power over the terminal.

mod excerpt;
mod line;
mod place;
mod words;

use std::io::{self, Write};

use annotate_snippets::Level;
use anstyle::{AnsiColor, Style};

pub(super) use self::line::{escaped, width};
use self::{excerpt::Excerpts, line::lines, place::Places};
pub use self::{line::wrap, words::say};
use crate::{
    detect::Ignored,
    message::Unread,
    policy::{Kind, Language},
    verdict::{Decision, Found, Matched, Reason, Seen, Sight, Verdict},
};

/// How a report in words is to look.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The language.
    pub language: Language,
    /// Whether to use the colours of the terminal.
    pub colour: bool,
    /// Whether to show values as they are; else they are masked.
    pub show_matches: bool,
    /// Whether to show what the confidence of each finding is the sum of.
    pub explain: bool,
    /// Columns of a line.
    pub width: usize,
}

/// Entries of a list that are shown.
const LISTED: usize = 10;

/// Writes the report of one message; `name` is what the user calls it.
pub fn write(out: &mut dyn Write, name: &str, verdict: &Verdict, options: &Text) -> io::Result<()> {
    let name = escaped(name);
    let report = Report { name: &name, verdict, text: options, places: Places::new(verdict, options) };
    report.write(out)
}

/// The report of one message.
struct Report<'v> {
    name: &'v str,
    verdict: &'v Verdict,
    text: &'v Text,
    places: Places<'v>,
}

impl Report<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.title(out)?;
        // What speaks for the message is no reason.
        let against = self.verdict.reasons.iter().filter(|reason| reason.contribution >= 0.0);
        let evidence: f64 = against.clone().map(|reason| reason.contribution).sum();
        for reason in against {
            self.reason(out, reason, evidence)?;
        }
        self.unread(out)?;
        self.ignored(out)?;
        if let Some(obstacles) = &self.verdict.obstacles {
            out.write_all(super::domain::obstacles(obstacles, self.text).as_bytes())?;
        }
        self.next(out)
    }

    fn title(&self, out: &mut dyn Write) -> io::Result<()> {
        let verdict = self.verdict;
        let key = match (verdict.decision, verdict.reasons.is_empty(), verdict.is_complete()) {
            (Decision::Pass, true, true) => "clean",
            (Decision::Pass, true, false) => "clean-so-far",
            (Decision::Review, true, false) => "unread-review",
            (Decision::Reject, true, false) => "unread-reject",
            // Nothing else made it one for review.
            (Decision::Review, true, true) => "delivery",
            (decision, ..) => decision.as_str(),
        };
        let probability = self.text.percent(verdict.probability);
        let title = self.text.say("title", key, &[("name", self.name), ("probability", &probability)]);
        self.text.paragraph(out, "", &[(self.text.decision_style(verdict.decision), &title)])
    }

    /// A rule: what was found, where, why it matters and what to do.
    fn reason(&self, out: &mut dyn Write, reason: &Reason, evidence: f64) -> io::Result<()> {
        let (rule, text) = (&reason.rule, self.text);
        let thing = match rule.kind {
            Kind::Entity { .. } => "value",
            Kind::Lexicon { .. } | Kind::Weighted { .. } | Kind::Marking(_) => "term",
            Kind::Structure { .. } => "place",
        };
        let findings: Vec<&Found> =
            self.verdict.findings.iter().filter(|found| found.rule.id == rule.id).collect();
        let number = if thing == "place" { findings.len().max(reason.count) } else { reason.count };
        let message = rule.message.get(text.language);
        let head = text.say("reason", "head", &[("message", message), ("count", &text.count(thing, number))]);
        let is_noted = reason.contribution <= 0.0;
        let share = text.percent(reason.contribution / evidence.max(f64::MIN_POSITIVE));
        let tail = if is_noted { ("note", "") } else { ("share", share.as_str()) };
        let tail = text.say("reason", tail.0, &[("rule", &rule.id), ("share", tail.1)]);
        writeln!(out)?;
        let between = if width(&head) + 1 + width(&tail) <= text.width { " " } else { "\n" };
        let bold = text.style(Style::new().bold());
        text.paragraph(out, "", &[(bold, &head), (Style::new(), between), (text.dim(), &tail)])?;

        let level = match self.verdict.decision {
            _ if is_noted => Level::INFO,
            Decision::Pass => Level::NOTE,
            Decision::Review => Level::WARNING,
            Decision::Reject => Level::ERROR,
        };
        let shown = Excerpts { name: self.name, places: &self.places, text, level }.write(out, &findings)?;
        let all = findings.len().max(reason.count);
        if all > shown {
            let more = text.say("reason", "more", &[("count", &(all - shown).to_string())]);
            text.paragraph(out, "  ", &[(text.dim(), &more)])?;
        }
        for found in findings.iter().take(LISTED).filter(|_| text.explain) {
            if let Some(evidence) = self.evidence(found) {
                text.paragraph(out, "  ", &[(text.dim(), &evidence)])?;
            }
        }
        self.sights(out, &findings)?;
        for (key, advice) in [("why", &rule.why), ("fix", &rule.fix)] {
            let label = format!("  {}", text.word("reason", key));
            text.paragraph(out, &label, &[(Style::new(), advice.get(text.language))])?;
        }
        let replacements = self.replacements(&findings);
        if !replacements.is_empty() {
            let label = format!("  {}", text.word("reason", "replacement"));
            text.paragraph(out, &label, &[(Style::new(), &replacements)])?;
        }
        Ok(())
    }

    /// Of findings that the auditor's rule does not see, who does.
    fn sights(&self, out: &mut dyn Write, findings: &[&Found]) -> io::Result<()> {
        let (text, auditor) = (self.text, &self.verdict.auditor.title);
        for (sight, key) in [(Sight::Reviewer, "reviewer"), (Sight::Nobody, "nobody")] {
            let count = findings.iter().filter(|found| found.seen == sight).count();
            if count > 0 {
                let values = [
                    ("count", text.count("place", count)),
                    ("auditor", auditor.get(text.language).to_owned()),
                ];
                let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
                text.paragraph(out, "  ", &[(Style::new(), &text.say("seen", key, &values))])?;
            }
        }
        Ok(())
    }

    /// What may be written in place of the terms that were found.
    fn replacements(&self, findings: &[&Found]) -> String {
        let mut pairs: Vec<String> = Vec::new();
        for found in findings {
            let Matched::Term(term) = &found.value else { continue };
            let Some(replacement) = found.rule.replacement(term) else { continue };
            let values = [("term", &**term), ("replacement", replacement)];
            let pair = self.text.say("reason", "pair", &values);
            if pairs.len() < LISTED && !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
        pairs.join(self.text.word("reason", "between"))
    }

    /// What the confidence of a finding is the sum of.
    fn evidence(&self, found: &Found) -> Option<String> {
        let (text, trace) = (self.text, found.trace.as_ref()?);
        let value = match &found.value {
            Matched::Private { canonical, .. } if text.show_matches => escaped(canonical),
            Matched::Private { masked, .. } => escaped(masked),
            _ => return None,
        };
        let mut pieces = text.say("evidence", "format", &[("number", &format!("{:.1}", trace.format))]);
        if let Some((clue, word, worth)) = &trace.context {
            let values = [("word", word.as_ref()), ("number", &format!("{worth:+.1}"))];
            pieces += &text.say("evidence", clue.as_str(), &values);
        }
        if trace.list > 0.0 {
            pieces += &text.say("evidence", "list", &[("number", &format!("{:+.1}", trace.list))]);
        }
        if trace.chance < -0.05 {
            pieces += &text.say("evidence", "chance", &[("number", &format!("{:+.1}", trace.chance))]);
        }
        let total = format!("{:.1}", trace.total);
        Some(text.say("evidence", "sum", &[("value", &value), ("pieces", &pieces), ("total", &total)]))
    }

    fn unread(&self, out: &mut dyn Write) -> io::Result<()> {
        let (unread, text) = (&self.verdict.not_inspected, self.text);
        if unread.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        text.paragraph(out, "", &[(text.style(Style::new().bold()), text.word("unread", "head"))])?;
        for part in unread.iter().take(LISTED) {
            let place = match part.place.as_slice() {
                [] => text.word("place", "message").to_owned(),
                names => self.places.names(names),
            };
            let reason = text.word("unread-reason", part.reason.as_str());
            let what = text.given(&part.what).unwrap_or_else(|| escaped(&part.what).into_owned());
            let entry = text.say("unread", "part", &[("place", &place), ("reason", reason), ("what", &what)]);
            let by_nobody = self
                .verdict
                .attachments
                .iter()
                .any(|file| file.place == part.place && file.seen == Sight::Nobody);
            let entry = if by_nobody {
                text.say("seen", "unread", &[("place", &entry), ("seen", text.word("seen", "by-nobody"))])
            } else {
                entry
            };
            text.paragraph(out, "  ", &[(Style::new(), &entry)])?;
        }
        self.more(out, unread.len())?;
        let pictures_only = unread.iter().all(|part| part.reason == Unread::Image);
        let advice = text.word("unread", if pictures_only { "advice-pictures" } else { "advice" });
        text.paragraph(out, "  ", &[(Style::new(), advice)])
    }

    fn ignored(&self, out: &mut dyn Write) -> io::Result<()> {
        let (ignored, text) = (&self.verdict.ignored, self.text);
        if ignored.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        text.paragraph(out, "", &[(text.dim(), text.word("ignored", "head"))])?;
        for seen in ignored.iter().take(LISTED) {
            let entry = self.seen(seen);
            text.paragraph(out, "  ", &[(text.dim(), &entry)])?;
        }
        self.more(out, ignored.len())
    }

    fn seen(&self, seen: &Seen) -> String {
        let text = self.text;
        let why = match &seen.why {
            Ignored::Zone(zone) => text.word("zone", zone.as_str()).to_owned(),
            Ignored::TestValue => text.word("ignored", "test-value").to_owned(),
            Ignored::Prose => text.word("ignored", "prose").to_owned(),
            Ignored::Released => text.word("ignored", "released").to_owned(),
            Ignored::Internal => text.word("ignored", "internal").to_owned(),
            Ignored::Public => text.word("ignored", "public").to_owned(),
            Ignored::NotPromotional => text.word("ignored", "not-promotional").to_owned(),
            Ignored::Exempt => text.word("ignored", "exempt").to_owned(),
            Ignored::Sender => text.word("ignored", "sender").to_owned(),
            Ignored::Waived(reason) => text.say("ignored", "waived", &[("reason", &escaped(reason))]),
        };
        let message = seen.rule.message.get(text.language);
        text.say("ignored", "one", &[("count", &seen.count.to_string()), ("message", message), ("why", &why)])
    }

    /// Says how many entries of a list are not shown.
    fn more(&self, out: &mut dyn Write, all: usize) -> io::Result<()> {
        if all <= LISTED {
            return Ok(());
        }
        let more = self.text.say("reason", "more", &[("count", &(all - LISTED).to_string())]);
        self.text.paragraph(out, "  ", &[(self.text.dim(), &more)])
    }

    fn next(&self, out: &mut dyn Write) -> io::Result<()> {
        let is_only_obstructed = self.verdict.reasons.is_empty() && self.verdict.is_complete();
        if self.verdict.decision == Decision::Pass || is_only_obstructed {
            return Ok(());
        }
        let key = match self.verdict.reasons.first().map(|reason| &reason.rule.kind) {
            Some(Kind::Entity { .. }) => "values",
            Some(Kind::Lexicon { .. } | Kind::Weighted { .. }) => "terms",
            Some(Kind::Marking(_)) => "marking",
            Some(Kind::Structure { .. }) => "structure",
            None => "unread",
        };
        writeln!(out)?;
        self.text.paragraph(out, "", &[(self.text.style(Style::new().bold()), self.text.word("next", key))])
    }
}

impl Text {
    /// A style, where styles are wanted.
    pub(super) fn style(&self, style: Style) -> Style {
        if self.colour { style } else { Style::new() }
    }

    pub(super) fn dim(&self) -> Style {
        self.style(Style::new().dimmed())
    }

    pub(super) fn decision_style(&self, decision: Decision) -> Style {
        let colour = match decision {
            Decision::Pass => AnsiColor::Green,
            Decision::Review => AnsiColor::Yellow,
            Decision::Reject => AnsiColor::Red,
        };
        self.style(colour.on_default().bold())
    }

    /// Writes pieces of text as one paragraph, wrapped and indented by the width of its label.
    pub(super) fn paragraph(
        &self,
        out: &mut dyn Write,
        label: &str,
        pieces: &[(Style, &str)],
    ) -> io::Result<()> {
        let text: String = pieces.iter().map(|(_, piece)| *piece).collect();
        let indent = " ".repeat(width(label));
        for (number, line) in
            lines(&text, self.width.saturating_sub(indent.len()).max(16)).into_iter().enumerate()
        {
            out.write_all(if number == 0 { label } else { &indent }.as_bytes())?;
            let mut start = 0;
            for (style, piece) in pieces {
                let end = start + piece.len();
                let shown = line.start.clamp(start, end)..line.end.clamp(start, end);
                if !shown.is_empty() {
                    write!(out, "{style}{}{style:#}", &text[shown])?;
                }
                start = end;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests;
