//! Signatures: below a `-- ` line, below a sign-off near the end, or a block of contact lines at the end.

use serde::Deserialize;

use super::{Line, Zone, labelled, prefixes::Prefixes};

/// Wording of signatures.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// How a sign-off line starts.
    signoffs: Prefixes,
    /// Labels of contact lines.
    contact: Prefixes,
    /// What phones add.
    mobile: Prefixes,
    /// Class names and ids of elements that hold a signature.
    pub(super) html: Vec<String>,
}

/// A signature has at most so many lines with text.
const LONGEST: usize = 14;
/// No line of a signature is longer, in characters; an address may be long.
const WIDEST: usize = 110;

/// Marks the signature at the end of each stretch of new text.
pub(super) fn mark(lines: &mut [Line<'_>], words: &Words) {
    let mut end = lines.len();
    while end > 0 {
        if lines[end - 1].zone != Zone::Authored {
            end -= 1;
            continue;
        }
        let start = lines[..end].iter().rposition(|line| line.zone != Zone::Authored).map_or(0, |at| at + 1);
        let is_blank = |line: &Line<'_>| line.text.trim().is_empty();
        let is_alone = lines[..start].iter().chain(&lines[end..]).all(is_blank);
        if let Some(at) = begins(&lines[start..end], is_alone, words) {
            for line in &mut lines[start + at..end] {
                line.zone = Zone::Signature;
            }
        }
        end = start;
    }
}

/// The line at which the signature of a stretch of new text begins. Where the stretch is alone, there is nothing else in the text.
fn begins(lines: &[Line<'_>], is_alone: bool, words: &Words) -> Option<usize> {
    // RFC 3676 4.3; some clients drop the space.
    if let Some(at) = lines.iter().rposition(|line| matches!(line.text, "-- " | "--" | "-- \u{a0}")) {
        return Some(at);
    }
    let is_filled = |at: &usize| !lines[*at].text.trim().is_empty();
    let mut tail: Vec<usize> = (0..lines.len()).rev().filter(is_filled).take(LONGEST).collect();
    tail.reverse();
    let tail = &tail[..];
    let is_short = |at: &usize| lines[*at].text.chars().take(WIDEST + 1).count() <= WIDEST;
    let signoff = (0..tail.len())
        .find(|&index| is_signoff(lines[tail[index]].text, words) && tail[index + 1..].iter().all(is_short));
    if let Some(index) = signoff {
        return Some(tail[index]);
    }
    if let Some(&last) = tail.last()
        && words.mobile.begin(lines[last].text.trim_start())
    {
        return Some(last);
    }
    // A name card without anything that it signs is what the message says.
    contact_block(lines, tail, words)
        .or_else(|| closing_block(lines, tail))
        .filter(|&at| !is_alone || is_written(&lines[..at]))
}

/// Words that a line of a name card ends with as a sentence does.
const ABBREVIATIONS: &[&str] = &[
    "inc", "ltd", "co", "corp", "llc", "plc", "bv", "sa", "kg", "st", "str", "ave", "rd", "blvd", "apt",
    "no", "jr", "sr",
];

/// Whether the lines above a block of contact lines hold anything that is not the head of that name card.
fn is_written(above: &[Line<'_>]) -> bool {
    let gap = above.iter().rposition(|line| line.text.trim().is_empty());
    above.iter().enumerate().any(|(at, line)| {
        let text = line.text.trim();
        let words: Vec<&str> = text.split_whitespace().collect();
        let last = words.last().map_or("", |word| word.trim_end_matches('.'));
        let is_ended = text.ends_with(['.', ',', ':'])
            && !ABBREVIATIONS.iter().any(|known| known.eq_ignore_ascii_case(last));
        let is_sentence = is_ended || text.contains(['，', '。', '；', '：', '？', '！', '!', '?']);
        let has_digit = text.contains(|c: char| c.is_ascii_digit());
        let is_phrase = words.len() >= 4 && words.iter().any(|word| word.starts_with(char::is_lowercase));
        let is_set_off = gap.is_some_and(|gap| at < gap);
        let is_whole_name = words.len() >= 2 && is_name(text);
        is_sentence || !has_digit && (is_phrase || is_set_off && !text.is_empty() && !is_whole_name)
    })
}

/// The last paragraph, where it is a name card: a few short lines, no sentence, a phone number and nothing longer.
fn closing_block(lines: &[Line<'_>], tail: &[usize]) -> Option<usize> {
    let last = *tail.last()?;
    let is_card_line = |line: &Line<'_>| {
        let text = line.text.trim();
        let is_sentence =
            text.contains(['，', '。', '；', '？', '!', '！', '?', '\t']) || text.ends_with(['.', '：', ':']);
        !text.is_empty() && text.chars().count() <= 50 && !is_sentence && longest_number(text) < 14
    };
    let start = lines[..=last].iter().rposition(|line| !is_card_line(line))? + 1;
    let block = &lines[start..=last];
    // What follows the text without a gap must begin with a name to be a card; and nothing else is said behind the number.
    let is_set_off = lines[start - 1].text.trim().is_empty() || is_name(block.first()?.text);
    let is_text_above = lines[..start].iter().any(|line| !line.text.trim().is_empty());
    let has_phone = |line: &Line<'_>| longest_number(line.text) >= 7;
    let phones = block.iter().filter(|line| has_phone(line)).count();
    let mut behind = block.iter().rev().take_while(|line| !has_phone(line));
    let ends_as_card = behind.all(|line| line.text.contains(['@', '.', '号', '司', '路']));
    (is_set_off && is_text_above && ends_as_card && block.len() <= 6 && (1..=2).contains(&phones))
        .then_some(start)
}

/// Whether a line is a name, perhaps with a title: a few Han characters, or capitalised words.
fn is_name(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let Some(first) = words.next() else { return false };
    let is_han = first.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && first.chars().count() <= 4;
    is_han || first.starts_with(char::is_uppercase) && words.all(|word| word.starts_with(char::is_uppercase))
}

/// Digits of the longest number in a line, written as phone numbers are.
fn longest_number(line: &str) -> usize {
    let (mut longest, mut digits) = (0, 0);
    let mut gap = false;
    for c in line.chars() {
        if c.is_ascii_digit() {
            digits += 1;
            gap = false;
        } else if matches!(c, '-' | ' ' | '(' | ')' | '+') && !gap {
            gap = true;
        } else {
            digits = 0;
        }
        longest = longest.max(digits);
    }
    longest
}

/// A sign-off: a short line that starts with one, and says little more.
fn is_signoff(line: &str, words: &Words) -> bool {
    let line = line.trim().trim_start_matches(['-', '—', '*', ' ', '\u{3000}']);
    line.chars().take(25).count() <= 24 && words.signoffs.begin(line)
}

/// The start of the block that holds at least two different contact labels at the very end. A list of people repeats its labels, a
/// signature does not.
fn contact_block(lines: &[Line<'_>], tail: &[usize], words: &Words) -> Option<usize> {
    let mut labels: Vec<String> = Vec::new();
    let mut first = None;
    for &at in tail.iter().rev() {
        let Some(label) = contact_label(lines[at].text, words) else {
            if first.is_some() || tail.last().is_some_and(|last| last - at > 3) {
                break;
            }
            continue;
        };
        if labels.iter().filter(|seen| **seen == label).count() >= 2 {
            return None;
        }
        labels.push(label);
        first = Some(at);
    }
    let mut start = first?;
    labels.sort();
    labels.dedup();
    if labels.len() < 2 {
        return None;
    }
    // Name, title and company stand above, on short lines.
    let mut above = 0;
    while start > 0 && above < 4 {
        let text = lines[start - 1].text.trim();
        let is_sentence = text.contains(['，', '。', '；', '？', '！']) || text.ends_with([',', ':', '：']);
        if text.is_empty() || text.chars().count() > 30 || is_sentence {
            break;
        }
        start -= 1;
        above += 1;
    }
    Some(start)
}

/// The contact label that a line starts with.
fn contact_label(line: &str, words: &Words) -> Option<String> {
    // `Tel: +86 ...`, or `Tel +86 ...`.
    let spaced = || {
        let (label, value) = line.trim().split_once([' ', '\u{3000}', '\u{a0}'])?;
        let is_value = value.trim_start().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '('));
        is_value.then(|| (label.to_lowercase(), value))
    };
    let (label, value) = labelled(line).or_else(spaced)?;
    let known = label.len() < 24 && words.contact.of(&label).next().is_some();
    (known && !value.is_empty()).then_some(label)
}
