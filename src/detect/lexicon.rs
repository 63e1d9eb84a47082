//! One overlapping Aho-Corasick automaton over every word that any rule knows: terms, allow-phrases, keywords of entities, first characters of keys.
//!
//! Words are found in folded text; edges that are Latin letters or digits must be word edges, Chinese words stand anywhere. A term inside an allow-phrase of
//! its rule does not count, and of terms that overlap the longest counts.

use std::{collections::HashMap, sync::Arc};

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind, automaton::OverlappingState};

use super::{Confidence, Finding, Ignored, Location, Value, Workload, entity::Entities, marking};
use crate::{
    extract,
    normalize::{Text, fold_term},
    policy::{Kind, Policy, Rule},
    span::Span,
};

/// The compiled words of a policy.
#[derive(Debug)]
pub(super) struct Lexicon {
    words: Vec<Word>,
    /// Finds every word.
    all: AhoCorasick,
    /// Finds the words that can stand in ASCII text, with their indices: half as wide, so it stays in the processor's cache.
    ascii: Option<(AhoCorasick, Vec<usize>)>,
    /// Finds where keys may start, with the indices of those words: all that is looked for in links.
    anchors: (AhoCorasick, Vec<usize>),
}

/// A word and the rules that know it.
#[derive(Debug)]
struct Word {
    /// As the first pack writes it.
    text: Arc<str>,
    uses: Vec<Use>,
    /// Whether its edges must be word edges.
    edges: (bool, bool),
}

/// What a word is to a rule.
#[derive(Clone, Copy, Debug)]
struct Use {
    /// Index of the rule; [`EVERY_RULE`] for words that are the same to all.
    rule: usize,
    role: Role,
}

/// Stands for all rules.
const EVERY_RULE: usize = usize::MAX;

/// The part that a word plays in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// What the rule looks for.
    Term,
    /// What the rule looks for, worth twice.
    Strong,
    /// A harmless phrase.
    Allow,
    /// The label of a marking.
    Label,
    /// It names an entity near by.
    Keyword,
    /// It names an entity near by, among other things.
    Hint,
    /// It speaks against an entity near by.
    Negative,
    /// An entity may start here.
    Anchor,
}

/// What a word says about the values of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Speaks {
    /// It names them.
    For,
    /// It names them among other things.
    Hint,
    /// It names what they are mistaken for.
    Against,
    /// It names the values of another rule.
    Other,
}

/// A word in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) span: Span,
    word: usize,
}

impl Lexicon {
    pub(super) fn compile(policy: &Policy, entities: &Entities, workload: Workload) -> Lexicon {
        let mut words = Words::default();
        for word in &policy.scoring.negative_words {
            words.add(word, Use { rule: EVERY_RULE, role: Role::Negative });
        }
        for (index, rule) in policy.rules.iter().enumerate() {
            let mut add = |list: &[String], role| {
                for word in list {
                    words.add(word, Use { rule: index, role });
                }
            };
            match &rule.kind {
                Kind::Lexicon { terms, strong, allow } => {
                    add(terms, Role::Term);
                    add(strong, Role::Strong);
                    add(allow, Role::Allow);
                }
                Kind::Marking { terms, labels, allow } => {
                    add(terms, Role::Term);
                    add(labels, Role::Label);
                    add(allow, Role::Allow);
                }
                Kind::Entity { keywords, hints, negative, .. } => {
                    add(keywords, Role::Keyword);
                    add(hints, Role::Hint);
                    add(negative, Role::Negative);
                    let words: Vec<&String> = keywords.iter().chain(hints).collect();
                    add(&entities.anchors(index, &words), Role::Anchor);
                }
                Kind::Structure { .. } => {}
            }
        }
        let build = |kind, patterns: &[&str]| {
            AhoCorasick::builder()
                .kind(Some(kind))
                .match_kind(MatchKind::Standard)
                .build(patterns)
                .expect("words of a policy are far fewer than the automaton can hold")
        };
        let patterns: Vec<&str> = words.folded.iter().map(String::as_str).collect();
        let (all, ascii) = match workload {
            Workload::Single => (build(AhoCorasickKind::ContiguousNFA, &patterns), None),
            Workload::Batch => {
                let indices: Vec<usize> =
                    (0..patterns.len()).filter(|index| patterns[*index].is_ascii()).collect();
                let ascii: Vec<&str> = indices.iter().map(|index| patterns[*index]).collect();
                (build(AhoCorasickKind::DFA, &patterns), Some((build(AhoCorasickKind::DFA, &ascii), indices)))
            }
        };
        let is_anchor = |index: &usize| words.list[*index].uses.iter().any(|used| used.role == Role::Anchor);
        let indices: Vec<usize> = (0..patterns.len()).filter(is_anchor).collect();
        let anchors: Vec<&str> = indices.iter().map(|index| patterns[*index]).collect();
        let anchors = (build(AhoCorasickKind::ContiguousNFA, &anchors), indices);
        Lexicon { words: words.list, all, ascii, anchors }
    }

    /// Every word of a folded text, by its end.
    pub(super) fn scan(&self, kind: extract::Kind, text: &str, hits: &mut Vec<Hit>) {
        let (automaton, indices) = match &self.ascii {
            _ if kind == extract::Kind::Links => (&self.anchors.0, Some(&self.anchors.1)),
            Some((automaton, indices)) if text.is_ascii() => (automaton, Some(indices)),
            _ => (&self.all, None),
        };
        let input = Input::new(text);
        let mut state = OverlappingState::start();
        loop {
            automaton.find_overlapping(input.clone(), &mut state);
            let Some(found) = state.get_match() else { return };
            let pattern = found.pattern().as_usize();
            let index = indices.map_or(pattern, |indices| indices[pattern]);
            let word = &self.words[index];
            let span = Span::new(found.start(), found.end());
            if (!word.edges.0 || starts_word(text, span.start))
                && (!word.edges.1 || ends_word(text, span.end))
            {
                hits.push(Hit { span, word: index });
            }
        }
    }

    /// The hits that play a part in `rule`.
    pub(super) fn roles(&self, hits: &[Hit], rule: usize) -> impl Iterator<Item = (Span, Role)> {
        hits.iter().flat_map(move |hit| {
            let uses = self.words[hit.word].uses.iter();
            uses.filter(move |used| used.rule == rule).map(move |used| (hit.span, used.role))
        })
    }

    /// What the words of a text say about the values of an entity rule.
    pub(super) fn speaks<'h>(
        &'h self,
        hits: &'h [Hit],
        rule: usize,
    ) -> impl Iterator<Item = (Span, Speaks, &'h Arc<str>)> {
        hits.iter().filter_map(move |hit| {
            let word = &self.words[hit.word];
            let role_of = |of: usize| word.uses.iter().find(|used| used.rule == of).map(|used| used.role);
            let speaks = match role_of(rule) {
                Some(Role::Keyword) => Speaks::For,
                Some(Role::Hint) => Speaks::Hint,
                Some(Role::Negative) => Speaks::Against,
                _ if role_of(EVERY_RULE).is_some() => Speaks::Against,
                _ if word.uses.iter().any(|used| used.role == Role::Keyword) => Speaks::Other,
                _ => return None,
            };
            Some((hit.span, speaks, &word.text))
        })
    }

    /// The hits at which an entity may start, with the rule that looks for it.
    pub(super) fn anchors(&self, hits: &[Hit]) -> impl Iterator<Item = (Span, usize)> {
        hits.iter().flat_map(move |hit| {
            let uses = self.words[hit.word].uses.iter();
            uses.filter(|used| used.role == Role::Anchor).map(move |used| (hit.span, used.rule))
        })
    }

    /// Findings of lexicon and marking rules in a text.
    pub(super) fn findings(
        &self,
        index: usize,
        text: &Text<'_>,
        hits: &[Hit],
        rules: &[Arc<Rule>],
        findings: &mut Vec<Finding>,
    ) {
        let mut terms: Vec<(usize, Span, Role, usize)> = Vec::new();
        let mut allowed: Vec<(usize, Span)> = Vec::new();
        for hit in hits {
            for used in &self.words[hit.word].uses {
                match used.role {
                    Role::Term | Role::Strong => terms.push((used.rule, hit.span, used.role, hit.word)),
                    Role::Allow => allowed.push((used.rule, hit.span)),
                    _ => {}
                }
            }
        }
        if terms.is_empty() {
            return;
        }
        allowed.sort_unstable();
        let longest = allowed.iter().map(|(_, phrase)| phrase.len()).max().unwrap_or(0);
        terms.retain(|(rule, span, ..)| {
            let from =
                allowed.partition_point(|(of, phrase)| (*of, phrase.start + longest) < (*rule, span.end));
            let near =
                allowed[from..].iter().take_while(|(of, phrase)| of == rule && phrase.start <= span.start);
            !near.into_iter().any(|(_, phrase)| phrase.contains(*span))
        });
        // By rule, then place, the longest first where two start together.
        terms.sort_by_key(|(rule, span, ..)| (*rule, span.start, std::cmp::Reverse(span.end)));
        let mut last: Option<(usize, Span)> = None;
        let mut labels: Option<(usize, Vec<Span>)> = None;
        for (rule, span, role, word) in terms {
            if last.is_some_and(|(of, before)| of == rule && before.overlaps(span)) {
                continue;
            }
            last = Some((rule, span));
            let mut finding = Finding {
                rule,
                location: Location::Text { text: index, span },
                confidence: Confidence::High,
                zone: text.zone_at(span.start),
                value: Value::Term(Arc::clone(&self.words[word].text)),
                strength: if role == Role::Strong { 2.0 } else { 1.0 },
                ignored: None,
                evasion: None,
                trace: None,
            };
            if matches!(rules[rule].kind, Kind::Marking { .. }) {
                // Terms come by rule, so the labels of one rule at a time are enough.
                if labels.as_ref().is_none_or(|(of, _)| *of != rule) {
                    let of_rule = self.roles(hits, rule).filter(|(_, role)| *role == Role::Label);
                    labels = Some((rule, of_rule.map(|(span, _)| span).collect()));
                }
                let labels = labels.as_ref().map_or(&[][..], |(_, labels)| labels);
                match marking::form(text, span, labels) {
                    Some(confidence) => finding.confidence = confidence,
                    None => finding.ignored = Some(Ignored::Prose),
                }
            }
            findings.push(finding);
        }
    }
}

/// Words being collected; equal ones are one pattern.
#[derive(Default)]
struct Words {
    list: Vec<Word>,
    folded: Vec<String>,
    by_text: HashMap<String, usize>,
}

impl Words {
    fn add(&mut self, word: &str, used: Use) {
        let folded = if used.role == Role::Anchor { word.to_owned() } else { fold_term(word) };
        if folded.is_empty() {
            return;
        }
        let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_unspaced(c));
        let at_edge = (is_letter(folded.chars().next()), is_letter(folded.chars().next_back()));
        // What an anchor may stand in the middle of, its entity knows.
        let edges = if used.role == Role::Anchor { (false, false) } else { at_edge };
        let key = format!("{}{folded}", if used.role == Role::Anchor { "\0" } else { "" });
        let index = *self.by_text.entry(key).or_insert_with(|| {
            self.list.push(Word { text: Arc::from(word), uses: Vec::new(), edges });
            self.folded.push(folded);
            self.list.len() - 1
        });
        let uses = &mut self.list[index].uses;
        if !uses.iter().any(|have| have.rule == used.rule && have.role == used.role) {
            uses.push(used);
        }
    }
}

/// Whether a word may start at `at`: what stands before is no letter or digit of a script that is written with spaces.
pub(super) fn starts_word(text: &str, at: usize) -> bool {
    match text.as_bytes()[..at].last() {
        None => true,
        Some(byte) if byte.is_ascii() => !byte.is_ascii_alphanumeric() && *byte != b'_',
        Some(_) => text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() || is_unspaced(c)),
    }
}

/// Whether a word may end at `at`.
pub(super) fn ends_word(text: &str, at: usize) -> bool {
    match text.as_bytes().get(at) {
        None => true,
        Some(byte) if byte.is_ascii() => !byte.is_ascii_alphanumeric() && *byte != b'_',
        Some(_) => text[at..].chars().next().is_none_or(|c| !c.is_alphanumeric() || is_unspaced(c)),
    }
}

/// Scripts that are written without spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3fffd}')
}
