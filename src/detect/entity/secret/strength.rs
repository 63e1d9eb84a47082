//! What a value is worth as a password: by its kinds of characters, and by what it is when it is none: a word, a length, a link, a piece of a program.

use super::{Classes, is_placeholder, password::words};

/// How label and value are joined.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// A colon or an equals sign.
    Sign,
    /// A verb.
    Verb,
    /// Nothing: the next line or cell, or digits and letters behind a Chinese label.
    Bare,
    /// The heading of a column.
    Heading,
}

/// What stands around a value.
pub(super) struct Around<'t> {
    pub(super) joint: Joint,
    pub(super) is_quoted: bool,
    /// It stands in another line or cell than its label.
    pub(super) is_elsewhere: bool,
    /// Its label is part of a name: `self.password`, `DB_PASSWORD`.
    pub(super) is_member: bool,
    /// What follows.
    pub(super) behind: &'t str,
}

/// What a value is worth, in decimal digits of odds beside its label; `None` for what is no password.
pub(super) fn worth(value: &str, around: &Around<'_>) -> Option<f64> {
    let lower = value.to_ascii_lowercase();
    let word = lower.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let is_prose = words("prose").contains(&word);
    let is_loose = matches!(around.joint, Joint::Bare | Joint::Heading);
    if is_placeholder(value) || is_prose || is_locator(&lower) || is_code(value) {
        return None;
    }
    let goes_on = around.behind.strip_prefix(' ').is_some_and(|tail| {
        tail.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '=' | '+' | '&' | '|'))
    });
    if around.is_elsewhere && goes_on || (is_loose && value.contains([':', '/', '.', '=', ',', '\\'])) {
        return None;
    }
    let classes = Classes::of(value);
    let is_mark =
        |byte: &u8| matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'+' | b'~');
    let inner = value.get(1..value.len() - 1).unwrap_or_default();
    // At its ends, signs belong to the sentence or the program.
    let marks = inner.bytes().filter(is_mark).count();
    match (classes.letters(), classes.digits) {
        (0, _) => number(&classes, marks, around, goes_on),
        (_, 0) if marks == 0 => letters(value, &classes, around, goes_on),
        (_, 0) if classes.signs > marks + 1 || is_loose => None,
        _ if is_loose && value.len() < 6 => None,
        _ => {
            let kinds = [classes.lower, classes.upper, classes.digits, marks];
            let bits = match kinds.iter().filter(|count| **count > 0).count() {
                0 | 1 => return None,
                2 => 0.9,
                3 => 1.3,
                _ => 1.6,
            };
            let is_weak = around.joint == Joint::Verb && !around.is_quoted && bits < 1.0;
            Some(if is_weak { bits - 0.4 } else { bits })
        }
    }
}

/// Digits only: a PIN or a date of birth, but no length, time, telephone number or range.
fn number(classes: &Classes, marks: usize, around: &Around<'_>, goes_on: bool) -> Option<f64> {
    let follows = around.behind.trim_start_matches([')', '"', '\'', ' ', '-']);
    if words("units").iter().any(|unit| follows.starts_with(unit)) {
        return None;
    }
    let is_loose = matches!(around.joint, Joint::Bare | Joint::Heading);
    let is_number = classes.signs == 0 && (4..=12).contains(&classes.digits);
    match () {
        () if marks > 0 && classes.digits >= 4 && !is_loose => Some(0.5),
        () if is_number && !goes_on && !is_loose => Some(if around.is_elsewhere { -0.5 } else { 0.0 }),
        () => None,
    }
}

/// Letters only: a word, unless capitals stand where words have none.
fn letters(value: &str, classes: &Classes, around: &Around<'_>, goes_on: bool) -> Option<f64> {
    let capitals = value.bytes().skip(1).filter(u8::is_ascii_uppercase).count();
    let is_odd = capitals >= 2 && classes.lower >= 2 && classes.signs == 0 && !around.is_member;
    let is_own_name = value.to_ascii_lowercase().contains("pass");
    match around.joint {
        Joint::Heading | Joint::Bare => None,
        // `l'abonnement`
        _ if value.contains('\'') => None,
        _ if around.is_elsewhere || is_own_name || (around.is_member && !around.is_quoted) => None,
        _ if is_odd => Some(0.4),
        Joint::Verb => around.is_quoted.then_some(-0.9),
        Joint::Sign => (!goes_on).then_some(-1.4),
    }
}

/// Whether it is a link, an address or a path.
fn is_locator(lower: &str) -> bool {
    let is_host = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'-');
    let is_address = lower.split_once('@').is_some_and(|(name, host)| {
        let top = host.rsplit_once('.').map_or("", |(_, top)| top);
        !name.is_empty() && top.len() >= 2 && host.bytes().all(is_host)
    });
    lower.contains("://") || lower.starts_with("www.") || lower.starts_with(['/', '\\', '~']) || is_address
}

/// Whether it is an expression or a name of a program.
fn is_code(value: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let is_one_case = |is: fn(&u8) -> bool| value.bytes().all(|byte| is(&byte) || byte == b'_');
    let has_signs =
        value.contains(['(', '[', '{', '\\']) || ["->", "::", "++"].iter().any(|sign| value.contains(sign));
    let is_path =
        value.contains('.') && value.split('.').all(|name| !name.is_empty() && name.bytes().all(is_word));
    let is_name =
        value.contains('_') && (is_one_case(u8::is_ascii_lowercase) || is_one_case(u8::is_ascii_uppercase));
    has_signs || is_path || is_name || value.starts_with(['_', '=']) || value.starts_with("--")
}
