//! Passwords of attached files that stand in the same message: what follows a word such as 密码 or password.
//!
//! They are only tried on files; a wrong one does no harm. Which words, is data in `policies/data/file-passwords.txt`.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::{
    message::{Body, Message},
    span::floor_boundary,
};

static LABELS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = include_str!("../../policies/data/file-passwords.txt").lines();
    let words = words.filter(|word| !word.starts_with('#') && !word.is_empty());
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).expect("a few words")
});

/// Bytes behind a label in which its password stands.
const NEAR: usize = 120;
/// Letters of a password.
const LONGEST: usize = 64;
/// What may stand between a label and its password.
const SIGNS: &[char] = &[
    ':', '：', '=', '-', '>', '→', '"', '“', '”', '「', '『', '\'', '‘', '`', '*', '(', '（', '[', '【', '|',
];
const VERBS: &[&str] = &[
    "is",
    "are",
    "was",
    "ist",
    "lautet",
    "est",
    "es",
    "为",
    "是",
    "は",
    "for",
    "the",
    "file",
    "zip",
    "archive",
    "attachment",
];
/// What may stand behind one and is not of it.
const ENDS: &[char] = &[
    '.', ',', ';', '!', '?', '。', '，', '；', '！', '、', ')', '）', ']', '】', '"', '”', '」', '』', '\'',
    '’', '`', '*',
];

/// Passwords that may be meant, in the order of the message, at most `most`.
pub(super) fn candidates(message: &Message<'_>, most: usize) -> Vec<String> {
    let mut found = Vec::new();
    // Where there is no file there is nothing to open.
    if !message.parts.iter().any(|part| matches!(part.body, Body::Binary(_))) {
        return found;
    }
    let fields = message.fields.iter().map(|field| &*field.content.text);
    let texts = message.parts.iter().filter_map(|part| match &part.body {
        Body::Text(content) | Body::Outside(content) | Body::Html(content) => Some(&*content.text),
        Body::Binary(_) => None,
    });
    for text in fields.chain(texts) {
        of_text(text, most, &mut found);
    }
    found
}

fn of_text(text: &str, most: usize, found: &mut Vec<String>) {
    for label in LABELS.find_iter(text) {
        let rest = &text[label.end()..floor_boundary(text, label.end() + NEAR)];
        for candidate in behind(rest) {
            if found.len() >= most {
                return;
            }
            if !found.iter().any(|known| known == candidate) {
                found.push(candidate.to_owned());
            }
        }
    }
}

/// The word behind a label, as it stands and without the punctuation around it; a label at the end of its line has it in the next.
fn behind(rest: &str) -> Vec<&str> {
    let mut rest = rest;
    // Tags of HTML stand anywhere.
    loop {
        let trimmed = rest.trim_start().trim_start_matches(SIGNS);
        let trimmed = match trimmed.strip_prefix('<') {
            Some(tag) => tag.split_once('>').map_or(trimmed, |(_, after)| after),
            None => trimmed,
        };
        let verb = VERBS.iter().find(|verb| {
            trimmed.get(..verb.len()).is_some_and(|start| start.eq_ignore_ascii_case(verb))
                && (!verb.is_ascii()
                    || trimmed[verb.len()..].starts_with(|c: char| c.is_whitespace() || SIGNS.contains(&c)))
        });
        let trimmed = verb.map_or(trimmed, |verb| &trimmed[verb.len()..]);
        if trimmed.len() == rest.len() {
            break;
        }
        rest = trimmed;
    }
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '<' | '，' | '。' | '；' | '、' | '&'))
        .unwrap_or(rest.len());
    let word = &rest[..end];
    let bare = word.trim_end_matches(ENDS);
    let mut words = vec![bare];
    if bare != word {
        words.push(word);
    }
    words.retain(|word| !word.is_empty() && word.chars().count() <= LONGEST);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_found_behind_their_words() {
        for (text, want) in [
            ("附件已加密，解压密码：Abc@1234。", "Abc@1234"),
            ("密码是“qwer1234”，请查收", "qwer1234"),
            ("The password for the zip is: tiger-42.", "tiger-42"),
            ("Password: hunter2\nRegards", "hunter2"),
            ("pw = 123456", "123456"),
            ("<p>密码：<b>a1b2</b></p>", "a1b2"),
            ("Passwort lautet \"geheim\"", "geheim"),
            ("密码\n8848", "8848"),
        ] {
            let mut found = Vec::new();
            of_text(text, 4, &mut found);
            assert!(found.iter().any(|found| found == want), "{text}: {found:?}");
        }
    }

    #[test]
    fn only_so_many_are_tried() {
        let text: String = (0..50).map(|number| format!("密码：a{number}\n")).collect();
        let mut found = Vec::new();
        of_text(&text, 8, &mut found);
        assert_eq!(found.len(), 8);
    }
}
