//! The index against a search for every word at every byte.

use proptest::prelude::*;

use super::{Indexed, Place, WordIndex};

/// Words of `words` at every byte of `text` where a word may start: behind no letter or digit of ASCII, if it begins with one.
fn everywhere(words: &[String], text: &str) -> Vec<(usize, usize)> {
    let is_part = |c: char| c.is_ascii_alphanumeric();
    let starts = |word: &str, at: usize| !word.starts_with(is_part) || !text[..at].ends_with(is_part);
    // Where a word ends with a letter or digit, whoever asks for it wants the end of a word there.
    let ends = |word: &str, at: usize| !word.ends_with(is_part) || !text[at..].starts_with(is_part);
    let mut found = Vec::new();
    for at in text.char_indices().map(|(at, _)| at) {
        for (index, word) in words.iter().enumerate() {
            if text[at..].starts_with(word.as_str()) && starts(word, at) && ends(word, at + word.len()) {
                found.push((at, index));
            }
        }
    }
    found
}

proptest! {
    /// No word is missed, and none is found that does not stand there.
    #[test]
    fn every_word_is_found_where_it_stands(
        words in prop::collection::vec("[ab1][ab1 _:你é-]{0,11}|[你好é][ab你好 ]{0,4}|[:(.-][ab1][ab :]{0,9}", 1..12),
        text in "[ab1 _:你好é.(-]{0,80}",
        place in prop::sample::select(vec![Place::Whole, Place::Start, Place::Within]),
    ) {
        let words: Vec<String> = words.into_iter().map(|word| word.trim_end().to_owned()).collect();
        // Words are made to stand in the text as well.
        let text = format!("{text} {} {text}{}", words[0], words[words.len() - 1]);
        let index = WordIndex::new(words.iter().enumerate().map(|(word, text)| Indexed { word, text, place }));
        let mut found = Vec::new();
        index.scan(&text, |span, word| found.push((span.start, span.end, word)));
        for (start, end, word) in &found {
            prop_assert_eq!(&text[*start..*end], &words[*word]);
        }
        for (at, word) in everywhere(&words, &text) {
            prop_assert!(
                found.iter().any(|(start, _, one)| *start == at && *one == word),
                "{:?} at {} of {:?}", words[word], at, text
            );
        }
    }
}
