//! Position and form: whether a word stands as markings do, and how surely. A word that does not is prose.
//!
//! In a title it stands at an edge or in brackets; in a text on a short line of its own, behind a label, or in brackets before a paragraph; in a file name at an
//! edge; in a header field it is the value. Capitals stand out only where the rest is not in capitals.

use super::{
    Role, Word,
    line::Line,
    site::{Brackets, Site, Style, bare, brackets, is_assignment, is_ticked, letters, skip_prefixes},
};
use crate::{detect::Confidence, normalize::Text, span::Span};

/// A line longer than this is prose, in characters.
const SHORT_LINE: usize = 60;
/// What else a line with a marking may say, in letters.
const STRANGERS: usize = 40;
/// What else a value behind a label may say, in letters.
const VALUE: usize = 16;

/// How markings stand in a kind of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// A title: the subject.
    Title,
    /// Lines.
    Line,
    /// The name of a file.
    Name,
    /// A value by itself: a header field, a property.
    Value,
}

/// The words of a text.
pub(super) struct Words<'w, 'm> {
    pub(super) text: &'w Text<'m>,
    pub(super) marks: &'w [Word<'w>],
    pub(super) released: &'w [Word<'w>],
    pub(super) labels: &'w [Span],
    pub(super) titles: &'w [Span],
}

impl Words<'_, '_> {
    /// How sure it is that `word` is a marking; `None`: it is prose.
    pub(super) fn form(&self, stand: Stand, word: &Word<'_>) -> Option<Confidence> {
        let folded = &*self.text.folded;
        // 机密★10年: the star is the mark of state secrets wherever it stands.
        if word.span.of_str(folded).contains(['★', '☆']) {
            return Some(Confidence::High);
        }
        let whole = Line { start: 0, end: folded.len() };
        match stand {
            Stand::Title => self.title(&self.site(word, whole)),
            Stand::Name => {
                let end = folded.rfind('.').filter(|dot| *dot >= word.span.end).unwrap_or(folded.len());
                self.site(word, Line { start: 0, end }).name()
            }
            Stand::Value => self.value(word),
            Stand::Line => self.line(word),
        }
    }

    /// In a title.
    fn title(&self, site: &Site<'_>) -> Option<Confidence> {
        let first = letters(skip_prefixes(site.before)) == 0;
        let last = letters(site.after) == 0;
        if self.is_one_of_levels(site) || last && site.after.contains('?') {
            return None;
        }
        match brackets(site) {
            Some(Brackets::Square) => return Some(Confidence::High),
            Some(Brackets::Wide) if site.is_sure() => return Some(Confidence::High),
            Some(Brackets::Round) if first || last || site.role == Role::Open => {
                return Some(if site.is_sure() { Confidence::High } else { Confidence::Medium });
            }
            _ => {}
        }
        let is_clear = site.is_sure() || site.style == Style::Capitals;
        if first && last {
            return (is_clear || site.style == Style::Caseless).then_some(Confidence::High);
        }
        let (set_off_before, set_off_after) = (site.is_set_off_before(), site.is_set_off_after());
        let stands_out = match site.style {
            Style::Capitals => !site.is_loud,
            Style::Caseless => site.is_sure(),
            Style::Mixed => false,
        };
        let is_edge = (first && (set_off_after || stands_out && site.after.starts_with(' ')))
            || (last && (set_off_before || stands_out && site.before.ends_with(' ')))
            || (set_off_before && set_off_after);
        let goes_on = site.role == Role::Open && (first || set_off_before);
        ((is_edge && is_clear) || goes_on).then_some(Confidence::High)
    }

    /// In a text.
    fn line(&self, word: &Word<'_>) -> Option<Confidence> {
        let line = Line::of(&self.text.folded, word.span);
        let site = self.site(word, line);
        if let Some(is_chosen) = is_ticked(&site) {
            return is_chosen.then_some(Confidence::High);
        }
        if self.is_one_of_levels(&site) {
            return None;
        }
        if self.labelled(&site, line) {
            return Some(Confidence::High);
        }
        if let Some(title) = self.titles.iter().find(|title| line.begins_with(&self.text.folded, **title)) {
            return self.title(&self.site(word, Line { start: title.end + 1, end: line.end }));
        }
        let edge = line.edge(self.text);
        let (first, last) = (letters(site.before) == 0, letters(site.after) == 0);
        let confidence = if edge.is_some() { Confidence::High } else { Confidence::Medium };
        let is_short = line.len(&self.text.folded) <= SHORT_LINE;
        if (is_short || site.levels > 1 && line.len(&self.text.folded) <= 2 * SHORT_LINE) && first && last {
            return self.alone(&site, line, edge.is_some());
        }
        let is_open = site.role == Role::Open && first && line.len(&self.text.folded) <= 2 * SHORT_LINE;
        if is_open && (site.style == Style::Capitals || letters(site.after) <= VALUE) {
            return Some(confidence);
        }
        // [机密] 各位：..., (S//NF) The convoy ...
        let begins = first || last && is_short;
        match brackets(&site) {
            Some(Brackets::Square | Brackets::Wide) if first && site.is_sure() => return Some(confidence),
            Some(_) if begins && site.style == Style::Capitals => return Some(confidence),
            Some(Brackets::Square) if last && begins && site.style == Style::Caseless && site.is_sure() => {
                return Some(Confidence::Medium);
            }
            _ => {}
        }
        if !is_short || site.is_sentence() {
            return None;
        }
        self.beside_others(&site, edge.is_some())
    }

    /// On a line that holds nothing else.
    fn alone(&self, site: &Site<'_>, line: Line, at_edge: bool) -> Option<Confidence> {
        if site.after.contains('?') || line.is_among_levels(self) {
            return None;
        }
        if self.is_below_label(line) {
            return Some(Confidence::High);
        }
        let is_bracketed = brackets(site).is_some();
        match (site.is_sure(), site.style) {
            (true, Style::Mixed) if !at_edge => Some(Confidence::Medium),
            (true, _) => Some(Confidence::High),
            (false, Style::Capitals) if at_edge => Some(Confidence::High),
            (false, _) if is_bracketed && at_edge => Some(Confidence::High),
            (false, Style::Caseless) if at_edge => Some(Confidence::Medium),
            _ => None,
        }
    }

    /// On a short line that says something else as well.
    fn beside_others(&self, site: &Site<'_>, at_edge: bool) -> Option<Confidence> {
        let (before, after) = (letters(site.before), letters(site.after));
        let in_row = site.before.contains('\t') || site.after.contains('\t');
        if before + after > STRANGERS || in_row || site.line.is_among_levels(self) {
            return None;
        }
        let is_clear = match site.style {
            Style::Capitals => true,
            Style::Caseless => site.is_sure(),
            // In lower case a colon makes it the name of what follows.
            Style::Mixed => site.is_sure() && at_edge && !site.after.trim_start().starts_with(':'),
        };
        let confidence = if at_edge { Confidence::High } else { Confidence::Medium };
        if before == 0 && site.is_set_off_after() || after == 0 && site.is_set_off_before() {
            return is_clear.then_some(confidence);
        }
        // 内部资料 注意保存
        if site.style == Style::Caseless && site.is_sure() {
            let is_apart =
                before == 0 && site.after.starts_with(' ') || after == 0 && site.before.ends_with(' ');
            return (is_apart && before + after <= 6).then_some(Confidence::Medium);
        }
        // Harbour Foods Confidential
        let is_owned = after == 0 && at_edge && site.is_sure() && self.is_name_of_owner(site);
        is_owned.then_some(Confidence::Medium)
    }

    /// Whether what stands before a marking can be the name of a company: few words, all with a capital.
    fn is_name_of_owner(&self, site: &Site<'_>) -> bool {
        let start = site.phrase.start - site.before.len();
        let owner = self.text.original(Span::new(start, site.phrase.start));
        let marking = self.text.original(site.phrase);
        let words: Vec<&str> = owner.split_whitespace().collect();
        let has_capital = |word: &&str| word.starts_with(|c: char| c.is_uppercase() || c == '&');
        (1..=3).contains(&words.len())
            && words.iter().all(has_capital)
            && marking.starts_with(char::is_uppercase)
            && site.style != Style::Caseless
            && owner.ends_with(' ')
    }

    /// As the value of a header field: all of it, or all of an entry.
    fn value(&self, word: &Word<'_>) -> Option<Confidence> {
        let folded = &*self.text.folded;
        let ends = |c: char| matches!(c, ';' | ',' | '\n' | '\t' | '|');
        let start = folded[..word.span.start].rfind(ends).map_or(0, |at| at + 1);
        let end = folded[word.span.end..].find(ends).map_or(folded.len(), |at| word.span.end + at);
        let site = self.site(word, Line { start, end });
        let key = site.before.trim_end_matches(['"', '\'', ' ', '[', '(']);
        let begins = letters(key) == 0 || key.ends_with(['=', ':', '/', '-']);
        let ends = letters(site.after) == 0 || site.after.trim_start().starts_with(['/', '(', '-', '+', ':']);
        (begins && ends).then_some(Confidence::High)
    }

    /// Whether a label and a colon stand before the marking, and little stands behind it.
    fn labelled(&self, site: &Site<'_>, line: Line) -> bool {
        let folded = &*self.text.folded;
        let first = self.labels.partition_point(|label| label.start < line.start);
        self.labels[first..].iter().take_while(|label| label.end <= site.phrase.start).any(|label| {
            let lead = &folded[line.start..label.start];
            let lead = lead.rsplit(['|', ';', '\t', '[', '(', '【', '{', '<', '/']).next().unwrap_or(lead);
            let cells = folded[line.start..label.start].matches('\t').count();
            let value_end =
                site.after.find([',', '，', '。', ';', '；', '\t', '|']).unwrap_or(site.after.len());
            let is_last = letters(site.after) == 0;
            letters(lead) <= 8
                && letters(&site.after[..value_end]) <= VALUE
                && !site.after.contains('?')
                && is_assignment(&folded[label.end..site.phrase.start], is_last, cells)
                && site.levels < 3
        })
    }

    /// Whether the line above is a label that waits for its value.
    fn is_below_label(&self, line: Line) -> bool {
        let Some(above) = line.above(&self.text.folded) else { return false };
        let text = above.of_text(&self.text.folded).trim_end();
        text.ends_with(':')
            && self.labels.iter().any(|label| {
                label.start >= above.start
                    && label.end <= above.end
                    && letters(&self.text.folded[above.start..label.start]) <= 8
                    && letters(&self.text.folded[label.end..above.end]) == 0
            })
    }

    /// Whether a public marking stands directly beside it: then the levels are listed, and none is meant.
    fn is_one_of_levels(&self, site: &Site<'_>) -> bool {
        let folded = &*self.text.folded;
        self.released.iter().any(|word| {
            let between = if word.span.end <= site.phrase.start {
                Span::new(word.span.end, site.phrase.start)
            } else if word.span.start >= site.phrase.end {
                Span::new(site.phrase.end, word.span.start)
            } else {
                return false;
            };
            // CONFIDENTIAL - public procurement: a level stands by itself.
            let outer = if word.span.end <= site.phrase.start {
                folded[..word.span.start].trim_end().chars().next_back()
            } else {
                folded[word.span.end..].trim_start_matches(' ').chars().next()
            };
            between.len() <= 12 && outer.is_none_or(|c| !c.is_alphanumeric()) && {
                let between = between.of_str(folded);
                !between.contains(['\n', '\t']) && matches!(bare(between), "" | "or" | "oder" | "ou" | "或")
            }
        })
    }
}
