//! Texts in, [`Candidate`]s out: every place where an entity of the policy has a value that passes its check.
//!
//! Patterns of values that are nothing without a name have an automaton of their own, which runs only in texts that name one. What is too short for any value
//! meets no automaton.

use std::{collections::HashSet, fmt, sync::Arc};

use super::{
    ENTITIES, Entity, Others, Reading, Trigger,
    candidate::{Candidate, Candidates},
    disguise::{self, Chain, Decoded},
    machine::{Active, Machine, Search},
    neighbours::{in_locator, stands_alone},
    runs::Runs,
    site::Site,
};
use crate::{
    detect::{
        Clue, Evasion, Values,
        lexicon::{Hit, Lexicon},
    },
    error::PolicyError,
    extract,
    normalize::{Text, fold_term},
    policy::{Kind, Policy},
    span::{Span, ceil_boundary, floor_boundary},
};

/// The words of a text.
#[derive(Clone, Copy)]
pub(in crate::detect) struct Words<'w, 'l> {
    pub(in crate::detect) hits: &'w [Hit],
    pub(in crate::detect) lexicon: &'l Lexicon,
    /// Rules whose values the subject names.
    pub(in crate::detect) named: &'w [bool],
}

/// The entities that a policy looks for, compiled.
pub(in crate::detect) struct Entities {
    active: Vec<Active>,
    /// Patterns of values that are something by themselves.
    firm: Machine,
    /// The same, and patterns of values that must be named.
    all: Machine,
    /// By rule, whether it looks for patterns.
    has_pattern: Vec<bool>,
    /// Entities that are met by an `@`.
    addresses: Vec<Active>,
    year: Option<u16>,
}

impl fmt::Debug for Entities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.active.iter().map(|active| active.entity.name)).finish()
    }
}

impl Entities {
    /// Compiles the entities of a policy's rules.
    pub(in crate::detect) fn compile(policy: &Policy) -> Result<Entities, PolicyError> {
        let mut active = Vec::new();
        for (index, rule) in policy.rules.iter().enumerate() {
            if let Kind::Entity { entity, needs_context, .. } = &rule.kind {
                let known = ENTITIES
                    .iter()
                    .find(|known| known.name == entity)
                    .ok_or_else(|| rule.unknown("entity", entity, ENTITIES.iter().map(|known| known.name)))?;
                active.push(Active { rule: index, entity: known, needs_context: *needs_context });
            }
        }
        let is_pattern = |active: &Active| matches!(active.entity.trigger, Trigger::Pattern(_));
        let patterns: HashSet<usize> =
            active.iter().filter(|active| is_pattern(active)).map(|active| active.rule).collect();
        Ok(Entities {
            firm: Machine::new(&active, |active| !active.needs_context),
            all: Machine::new(&active, |_| true),
            has_pattern: (0..policy.rules.len()).map(|rule| patterns.contains(&rule)).collect(),
            addresses: active.iter().filter(|a| matches!(a.entity.trigger, Trigger::At)).copied().collect(),
            active,
            year: policy.year,
        })
    }

    /// The fixed characters by which values of a rule's entity are met; `words` are the keywords and hints of the rule.
    pub(in crate::detect) fn anchors(&self, rule: usize, words: &[&String]) -> Vec<String> {
        match self.of_rule(rule).map(|active| &active.entity.trigger) {
            Some(Trigger::Literal(literals)) => literals(),
            Some(Trigger::Words | Trigger::Column(_)) => words.iter().map(|word| fold_term(word)).collect(),
            _ => Vec::new(),
        }
    }

    fn of_rule(&self, rule: usize) -> Option<&Active> {
        // Rules come in ascending order.
        self.active.binary_search_by_key(&rule, |active| active.rule).ok().map(|at| &self.active[at])
    }

    /// Finds every candidate in a text.
    pub(in crate::detect) fn scan<'l>(
        &self,
        index: usize,
        text: &Text<'_>,
        words: Words<'_, 'l>,
        candidates: &mut Candidates<'l>,
    ) {
        let folded = &text.folded;
        let Candidates { list, values, failed, named } = candidates;
        named.clear();
        named.extend_from_slice(words.named);
        words.lexicon.named(words.hits, named);
        let before = list.len();
        let mut sink = Sink { text, index, year: self.year, named: &*named, list, values };
        for (span, rule) in words.lexicon.anchors(words.hits) {
            if let Some(active) = self.of_rule(rule) {
                sink.examine(*active, span, span.of_str(folded), None);
            }
        }
        if text.zoned.segment.kind == extract::Kind::Links {
            // Numbers in link targets are no findings; keys are, and were found above.
            return;
        }
        self.at_signs(folded, &mut sink);
        let has_named = sink.named.iter().zip(&self.has_pattern).any(|(named, pattern)| *named && *pattern);
        let mut search = self.search(has_named);
        search.only(|active| sink.wants(*active));
        let (mut missed, mut held) = (Vec::new(), 0);
        let mut runs = Runs::new(folded);
        let mut decoded_to = 0;
        while let Some((start, end)) = runs.next() {
            let can_end = |end| stands_alone(folded, Span::new(start, end));
            search.longest_ending(folded, start, can_end, |active, end| {
                let span = Span::new(start, end);
                // Readings come by rule: one that fails is forgotten where a shorter one holds.
                missed.retain(|rule| *rule != active.rule);
                let holds = sink.examine(active, span, span.of_str(folded), None);
                if holds {
                    held = held.max(end);
                } else {
                    missed.push(active.rule);
                }
                holds
            });
            // The tail of a value is no value that failed.
            missed.drain(..).filter(|_| start >= held).for_each(|rule| failed.count(rule));
            if start >= decoded_to {
                decoded_to = self.encoded(Span::new(start, end), words.lexicon, &mut sink);
            }
        }
        if has_named {
            let known = Known::new(&sink.list[before..], before);
            search.only(|active| sink.names(active.rule));
            for window in windows(text, words) {
                disguise::chains(folded, window, |chain| disguised(&mut search, chain, &known, &mut sink));
            }
        }
    }

    /// Finds a number that begins at the end of the subject and ends at the start of the text.
    pub(in crate::detect) fn scan_across(
        &self,
        texts: &[Text<'_>],
        named: &[bool],
        candidates: &mut Candidates<'_>,
    ) {
        let of =
            |kind: &[extract::Kind]| texts.iter().position(|text| kind.contains(&text.zoned.segment.kind));
        let (Some(subject), Some(body)) =
            (of(&[extract::Kind::Subject]), of(&[extract::Kind::Plain, extract::Kind::Html]))
        else {
            return;
        };
        let Some((digits, span)) = disguise::across(&texts[subject].folded, &texts[body].folded) else {
            return;
        };
        let text = &texts[subject];
        let Candidates { list, values, .. } = candidates;
        let mut sink = Sink { text, index: subject, year: self.year, named, list, values };
        let disguise = Disguise { is_whole: true, ..Disguise::of(Evasion::SubjectAndText) };
        self.search(!named.is_empty()).longest(&digits, 0, |active, len| {
            len == digits.len() && sink.examine(active, span, &digits, Some(&disguise))
        });
    }

    /// Looks for values that are something by themselves, and for those that must be named where some are.
    fn search(&self, has_named: bool) -> Search<'_> {
        Search::new(if has_named { &self.all } else { &self.firm })
    }

    /// Finds values in what the text around a run of letters and digits decodes to; returns where that text ends. What is decoded may name its values itself.
    fn encoded<'w>(&self, run: Span, lexicon: &'w Lexicon, sink: &mut Sink<'_, '_, 'w>) -> usize {
        let Some(decoded) = disguise::decoded(sink.text, run) else { return 0 };
        let Decoded { plain, span } = &decoded;
        // What a link carries is no text.
        if in_locator(sink.text.folded.as_bytes(), *span) {
            return span.end;
        }
        let mut hits = Vec::new();
        lexicon.scan(extract::Kind::Plain, plain, &mut hits, |_, _| {});
        let mut named = sink.named.to_vec();
        lexicon.named(&hits, &mut named);
        let mut inner = Sink { named: &named, list: &mut *sink.list, values: &mut *sink.values, ..*sink };
        let mut search = self.search(true);
        let mut runs = Runs::new(plain);
        while let Some((start, _)) = runs.next() {
            search.longest(plain, start, |active, end| {
                let value = Span::new(start, end);
                if !inner.names(active.rule) || !stands_alone(plain, value) {
                    return false;
                }
                let word = lexicon.name_of(&hits, active.rule);
                let is_whole = decoded.is_bare() || word.is_some();
                let disguise = Disguise { is_whole, word, ..Disguise::of(Evasion::Encoded) };
                inner.examine(active, *span, value.of_str(plain), Some(&disguise))
            });
        }
        span.end
    }

    /// Examines every `@`.
    fn at_signs(&self, folded: &str, sink: &mut Sink<'_, '_, '_>) {
        for at in memchr::memchr_iter(b'@', folded.as_bytes()) {
            // Several rules look for the same addresses.
            for same in self.addresses.chunk_by(|a, b| std::ptr::eq(a.entity, b.entity)) {
                let reading = sink.read(same[0].entity, Span::new(at, at + 1), "@");
                let Some(reading) = reading else { continue };
                for active in same {
                    if sink.wants(*active) {
                        sink.keep(*active, &reading, None);
                    }
                }
            }
        }
    }
}

/// Where values in disguise are looked for: they must be named, so around every name; and in all of a text with tables, whose headings name from afar.
fn windows(text: &Text<'_>, words: Words<'_, '_>) -> Vec<Span> {
    let folded = &text.folded;
    if !text.zoned.segment.cells.is_empty() {
        return vec![Span::new(0, folded.len())];
    }
    let mut windows: Vec<Span> = Vec::new();
    for name in Lexicon::names(words.hits) {
        let start = floor_boundary(folded, name.start.saturating_sub(NAMED_WITHIN));
        let end = ceil_boundary(folded, name.end + NAMED_WITHIN);
        // Hits come by their ends, so windows come nearly by their starts.
        match windows.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => windows.push(Span::new(start, end)),
        }
    }
    windows
}

/// A name further off than this does not stand near by, bytes.
const NAMED_WITHIN: usize = 200;

/// Candidates of a text that are values as they stand, by rule and place.
struct Known(Vec<u32>);

impl Known {
    /// `list` begins at index `before` of all candidates.
    fn new(list: &[Candidate<'_>], before: usize) -> Known {
        // What has no index of 32 bits is looked at once more, which is no harm.
        let indices = (0..list.len()).map_while(|index| u32::try_from(before + index).ok());
        let mut known: Vec<u32> = indices.collect();
        let place = |one: &Candidate<'_>| (one.rule(), one.span);
        known.sort_unstable_by_key(|index| place(&list[*index as usize - before]));
        Known(known)
    }

    fn contains(&self, list: &[Candidate<'_>], rule: usize, span: Span) -> bool {
        let place = |index: &u32| (list[*index as usize].rule(), list[*index as usize].span);
        self.0.binary_search_by_key(&(rule, span), place).is_ok()
    }
}

/// Finds values in a chain, from each of its atoms on; all but those that are `known` as they stand.
fn disguised(search: &mut Search<'_>, chain: &Chain, known: &Known, sink: &mut Sink<'_, '_, '_>) {
    let folded = &sink.text.folded;
    for (first, reading) in chain.readings() {
        // What stands there as it is read is in no disguise.
        let is_hidden = |span: Span, len: usize| span.of_str(folded) != &reading[..len];
        let can_end = |len| {
            let span = chain.piece(first, len).map(|piece| piece.span());
            span.is_some_and(|span| is_hidden(span, len) && stands_alone(folded, span))
        };
        search.longest_ending(reading, 0, can_end, |active, len| {
            let Some(piece) = chain.piece(first, len).filter(|_| sink.names(active.rule)) else {
                return false;
            };
            let (span, value) = (piece.span(), &reading[..len]);
            if known.contains(sink.list, active.rule, span) {
                return false;
            }
            let evasion = disguise::evasion(folded, span, value);
            let is_spread = matches!(evasion, Evasion::Separators | Evasion::Cells | Evasion::LineBreaks);
            let is_whole = piece.is_whole(folded);
            let is_loose = is_spread && !piece.is_even(folded);
            let least = match () {
                () if piece.goes_on(folded) || piece.runs_on(folded) => SURE,
                () if is_loose && !is_whole => FIRM,
                () if evasion == Evasion::LookAlikes && disguise::is_guessed(folded, span, value) => CHECKED,
                () => f64::MIN,
            };
            let disguise = Disguise { least, is_whole, is_loose, ..Disguise::of(evasion) };
            sink.examine(active, span, value, Some(&disguise))
        });
    }
}

/// How a value is disguised, and what is known of it thereby.
struct Disguise<'w> {
    evasion: Evasion,
    /// What format and checksum must be worth.
    least: f64,
    /// Whether it is all that there is to read.
    is_whole: bool,
    /// Whether its pieces are spread unevenly.
    is_loose: bool,
    /// What names it from within.
    word: Option<&'w Arc<str>>,
}

impl Disguise<'_> {
    fn of(evasion: Evasion) -> Self {
        Disguise { evasion, least: f64::MIN, is_whole: false, is_loose: false, word: None }
    }
}

/// Where the candidates of a text go.
struct Sink<'s, 't, 'w> {
    text: &'s Text<'t>,
    index: usize,
    year: Option<u16>,
    /// Rules that a word of the text names the values of.
    named: &'s [bool],
    list: &'s mut Vec<Candidate<'w>>,
    values: &'s mut Values,
}

/// Format and checksum of a number that cannot be another one grouped otherwise.
const FIRM: f64 = 2.0;

/// And of one whose check leaves little to chance.
const CHECKED: f64 = 0.8;

/// And of one that cannot be a part of a row of numbers.
const SURE: f64 = 4.0;

impl<'w> Sink<'_, '_, 'w> {
    /// Whether a word of the text names the values of a rule.
    fn names(&self, rule: usize) -> bool {
        self.named.get(rule).is_some_and(|named| *named)
    }

    /// Whether values of an entity can count in this text.
    fn wants(&self, active: Active) -> bool {
        !active.needs_context || self.names(active.rule)
    }

    /// Checks a possible value, and keeps it if it passes.
    fn examine(&mut self, active: Active, span: Span, value: &str, disguise: Option<&Disguise<'w>>) -> bool {
        if !self.wants(active) {
            return false;
        }
        let Some(reading) = self.read(active.entity, span, value) else { return false };
        if disguise.is_some_and(|disguise| reading.bits < disguise.least) {
            return false;
        }
        self.keep(active, &reading, disguise);
        if let Trigger::Column(Others(others)) = &active.entity.trigger {
            let site = Site { text: self.text, span, value, year: self.year };
            for reading in others(&site, &reading) {
                self.keep(active, &reading, disguise);
            }
        }
        true
    }

    /// Checks a possible value.
    fn read(&self, entity: &Entity, span: Span, value: &str) -> Option<Reading> {
        let site = Site { text: self.text, span, value, year: self.year };
        (entity.examine)(&site)
    }

    fn keep(&mut self, active: Active, reading: &Reading, disguise: Option<&Disguise<'w>>) {
        let value = self.values.keep(&reading.canonical, active.entity.mask);
        let mut candidate = Candidate::new(active.rule, self.index, reading.span, value);
        candidate.bits = reading.bits;
        if let Some(disguise) = disguise {
            candidate.evasion = Some(disguise.evasion);
            candidate.is_disguised = true;
            candidate.is_whole = disguise.is_whole;
            candidate.needs_label = disguise.is_loose && reading.bits < FIRM;
            candidate.set_context(disguise.word.map(|word| (Clue::Near, word)));
        }
        self.list.push(candidate);
    }
}
