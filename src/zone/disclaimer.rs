//! Disclaimers: paragraphs in which several families of legal cues come together.
//!
//! One family is ordinary prose ("please keep this confidential"); three, or two beside "this e-mail", are boilerplate.

use aho_corasick::{AhoCorasick, AhoCorasickKind, packed};
use serde::Deserialize;

use super::{Line, Zone};
use crate::span::Span;

/// Cues of one family.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    /// Its name, for readers of the file.
    #[allow(dead_code, reason = "names the family for readers of the file")]
    family: String,
    cues: Vec<String>,
}

/// What else makes a disclaimer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    /// How a disclaimer speaks of the message.
    self_reference: Vec<String>,
    /// Stems of which every disclaimer holds one, in the cases that occur. Text without them is not looked at.
    stems: Vec<String>,
}

/// Finds disclaimers.
#[derive(Debug)]
pub(super) struct Disclaimers {
    /// Finds the stems in ASCII text, and in all text.
    stems: [Option<packed::Searcher>; 2],
    cues: AhoCorasick,
    /// Family of each cue; the self references are the last family.
    families: Vec<usize>,
    self_reference: usize,
}

/// A unit of text longer than this is taken line by line, bytes.
const LONG_PARAGRAPH: usize = 2_500;
/// A heading is no longer, in characters.
const HEADING: usize = 48;
/// How far apart lines may be to belong to one disclaimer, bytes.
const REACH: usize = 700;

impl Disclaimers {
    pub(super) fn new(families: &[Family], rules: &Rules) -> Disclaimers {
        let self_reference = families.len();
        let cues: Vec<(usize, &str)> = families
            .iter()
            .enumerate()
            .flat_map(|(index, family)| family.cues.iter().map(move |cue| (index, cue.as_str())))
            .chain(rules.self_reference.iter().map(|cue| (self_reference, cue.as_str())))
            .collect();
        Disclaimers {
            stems: [
                packed::Searcher::new(rules.stems.iter().filter(|stem| stem.is_ascii())),
                packed::Searcher::new(&rules.stems),
            ],
            cues: AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .build(cues.iter().map(|(_, cue)| cue))
                .expect("a few hundred short cues always fit"),
            families: cues.iter().map(|(family, _)| *family).collect(),
            self_reference,
        }
    }

    /// Marks the lines of `text` that are disclaimers. `wrapped`: a paragraph runs over lines and ends at a blank one.
    pub(super) fn mark(&self, text: &str, lines: &mut [Line<'_>], wrapped: bool) {
        let Some(stems) = &self.stems[usize::from(!text.is_ascii())] else { return };
        let stems: Vec<usize> = stems.find_iter(text).map(|stem| stem.start()).collect();
        if stems.is_empty() {
            return;
        }
        let units = units(lines, wrapped);
        let near_stem = |unit: &Unit| {
            let next = stems.partition_point(|stem| *stem + 2 * REACH < unit.span.start);
            stems.get(next).is_some_and(|stem| *stem < unit.span.end + 2 * REACH)
        };
        let cues: Vec<Vec<usize>> = units
            .iter()
            .map(|unit| if near_stem(unit) { self.families_in(unit.span.of_str(text)) } else { Vec::new() })
            .collect();
        let mut is_disclaimer = vec![false; units.len()];
        for index in 0..units.len() {
            if cues[index].is_empty() {
                continue;
            }
            let near = |other: &usize| {
                let gap = units[*other].span.start.abs_diff(units[index].span.start);
                *other == index || (gap <= REACH && units[*other].span.len() <= REACH)
            };
            // Units ascend, so those within reach are neighbours.
            let from = units.partition_point(|unit| unit.span.start + REACH < units[index].span.start);
            let to = units.partition_point(|unit| unit.span.start <= units[index].span.start + REACH);
            let mut together: Vec<usize> =
                (from..to).filter(near).flat_map(|other| cues[other].iter().copied()).collect();
            together.sort_unstable();
            together.dedup();
            let refers = together.contains(&self.self_reference);
            let families = together.len() - usize::from(refers);
            is_disclaimer[index] = families >= 3 || (families >= 2 && refers);
        }
        // A heading belongs to the disclaimer that it stands at; a marking elsewhere in the text is none.
        let is_heading: Vec<bool> = units
            .iter()
            .zip(&cues)
            .map(|(unit, cues)| {
                let said = unit.span.of_str(text).trim();
                cues.len() == 1
                    && said.chars().take(HEADING + 1).count() <= HEADING
                    && !said.ends_with(['.', '。', '！', '!'])
            })
            .collect();
        let is_core: Vec<bool> =
            is_disclaimer.iter().zip(&is_heading).map(|(is, heading)| *is && !heading).collect();
        let (mut above, mut below) = (is_core.clone(), is_core);
        for index in 1..units.len() {
            above[index] |= is_disclaimer[index] && above[index - 1];
            let index = units.len() - 1 - index;
            below[index] |= is_disclaimer[index] && below[index + 1];
        }
        for index in (0..units.len()).filter(|index| above[*index] || below[*index]) {
            let unit = &units[index];
            for line in &mut lines[unit.first..=unit.last] {
                line.zone = Zone::Disclaimer;
            }
        }
    }

    /// Families of cues in a paragraph.
    fn families_in(&self, paragraph: &str) -> Vec<usize> {
        if paragraph.is_ascii() {
            let words = paragraph.split_ascii_whitespace().map(|word| word.trim_start_matches('>'));
            let mut folded = String::with_capacity(paragraph.len());
            for word in words {
                folded.push_str(word);
                folded.push(' ');
            }
            folded.make_ascii_lowercase();
            return self.families(&folded);
        }
        let mut folded = String::with_capacity(paragraph.len());
        for word in paragraph.split_whitespace() {
            if !folded.is_empty() && (word.is_ascii() || folded.ends_with(|c: char| c.is_ascii())) {
                folded.push(' ');
            }
            folded.extend(word.trim_start_matches('>').chars().flat_map(char::to_lowercase));
        }
        self.families(&folded)
    }

    /// Families of cues in folded text.
    fn families(&self, folded: &str) -> Vec<usize> {
        let mut families: Vec<usize> = self
            .cues
            .find_overlapping_iter(folded)
            .map(|hit| self.families[hit.pattern().as_usize()])
            .collect();
        families.sort_unstable();
        families.dedup();
        families
    }
}

/// A paragraph: its lines, first and last.
pub(super) struct Unit {
    pub(super) span: Span,
    pub(super) first: usize,
    pub(super) last: usize,
}

/// Paragraphs of wrapped text; single lines of text that is not wrapped and of paragraphs that are too long to be one disclaimer.
pub(super) fn units(lines: &[Line<'_>], wrapped: bool) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut open = false;
    for (at, line) in lines.iter().enumerate() {
        if line.text.bytes().all(|byte| matches!(byte, b'>' | b' ' | b'\t' | b'*' | b'-' | b'=' | b'_')) {
            open = false;
            continue;
        }
        match units.last_mut() {
            Some(unit) if open && wrapped && unit.span.len() < LONG_PARAGRAPH => {
                unit.span.end = line.span.end;
                unit.last = at;
            }
            _ => units.push(Unit { span: line.span, first: at, last: at }),
        }
        open = true;
    }
    units
}
