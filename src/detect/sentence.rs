//! The sentence that a term stands in, and whether another word of it excuses the term.
//!
//! Folded text in; a sentence ends with its mark, its line or its cell. No more is read than a long sentence holds.

use crate::span::Span;

/// Whether a word that excuses the terms of a rule stands in the sentence of a term. `exempting`: by rule, then place.
pub(super) fn is_exempt(text: &str, exempting: &[(usize, Span)], rule: usize, term: Span) -> bool {
    let from = exempting.partition_point(|(of, _)| *of < rule);
    let of_rule = &exempting[from..];
    let of_rule = &of_rule[..of_rule.partition_point(|(of, _)| *of == rule)];
    if of_rule.is_empty() {
        return false;
    }
    let start = text[..term.start].char_indices().rev().take(SENTENCE);
    let start =
        start.take_while(|(at, c)| !ends_sentence(text, *at, *c)).last().map_or(term.start, |(at, _)| at);
    let end = text[term.end..].char_indices().take(SENTENCE);
    let end = end.take_while(|(at, c)| !ends_sentence(text, term.end + at, *c)).last();
    let end = end.map_or(term.end, |(at, c)| term.end + at + c.len_utf8());
    let next = of_rule.partition_point(|(_, word)| word.start < start);
    of_rule[next..].iter().take_while(|(_, word)| word.start < end).any(|(_, word)| word.end <= end)
}

/// Characters to either side that a sentence is looked for in.
const SENTENCE: usize = 200;

/// Whether a character of a folded text ends a sentence; a full stop within a number or name does not.
fn ends_sentence(text: &str, at: usize, c: char) -> bool {
    match c {
        '\n' | '\t' | '。' | '!' | '?' | ';' => true,
        '.' => text.as_bytes().get(at + 1).is_none_or(u8::is_ascii_whitespace),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_excuses_its_own_sentence() {
        for (text, want) in [
            ("aim: the best", true),
            ("aim. the best", false),
            ("aim 1.5, the best", true),
            ("the best, an aim", true),
            ("the best! an aim", false),
            ("我们的aim，the best", true),
            ("我们的aim。the best", false),
            ("the best\naim", false),
            ("the best", false),
        ] {
            let span = |word: &str| text.find(word).map(|start| Span::new(start, start + word.len()));
            let mut exempting: Vec<(usize, Span)> = span("aim").map(|span| (1, span)).into_iter().collect();
            exempting.extend([(0, Span::new(0, 1)), (2, Span::new(0, 1))]);
            exempting.sort_unstable();
            let term = span("the best").expect("every text holds it");
            assert_eq!(is_exempt(text, &exempting, 1, term), want, "{text}");
        }
    }
}
