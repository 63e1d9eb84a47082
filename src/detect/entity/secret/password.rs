//! Passwords that are said: `password: ...`, 密码是……, a label and a value in the next cell or line or below in its column.
//!
//! Most mails that say "password" tell none, so what stands behind must look like one (strength.rs). The labels are the keywords of the rules, all other words
//! are in policies/data/password-words.tsv.

use std::{collections::HashMap, sync::LazyLock};

use super::{
    Entity, Mask, Others, Reading, Site, Span, Trigger, ahead, behind,
    strength::{Around, Joint, worth},
    unseen,
};
use crate::{detect::lexicon::starts_word, extract::Kind};

const ABOUT: &str = "4 to 64 characters behind a keyword of the rule and `:`, `=`, `is`, 是, 为 or the like; or in the next cell, the next line, or below in the column that the keyword \
    heads. Words of prose, lengths, links, addresses, variables and placeholders are dropped. User names and addresses within three lines make it surer. Codes of one use, of \
    meetings, doors and wireless networks are weak. Mistaken for it: rules about passwords. Reference: none; measured on mail.";

/// A password that opens an account.
pub(in super::super) const PASSWORD: Entity = Entity {
    name: "password",
    trigger: Trigger::Column(Others(others)),
    examine: |site| examine(site, false),
    mask: Mask { head: 0, tail: 0 },
    about: ABOUT,
};

/// A password that opens an attached file or a shared one.
pub(in super::super) const ATTACHMENT_PASSWORD: Entity = Entity {
    name: "attachment-password",
    trigger: Trigger::Words,
    examine: |site| examine(site, true),
    mask: Mask { head: 0, tail: 0 },
    about: ABOUT,
};

/// The lists of words, by name.
static WORDS: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    include_str!("../../../../policies/data/password-words.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, words)| (name, words.split('|').collect()))
        .collect()
});

/// A list of words.
pub(super) fn words(list: &str) -> &'static [&'static str] {
    WORDS.get(list).map_or(&[], Vec::as_slice)
}

fn any_in(text: &str, list: &str) -> bool {
    words(list).iter().any(|word| text.contains(word))
}

/// What follows the first word of a list that begins `text`.
fn strip<'t>(text: &'t str, list: &str) -> Option<&'t str> {
    words(list).iter().find_map(|word| text.strip_prefix(word))
}

/// Characters of a password.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=64;
/// What a keyword near by is worth (policies/scoring.toml).
const KEYWORD: f64 = 2.2;
/// What the name of an account near by is worth.
const ACCOUNT: f64 = 0.7;
/// What is worth little has no more than this.
const PASSING: f64 = -1.0;
/// Bytes before and behind that are looked at for names of accounts.
const ACCOUNT_REACH: usize = 200;

fn examine(site: &Site<'_>, for_file: bool) -> Option<Reading> {
    let folded = &site.text.folded;
    let label = site.span;
    if matches!(site.text.zoned.segment.kind, Kind::Links | Kind::Names) || !is_label(folded, label) {
        return None;
    }
    let (joint, start) = joint(folded, label)?;
    let heads = || (joint == Joint::Bare).then(|| below(site)).flatten();
    let (span, bits) = value(site, joint, start).or_else(heads)?;
    if super::super::neighbours::in_locator(folded.as_bytes(), span) {
        return None;
    }
    let clause = behind(folded, label.start, 60);
    let clause = clause.rsplit(['\n', ',', ';', '。', '!', '?']).next().unwrap_or(clause);
    let label_and_gap = &folded[label.start..start];
    let is_named = |list: &str| any_in(clause, list) || any_in(label_and_gap, list);
    if (is_named("files") || any_in(behind(folded, label.start, 90), "locked")) != for_file {
        return None;
    }
    let is_code = matches!(site.value, "passcode" | "pin" | "pin code");
    let mut bits = bits + unseen(folded, label, KEYWORD);
    if is_named("passing") || (is_code && any_in(behind(folded, label.start, 300), "meetings")) {
        bits = bits.min(PASSING);
    } else if has_account(folded, label.start, span.end) {
        bits += ACCOUNT;
    }
    Some(Reading { canonical: site.text.original(span).to_owned(), bits, span })
}

/// Whether the keyword is a label and not part of another word. Within names such as `DB_PASSWORD` it is.
fn is_label(folded: &str, at: Span) -> bool {
    let bytes = folded.as_bytes();
    let goes_on = bytes[..at.end].last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.get(at.end).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        && !bytes[at.end..].starts_with(b"->");
    let is_short = at.len() <= 5 && bytes[at.start].is_ascii_alphabetic();
    let is_inner = is_short && !starts_word(folded, at.start) && bytes[..at.start].last() != Some(&b'_');
    !goes_on && !is_inner
}

/// How label and value are joined, and where the value starts.
fn joint(folded: &str, label: Span) -> Option<(Joint, usize)> {
    // The keyword may end with the sign.
    if folded[..label.end].ends_with([':', '=']) {
        return Some((Joint::Sign, label.end));
    }
    let rest = ahead(folded, label.end, 100);
    let at = |tail: &str| label.end + rest.len() - tail.len();
    let sign = |text: &str| {
        let tail = strip(text, "signs").filter(|tail| !tail.starts_with(['/', ':']))?;
        Some((Joint::Sign, at(tail)))
    };
    let verb = |text: &str| Some((Joint::Verb, at(strip(text, "verbs")?)));
    let open = rest.trim_start_matches([' ', '"', '\'', '`', '*', ']', ')']);
    // `<password>...</password>`
    if let Some(element) = open.strip_prefix('>').filter(|_| folded[..label.start].ends_with('<')) {
        let end = element.find(['<', ' ', '\n'])?;
        return element[end..].starts_with('<').then(|| (Joint::Sign, at(element)));
    }
    // `password (temporary):`
    let open = open
        .strip_prefix('(')
        .and_then(|inner| inner.split_once(')').filter(|(qualifier, _)| qualifier.len() <= 40))
        .map_or(open, |(_, behind)| behind.trim_start_matches(' '));
    if let Some(found) = sign(open).or_else(|| verb(open)) {
        return Some(found);
    }
    let mut filled = open;
    while let Some(tail) = strip(filled, "fillers") {
        filled = tail.trim_start_matches(' ');
    }
    if filled.len() < open.len() {
        return sign(filled).or_else(|| verb(filled));
    }
    if strip(open, "whose").is_some() {
        return whose(open).and_then(|tail| sign(tail).or_else(|| verb(tail.trim_start_matches(' '))));
    }
    let is_cjk = !folded[..label.end].ends_with(|c: char| c.is_ascii());
    let is_bare = open.starts_with(['\t', '\n', '|', ','])
        || (is_cjk && open.starts_with(|c: char| c.is_ascii_alphanumeric()));
    is_bare.then(|| (Joint::Bare, at(open)))
}

/// The sign or verb behind `for the portal` and the like.
fn whose(open: &str) -> Option<&str> {
    let stops = |c: char| matches!(c, '.' | ',' | ';' | '\n' | '?' | '!' | '\t' | '。' | ':' | '=');
    let end = open.find(stops).unwrap_or(open.len());
    if open[end..].starts_with([':', '=']) {
        return Some(&open[end..]);
    }
    words("said").iter().filter_map(|verb| open[..end].find(verb)).min().map(|found| &open[found..])
}

/// The value from `start` on and what it is worth.
fn value(site: &Site<'_>, joint: Joint, start: usize) -> Option<(Span, f64)> {
    let folded = &site.text.folded;
    let rest = ahead(folded, start, 120);
    let open = rest.trim_start_matches(' ');
    // The value may stand on the next line or in the next cell, even behind an empty line.
    let next = open.trim_start_matches(['\n', '\t', ' ', '|']);
    let breaks = &open[..open.len() - next.len()];
    if breaks.matches('\n').count() > 2
        || (joint == Joint::Verb && !breaks.is_empty())
        || next.starts_with(',')
    {
        return None;
    }
    let value = next.trim_start_matches(['*', '`', '"', '\'', '「', '【', '[', ' ']);
    let is_quoted = value.len() < next.len();
    let bytes = value.as_bytes();
    let is_assigned = folded[..start].ends_with('=');
    let ends = |(index, byte): (usize, &u8)| match byte {
        b'|' | b'<' => true,
        b'"' | b'`' | b']' => is_quoted,
        b';' | b'&' if is_assigned => true,
        b',' | b';' => bytes.get(index + 1).is_none_or(|next| !next.is_ascii_graphic()),
        byte => !byte.is_ascii_graphic(),
    };
    let len = bytes.iter().enumerate().position(ends).unwrap_or(bytes.len());
    let shown = value[..len].trim_end_matches(['.', ',', ';', ':', ')', '"', '\'', '`', '*', ']', '}']);
    let at = start + rest.len() - value.len();
    let span = Span::new(at, at + shown.len());
    let around = Around {
        joint,
        is_quoted,
        is_elsewhere: !breaks.is_empty(),
        is_member: folded[..site.span.start].ends_with(['.', '_']),
        behind: &value[shown.len()..],
    };
    let original = Some(site.text.original(span)).filter(|original| original.is_ascii()).unwrap_or(shown);
    LENGTHS.contains(&shown.len()).then(|| worth(original, &around)).flatten().map(|bits| (span, bits))
}

/// Rows below a heading that are read.
const ROWS: usize = 200;
/// So many rows without a value end a column, or show that there is none.
const GAP: usize = 5;

/// The first value below a label that heads a column.
fn below(site: &Site<'_>) -> Option<(Span, f64)> {
    column(site)?.take(GAP).find_map(|value| value)
}

/// The other values of the column that the label heads.
fn others(site: &Site<'_>, first: &Reading) -> Vec<Reading> {
    let mut without = 0;
    let rows = column(site).into_iter().flatten().take(ROWS).take_while(|value| {
        without = if value.is_some() { 0 } else { without + 1 };
        without < GAP
    });
    let account = if has_account(&site.text.folded, site.span.start, first.span.end) { ACCOUNT } else { 0.0 };
    let others = rows.flatten().filter(|(span, _)| *span != first.span);
    others
        .map(|(span, bits)| Reading {
            canonical: site.text.original(span).to_owned(),
            bits: bits + account,
            span,
        })
        .collect()
}

/// For each row below a label that heads a column, the value in it.
fn column<'s>(site: &'s Site<'_>) -> Option<impl Iterator<Item = Option<(Span, f64)>> + 's> {
    let folded = &site.text.folded;
    let label = site.span;
    let before = behind(folded, label.start, 300);
    let before = before.rsplit('\n').next()?;
    let after = ahead(folded, label.end, 300);
    let after = after.split('\n').next()?;
    let delimiter =
        ['\t', '|', ','].into_iter().find(|sign| before.contains(*sign) || after.contains(*sign))?;
    // A heading is a cell among short cells, without the signs of prose and programs.
    let is_cell = |cell: &str| cell.len() <= 40 && !cell.contains(['.', ':', '=', '(', '"', ';']);
    let is_own = before.rsplit(delimiter).next()?.trim().len() <= 12
        && after.split(delimiter).next()?.trim().is_empty();
    if !is_own || !before.split(delimiter).chain(after.split(delimiter)).all(is_cell) {
        return None;
    }
    let start = label.end + after.len() + 1;
    if folded.as_bytes().get(start - 1) != Some(&b'\n') {
        return None;
    }
    let column = before.matches(delimiter).count();
    let around =
        Around { joint: Joint::Heading, is_quoted: false, is_elsewhere: true, is_member: false, behind: "" };
    let rows = ahead(folded, start, ROWS * LONGEST_ROW).split('\n');
    Some(rows.map(move |row| {
        let cell = row.split(delimiter).nth(column)?.trim();
        let at = cell.as_ptr() as usize - folded.as_ptr() as usize;
        let span = Span::new(at, at + cell.len());
        let is_value = LENGTHS.contains(&cell.len()) && cell.is_ascii() && !cell.contains(' ');
        let bits = is_value.then(|| worth(site.text.original(span), &around)).flatten()?;
        // The evidence sees a heading only in markup and in the first line.
        Some((span, bits + 0.8))
    }))
}

/// Bytes of a row of short cells.
const LONGEST_ROW: usize = 120;

/// Whether the name of an account stands within three lines.
fn has_account(folded: &str, start: usize, end: usize) -> bool {
    let before = behind(folded, start, ACCOUNT_REACH).rsplit('\n').take(4);
    let after = ahead(folded, end, ACCOUNT_REACH).split('\n').take(4);
    before.chain(after).any(|line| any_in(line, "accounts"))
}

#[cfg(test)]
mod tests {
    use crate::{
        Filter,
        policy::Policy,
        verdict::{Detail, Envelope},
    };

    /// Tables, whose tabs the table of cases cannot hold.
    #[test]
    fn a_column_of_passwords_gives_all_of_them() {
        let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
        let text = "user\tpassword\tteam\nann\tKq7vR2m9\tops\nbob\tchanged\tdev\ncarl\tTz4#PLw!k\tops\ndora\tWm8dR3x5\tdev";
        for (text, want) in [(text.to_owned(), 3), (text.replace("password", "pass word count"), 0)] {
            let raw = format!("Content-Type: text/plain; charset=utf-8\n\n{text}\n\nregards\n");
            let verdict = filter.check(raw.as_bytes(), &Envelope::default());
            let of_rule = verdict.findings.iter().filter(|found| found.rule.id == "secret.password");
            assert_eq!(of_rule.count(), want, "{text:?}");
        }
    }

    #[test]
    fn passwords_in_tables() {
        let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
        for (text, want) in [
            ("Username\tPassword\njsmith\t{{PASSWORD}}", true),
            ("Username\tPassword\tNote\njsmith\t{{PASSWORD}}\tnew", true),
            ("Password\tNote\n\n{{PASSWORD}}\tnew", true),
            ("账号\t密码\nzhangsan\t{{STRONG_PASSWORD}}", true),
            ("Password\t{{STRONG_PASSWORD}}", true),
            ("user,password,url\njsmith,{{PASSWORD}},https://oa.example.cn", true),
            ("| user | password |\n|------|----------|\n| jsmith | {{PASSWORD}} |", true),
            ("package\tpasswd\t1:4.13+dfsg1-1\nversion\tbase-passwd\t3.6.1", false),
            ("user\tpassword policy\nall\tversion2", false),
            ("Field\tType\nPassword\tvarchar(255)", false),
            ("self, user, password, retries\nnum_pools=10, other, third=3, x", false),
        ] {
            let raw = format!("Content-Type: text/plain; charset=utf-8\n\n{text}\n");
            let verdict = filter.check(&crate::samples::fill(raw.as_bytes()), &Envelope::default());
            let found = verdict.findings.iter().any(|found| {
                found.rule.id == "secret.password" && found.confidence >= crate::detect::Confidence::Medium
            });
            assert_eq!(found, want, "{text:?}");
        }
    }
}
