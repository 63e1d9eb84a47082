//! Every word that any rule knows: terms, allow-phrases, keywords of entities, first characters of keys, found in one pass over a text.
//!
//! Words are found in folded text; edges that are Latin letters or digits must be word edges, Chinese words stand anywhere. A term inside an allow-phrase of its
//! rule does not count, and of terms that overlap the longest counts.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    Confidence, Finding, Ignored, Location, Value,
    commercial::{self, Said, SaidOf},
    entity::{Entities, TOKENS},
    feature, marking,
    sentence::is_exempt,
    weights::{Present, Weights},
    word_index::{Indexed, Place, WordIndex},
};
use crate::{
    extract,
    normalize::{Text, fold_term},
    policy::{Kind, Policy},
    span::Span,
    zone::Zone,
};

/// The compiled words of a policy.
#[derive(Debug)]
pub(super) struct Lexicon {
    words: Vec<Word>,
    /// Of each word in turn what it is to the rules.
    uses: Vec<Use>,
    /// Each word as a pack writes it.
    texts: Vec<Arc<str>>,
    /// Finds every word.
    all: WordIndex,
    /// Finds where keys may start: all that is looked for in links.
    anchors: WordIndex,
}

/// What is asked of a word wherever it stands. Texts are full of words, so this is small, and the rest is kept apart.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    /// Where its uses start and end.
    uses: (u32, u32),
    roles: Roles,
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
/// Stands for none.
const NO_RULE: usize = usize::MAX - 1;

/// The part that a word plays in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// What the rule looks for.
    Term,
    /// What the rule looks for, worth twice.
    Strong,
    /// It has a weight of its own: its number among [`Weights`].
    Weighted(u32),
    /// A harmless phrase.
    Allow,
    /// What it is to a marking rule.
    Marking(marking::Role),
    /// It excuses what the rule looks for in its sentence.
    Exempt,
    /// It names an entity near by.
    Keyword,
    /// It names an entity near by, among other things.
    Hint,
    /// It speaks against an entity near by.
    Negative,
    /// An entity may start here.
    Anchor,
    /// Commercial mail says so, as the law asks.
    Asked,
    /// Those say so who work on advertising; the number of the word.
    Talk(u32),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) span: Span,
    word: u32,
    roles: Roles,
}

/// What a word is to any rule, a bit each: most words are nothing to most of those who ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Roles(u8);

impl Roles {
    const TERM: Roles = Roles(1);
    const MARKING: Roles = Roles(1 << 1);
    const KEYWORD: Roles = Roles(1 << 2);
    const HINT: Roles = Roles(1 << 3);
    const NEGATIVE: Roles = Roles(1 << 4);
    const ANCHOR: Roles = Roles(1 << 5);
    const SAID: Roles = Roles(1 << 6);
    const WEIGHTED: Roles = Roles(1 << 7);

    fn of(role: Role) -> Roles {
        match role {
            Role::Term | Role::Strong | Role::Allow | Role::Exempt => Roles::TERM,
            Role::Marking(_) => Roles::MARKING,
            Role::Keyword => Roles::KEYWORD,
            Role::Hint => Roles::HINT,
            Role::Negative => Roles::NEGATIVE,
            Role::Anchor => Roles::ANCHOR,
            Role::Asked | Role::Talk(_) => Roles::SAID,
            Role::Weighted(_) => Roles::WEIGHTED,
        }
    }

    fn and(self, other: Roles) -> Roles {
        Roles(self.0 | other.0)
    }

    fn has(self, one: Roles) -> bool {
        self.0 & one.0 != 0
    }
}

impl Lexicon {
    /// `talk` are the words of those who work on advertising.
    pub(super) fn compile(policy: &Policy, entities: &Entities, talk: &[String]) -> Lexicon {
        let mut words = Words::default();
        let mut weighted = 0;
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
                Kind::Lexicon { terms, strong, allow, exempt } => {
                    add(terms, Role::Term);
                    add(strong, Role::Strong);
                    add(allow, Role::Allow);
                    add(exempt, Role::Exempt);
                }
                Kind::Marking(marking) => {
                    for (word, role) in marking::words(marking) {
                        add(&[word], Role::Marking(role));
                    }
                }
                Kind::Entity { keywords, hints, negative, .. } => {
                    add(keywords, Role::Keyword);
                    add(hints, Role::Hint);
                    add(negative, Role::Negative);
                    let words: Vec<&String> = keywords.iter().chain(hints).collect();
                    add(&entities.anchors(index, &words), Role::Anchor);
                }
                Kind::Weighted { terms } => {
                    for term in terms {
                        words.add(&term.term, Use { rule: index, role: Role::Weighted(weighted) });
                        weighted += 1;
                    }
                }
                Kind::Structure { check, values } => {
                    if commercial::find(check).is_some() || feature::WORDS.contains(&check.as_str()) {
                        add(values, Role::Asked);
                    }
                }
            }
        }
        for (number, word) in (0..).zip(talk) {
            words.add(word, Use { rule: NO_RULE, role: Role::Talk(number) });
        }
        // What is looked for in links as well.
        let is_anchor =
            |uses: &[Use]| uses.iter().any(|used| matches!(used.role, Role::Anchor | Role::Asked));
        let places = words.places();
        let indexed = |word: usize| Indexed { word, text: &words.folded[word], place: places[word] };
        let all = WordIndex::new((0..words.folded.len()).map(indexed));
        let anchors = (0..words.folded.len()).filter(|word| is_anchor(&words.uses[*word]));
        let anchors = WordIndex::new(anchors.map(indexed));
        let mut uses = Vec::new();
        let gather = |(of, edges): (Vec<Use>, (bool, bool))| {
            let from = uses.len() as u32;
            let roles = of.iter().fold(Roles::default(), |roles, used| roles.and(Roles::of(used.role)));
            uses.extend(of);
            Word { uses: (from, uses.len() as u32), roles, edges }
        };
        let list = words.uses.into_iter().zip(words.edges).map(gather).collect();
        Lexicon { words: list, uses, texts: words.texts, all, anchors }
    }

    /// Every word of a folded text, by its end. Texts are full of words that are nothing but weighted terms: they are no hits, and only handed to `weighted`.
    pub(super) fn scan(
        &self,
        kind: extract::Kind,
        text: &str,
        hits: &mut Vec<Hit>,
        mut weighted: impl FnMut(u32, Span),
    ) {
        let words = if kind == extract::Kind::Links { &self.anchors } else { &self.all };
        words.scan(text, |span, word| {
            let Word { uses: (from, to), edges, roles } = self.words[word];
            if (edges.0 && !starts_word(text, span.start)) || (edges.1 && !ends_word(text, span.end)) {
                return;
            }
            if roles != Roles::WEIGHTED {
                return hits.push(Hit { span, word: word as u32, roles });
            }
            for used in &self.uses[from as usize..to as usize] {
                if let Role::Weighted(term) = used.role {
                    weighted(term, span);
                }
            }
        });
        hits.sort_unstable_by_key(|hit| (hit.span.end, hit.span.start, hit.word));
        hits.dedup();
    }

    fn uses(&self, hit: &Hit) -> &[Use] {
        let (from, to) = self.words[hit.word as usize].uses;
        &self.uses[from as usize..to as usize]
    }

    fn text(&self, hit: &Hit) -> &Arc<str> {
        &self.texts[hit.word as usize]
    }

    /// What the words of a text say about the values of an entity rule.
    pub(super) fn speaks<'l: 'h, 'h>(
        &'l self,
        hits: &'h [Hit],
        rule: usize,
    ) -> impl Iterator<Item = (Span, Speaks, &'l Arc<str>)> + 'h {
        let may_speak = Roles::KEYWORD.and(Roles::HINT).and(Roles::NEGATIVE);
        hits.iter().filter(move |hit| hit.roles.has(may_speak)).filter_map(move |hit| {
            let uses = self.uses(hit);
            let role_of = |of: usize| uses.iter().find(|used| used.rule == of).map(|used| used.role);
            let speaks = match role_of(rule) {
                Some(Role::Keyword) => Speaks::For,
                Some(Role::Hint) => Speaks::Hint,
                Some(Role::Negative) => Speaks::Against,
                _ if role_of(EVERY_RULE).is_some() => Speaks::Against,
                _ if uses.iter().any(|used| used.role == Role::Keyword) => Speaks::Other,
                _ => return None,
            };
            Some((hit.span, speaks, self.text(hit)))
        })
    }

    /// A word that names the values of an entity rule.
    pub(super) fn name_of<'l>(&'l self, hits: &[Hit], rule: usize) -> Option<&'l Arc<str>> {
        self.speaks(hits, rule).find(|(_, speaks, _)| *speaks == Speaks::For).map(|(_, _, word)| word)
    }

    /// Where words stand that name values.
    pub(super) fn names(hits: &[Hit]) -> impl Iterator<Item = Span> {
        hits.iter().filter(|hit| hit.roles.has(Roles::KEYWORD)).map(|hit| hit.span)
    }

    /// Marks the rules that a word of the text names the values of.
    pub(super) fn named(&self, hits: &[Hit], named: &mut Vec<bool>) {
        let names = |hit: &&Hit| hit.roles.has(Roles::KEYWORD.and(Roles::HINT));
        for used in hits.iter().filter(names).flat_map(|hit| self.uses(hit)) {
            if matches!(used.role, Role::Keyword | Role::Hint) {
                if named.len() <= used.rule {
                    named.resize(used.rule + 1, false);
                }
                named[used.rule] = true;
            }
        }
    }

    /// The hits at which an entity may start, with the rule that looks for it.
    pub(super) fn anchors(&self, hits: &[Hit]) -> impl Iterator<Item = (Span, usize)> {
        hits.iter().filter(|hit| hit.roles.has(Roles::ANCHOR)).flat_map(move |hit| {
            let uses = self.uses(hit).iter();
            uses.filter(|used| used.role == Role::Anchor).map(move |used| (hit.span, used.rule))
        })
    }

    /// Takes note of what text number `index` says of a category as a whole: weighted terms, what the law asks of advertising, and what those say who work on it.
    pub(super) fn weigh(
        &self,
        index: usize,
        text: &Text<'_>,
        hits: &[Hit],
        weights: &Weights,
        present: &mut Present,
        said: &mut SaidOf,
    ) {
        let kind = text.zoned.segment.kind;
        let is_read = matches!(kind, extract::Kind::Subject | extract::Kind::Plain | extract::Kind::Html);
        let is_new = |span: Span| matches!(text.zone_at(span.start), Zone::Authored | Zone::Header);
        for hit in hits.iter().filter(|hit| hit.roles.has(Roles::SAID.and(Roles::WEIGHTED))) {
            for used in self.uses(hit) {
                match used.role {
                    Role::Weighted(term) => weights.note(term, index, text, hit.span, present),
                    Role::Asked => said.asked.push(Said { rule: used.rule, text: index, span: hit.span }),
                    Role::Talk(word) if is_read && is_new(hit.span) => drop(said.talk.insert(word)),
                    _ => {}
                }
            }
        }
    }
    /// The words of marking rules among the hits; none where no marking is among them.
    pub(super) fn marks(&self, hits: &[Hit]) -> Vec<marking::Word<'_>> {
        let mut words = Vec::new();
        for hit in hits.iter().filter(|hit| hit.roles.has(Roles::MARKING)) {
            words.extend(self.uses(hit).iter().filter_map(|used| match used.role {
                Role::Marking(role) => {
                    Some(marking::Word { span: hit.span, rule: used.rule, role, text: self.text(hit) })
                }
                _ => None,
            }));
        }
        if !words.iter().any(|word| word.role.is_looked_for()) {
            words.clear();
        }
        words
    }

    /// Findings of lexicon rules in a text.
    pub(super) fn findings(&self, index: usize, text: &Text<'_>, hits: &[Hit], findings: &mut Vec<Finding>) {
        let mut terms: Vec<(usize, Span, Role, &Hit)> = Vec::new();
        let mut allowed: Vec<(usize, Span)> = Vec::new();
        let mut exempting: Vec<(usize, Span)> = Vec::new();
        for hit in hits.iter().filter(|hit| hit.roles.has(Roles::TERM)) {
            for used in self.uses(hit) {
                match used.role {
                    Role::Term | Role::Strong => terms.push((used.rule, hit.span, used.role, hit)),
                    Role::Allow => allowed.push((used.rule, hit.span)),
                    Role::Exempt => exempting.push((used.rule, hit.span)),
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
        exempting.sort_unstable();
        for (rule, span, role, hit) in terms {
            if last.is_some_and(|(of, before)| of == rule && before.overlaps(span)) {
                continue;
            }
            last = Some((rule, span));
            findings.push(Finding {
                rule,
                location: Location::Text { text: index, span },
                confidence: Confidence::High,
                zone: text.zone_at(span.start),
                value: Value::Term(Arc::clone(self.text(hit))),
                strength: if role == Role::Strong { 2.0 } else { 1.0 },
                ignored: is_exempt(&text.folded, &exempting, rule, span).then_some(Ignored::Exempt),
                evasion: None,
                trace: None,
            });
        }
    }
}

/// A label that is no longer, bytes, stands in too many words to be one there: `pin`, `pw:`.
const LONGEST_OWN: usize = 4;

/// Words being collected; equal ones are one pattern. Of each its spelling in a pack, its folded text, its uses, and its edges.
#[derive(Default)]
struct Words {
    texts: Vec<Arc<str>>,
    folded: Vec<String>,
    uses: Vec<Vec<Use>>,
    edges: Vec<(bool, bool)>,
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
        let is_plain = folded == word;
        let index = *self.by_text.entry(key).or_insert_with(|| {
            self.texts.push(Arc::from(word));
            self.folded.push(folded);
            self.uses.push(Vec::new());
            self.edges.push(edges);
            self.texts.len() - 1
        });
        // Of several spellings of one word the plainest is shown.
        if is_plain && *self.texts[index] != *word {
            self.texts[index] = Arc::from(word);
        }
        let uses = &mut self.uses[index];
        if !uses.iter().any(|have| have.rule == used.rule && have.role == used.role) {
            uses.push(used);
        }
    }
}

impl Words {
    /// Where each word may stand. Anchors may go on as keys do; those that name what follows may end a longer word (`dbPassword`).
    fn places(&self) -> Vec<Place> {
        let amid: HashSet<String> = TOKENS
            .iter()
            .filter(|token| token.goes_before())
            .flat_map(|token| token.anchors())
            .map(str::to_ascii_lowercase)
            .collect();
        let place = |(uses, folded): (&Vec<Use>, &String)| {
            let is_label = self.by_text.contains_key(folded) && folded.len() > LONGEST_OWN;
            if !uses.iter().any(|used| used.role == Role::Anchor) {
                Place::Whole
            } else if amid.contains(folded) {
                Place::Amid
            } else if is_label {
                Place::Within
            } else {
                Place::Start
            }
        };
        self.uses.iter().zip(&self.folded).map(place).collect()
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
