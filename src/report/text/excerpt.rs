//! Findings of one rule as lines of the message with carets under what was found. What stands in the same line is one excerpt.

use std::{
    cmp::Reverse,
    collections::HashSet,
    io::{self, Write},
};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstyle::AnsiColor;

use super::{
    Text,
    line::{Stretch, cut, escaped, visible, width, wrap},
    place::Places,
};
use crate::{
    span::Span,
    verdict::{Excerpt, Found, Matched},
};

/// Findings of a rule that are shown.
const SHOWN: usize = 5;
/// Excerpts of a rule of terms that are shown.
const SHOWN_OF_TERMS: usize = 3;
/// The mark that a verdict puts where it cut a line.
const CUT: char = '…';
/// So many characters in common tell that two pieces are of the same line.
const ANCHOR: usize = 16;

/// Findings in one line of text.
#[derive(Debug)]
struct Shown<'v> {
    /// Findings with their places in `line`, from left to right.
    findings: Vec<(&'v Found, Span)>,
    /// Empty where there is no line to show.
    line: Stretch,
}

/// Shows findings of one rule.
#[derive(Debug)]
pub(super) struct Excerpts<'v> {
    /// Name of the message's file, escaped.
    pub(super) name: &'v str,
    /// Words for places.
    pub(super) places: &'v Places<'v>,
    /// How the report is to look.
    pub(super) text: &'v Text,
    /// How grave the rule is, by colour.
    pub(super) level: Level<'static>,
}

impl Excerpts<'_> {
    /// Writes the most telling findings in reading order; returns how many it shows.
    pub(super) fn write(&self, out: &mut dyn Write, findings: &[&Found]) -> io::Result<usize> {
        let are_terms = findings.iter().any(|found| matches!(found.value, Matched::Term(_)));
        let one_each: Vec<Shown<'_>> = findings.iter().map(|found| Shown::new(found)).collect();
        let shown = if are_terms {
            // A term is public: where else it stands says nothing new.
            most_telling(self.join(one_each), SHOWN_OF_TERMS, false)
        } else {
            self.join(most_telling(one_each, SHOWN, true))
        };
        let gutter = shown.iter().map(Shown::gutter).max().unwrap_or(0);
        for excerpt in &shown {
            self.write_one(out, excerpt, gutter)?;
        }
        Ok(shown.iter().map(|excerpt| excerpt.findings.len()).sum())
    }

    /// Puts findings of the same line together, as far as the line holds them.
    fn join<'v>(&self, shown: Vec<Shown<'v>>) -> Vec<Shown<'v>> {
        let mut joined: Vec<Shown<'v>> = Vec::new();
        for next in shown {
            let columns = self.columns(next.gutter()).saturating_sub(1 + width(&self.label(&next)));
            let apart = match joined.last_mut() {
                Some(last) => last.join(next, columns).err(),
                None => Some(next),
            };
            joined.extend(apart);
        }
        joined
    }

    /// Columns for a line of text behind its number.
    fn columns(&self, gutter: usize) -> usize {
        self.text.width.saturating_sub(gutter + 3).max(16)
    }

    fn write_one(&self, out: &mut dyn Write, shown: &Shown<'_>, gutter: usize) -> io::Result<()> {
        let first = shown.findings[0].0;
        let origin = match first.position {
            Some((line, column)) => format!("{}:{line}:{column}", self.name),
            None => self.name.to_owned(),
        };
        let mut place = self.places.words(first);
        if shown.line.text.is_empty() {
            let value = self.bare(first);
            place = Some(match place {
                Some(place) => self.text.say("place", "at", &[("one", &place), ("other", &value)]),
                None => value,
            });
        }
        let arrow = self.text.style(AnsiColor::BrightBlue.on_default().bold());
        let indent = " ".repeat(gutter);
        let fits = |place: &String| gutter + 4 + width(&origin) + 2 + width(place) <= self.text.width;
        match &place {
            Some(place) if fits(place) => {
                let origin = self.text.say("place", "at", &[("one", &origin), ("other", place)]);
                writeln!(out, "{indent}{arrow}-->{arrow:#} {origin}")?;
            }
            Some(place) => {
                writeln!(out, "{indent}{arrow}-->{arrow:#} {origin}")?;
                for line in wrap(place, self.text.width.saturating_sub(gutter + 4)) {
                    writeln!(out, "{indent}    {line}")?;
                }
            }
            None => writeln!(out, "{indent}{arrow}-->{arrow:#} {origin}")?,
        }
        if shown.line.text.is_empty() { Ok(()) } else { self.write_line(out, shown, gutter) }
    }

    fn write_line(&self, out: &mut dyn Write, shown: &Shown<'_>, gutter: usize) -> io::Result<()> {
        let columns = self.columns(gutter);
        let label = self.label(shown);
        let window = shown.line.window(shown.hull(), 1 + width(&label), columns);
        let last = shown.findings.len() - 1;
        let carets = shown.findings.iter().enumerate().map(|(index, (_, span))| {
            let span = window.place(*span);
            let caret = AnnotationKind::Primary.span(span.start..span.end);
            caret.label((index == last && window.labelled).then_some(label.as_str()))
        });
        let line = shown.number();
        let group = Group::with_level(self.level.clone()).element(
            Snippet::source(window.text.as_str())
                .line_start(line.unwrap_or(1))
                .line_numbering(line.is_some())
                .annotations(carets),
        );
        let renderer = if self.text.colour { Renderer::styled() } else { Renderer::plain() };
        let rendered = renderer.term_width(usize::from(u16::MAX)).render(&[group]);
        let indent = " ".repeat(gutter - shown.gutter());
        // The first line is a spacer.
        for line in rendered.lines().skip(1) {
            writeln!(out, "{indent}{}", line.trim_end())?;
        }
        if !window.labelled {
            let indent = " ".repeat(gutter + 3);
            for line in wrap(&label, columns) {
                writeln!(out, "{indent}{line}")?;
            }
        }
        Ok(())
    }

    /// What stands behind the last caret.
    fn label(&self, shown: &Shown<'_>) -> String {
        let confidence = &self.confidence(shown.findings[0].0);
        let values: Vec<String> = shown
            .findings
            .iter()
            .filter_map(|(found, _)| match &found.value {
                Matched::Private { canonical, .. } if self.text.show_matches => {
                    Some(cut(&escaped(canonical), self.text.width).into_owned())
                }
                _ => None,
            })
            .collect();
        if values.is_empty() {
            return confidence.to_owned();
        }
        self.text.say("label", "match", &[("confidence", confidence), ("value", &values.join(" "))])
    }

    /// How sure a finding is, and how it was disguised.
    fn confidence(&self, found: &Found) -> String {
        let confidence = self.text.word("confidence", found.confidence.as_str());
        let Some(evasion) = found.evasion else { return confidence.to_owned() };
        let evasion = self.text.word("evasion", evasion.as_str());
        self.text.say("label", "disguised", &[("confidence", confidence), ("evasion", evasion)])
    }

    /// What a finding says that has no line of text.
    fn bare(&self, found: &Found) -> String {
        let confidence = &self.confidence(found);
        let value = match &found.value {
            Matched::Private { canonical, .. } if self.text.show_matches => cut(canonical, self.text.width),
            Matched::Private { masked, .. } => masked.into(),
            Matched::Term(term) => term.as_ref().into(),
            Matched::None => return confidence.to_owned(),
        };
        self.text.say("label", "bare", &[("value", &escaped(&value)), ("confidence", confidence)])
    }
}

impl<'v> Shown<'v> {
    fn new(found: &'v Found) -> Shown<'v> {
        let Some(Excerpt { line, span }) = &found.excerpt else {
            let line = Stretch { text: String::new(), cut: (false, false) };
            return Shown { findings: vec![(found, Span::default())], line };
        };
        let mark = CUT.len_utf8();
        let lead = line.starts_with(CUT) && span.start >= mark;
        let trail = line.ends_with(CUT) && span.end + mark <= line.len();
        let (from, end) = (if lead { mark } else { 0 }, line.len() - if trail { mark } else { 0 });
        let (text, span) = visible(&line[from..end], Span::new(span.start - from, span.end - from));
        Shown { findings: vec![(found, span)], line: Stretch { text, cut: (lead, trail) } }
    }

    /// Raw line number.
    fn number(&self) -> Option<usize> {
        self.findings[0].0.position.map(|(line, _)| line)
    }

    /// Columns of the line number.
    fn gutter(&self) -> usize {
        self.number().map_or(1, |number| number.to_string().len())
    }

    fn hull(&self) -> Span {
        let last = self.findings.len() - 1;
        Span::new(self.findings[0].1.start, self.findings[last].1.end)
    }

    /// Where what is known of the line of `next`, a later finding, begins in this one's; `None` where that is another line.
    fn offset(&self, next: &Shown<'v>) -> Option<usize> {
        let (one, other) = (self.findings[0].0, next.findings[0].0);
        let (line, more, span) = (&self.line.text, &next.line.text, next.findings[0].1);
        let kind =
            |found: &'v Found| (&found.part, &found.place, found.zone, found.confidence, found.evasion);
        if kind(one) != kind(other) || span.is_empty() {
            return None;
        }
        // Where one ends before the other, it must be because it was cut.
        let agree = |offset: &usize| {
            let rest = &line[*offset..];
            offset + span.start >= self.hull().end
                && (rest == more
                    || (rest.starts_with(more.as_str()) && next.line.cut.1)
                    || (more.starts_with(rest) && self.line.cut.1))
        };
        if next.line.cut.0 {
            let anchor = more.char_indices().nth(ANCHOR).map(|(end, _)| &more[..end])?;
            line.match_indices(anchor).map(|(offset, _)| offset).find(agree)
        } else {
            Some(0).filter(|_| !self.line.cut.0).filter(agree)
        }
    }

    /// Takes up a later finding of the same line if both fit into `columns`; else gives it back.
    fn join(&mut self, next: Shown<'v>, columns: usize) -> Result<(), Shown<'v>> {
        let Some(offset) = self.offset(&next) else { return Err(next) };
        let is_longer = offset + next.line.text.len() > self.line.text.len();
        let text = if is_longer {
            self.line.text[..offset].to_owned() + &next.line.text
        } else {
            self.line.text.clone()
        };
        let moved = |span: Span| Span::new(span.start + offset, span.end + offset);
        if width(&text[self.hull().start..moved(next.findings[0].1).end]) > columns {
            return Err(next);
        }
        self.line.text = text;
        if is_longer {
            self.line.cut.1 = next.line.cut.1;
        }
        self.findings.extend(next.findings.into_iter().map(|(found, span)| (found, moved(span))));
        Ok(())
    }
}

/// The excerpts that show the most different values, the surest first, and where they stand `again`; in reading order.
fn most_telling(shown: Vec<Shown<'_>>, limit: usize, again: bool) -> Vec<Shown<'_>> {
    let mut seen: HashSet<&Matched> = HashSet::new();
    let mut rest: Vec<(usize, Shown<'_>)> = shown.into_iter().enumerate().collect();
    let mut chosen = Vec::with_capacity(limit);
    while chosen.len() < limit {
        let worth = |(index, shown): &(usize, Shown<'_>)| {
            let values: HashSet<&Matched> = shown.findings.iter().map(|(found, _)| &found.value).collect();
            let surest = shown.findings.iter().map(|(found, _)| found.confidence).max();
            (values.difference(&seen).count(), surest, Reverse(*index))
        };
        let best = (0..rest.len()).map(|at| (worth(&rest[at]), at)).max();
        let Some((_, best)) = best.filter(|((new, ..), _)| again || *new > 0) else { break };
        let taken = rest.remove(best);
        seen.extend(taken.1.findings.iter().map(|(found, _)| &found.value));
        chosen.push(taken);
    }
    chosen.sort_by_key(|(index, _)| *index);
    chosen.into_iter().map(|(_, shown)| shown).collect()
}
