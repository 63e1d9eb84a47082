//! Sweden, Norway, Denmark, Finland and Iceland: identity numbers, all of them dated.

use super::{
    Entity, Mask, Site, Trigger,
    checksum::{exists, luhn, number_at, weighted},
};

/// Swedish personnummer with its hyphen, or its plus.
pub(super) const PERSONNUMMER: Entity = Entity {
    name: "se-personnummer",
    trigger: Trigger::Pattern(&[r"(?:18|19|20)?[0-9]{6}[-+][0-9]{4}"]),
    examine: |site| site.grouped(0.3, personnummer).filter(|reading| is_past(site, &reading.canonical)),
    mask: Mask { head: 0, tail: 4 },
    about: "yymmdd or yyyymmdd, a hyphen (a plus from the age of 100), three of sequence and a Luhn digit; coordination numbers have 60 added to the day. One random number in 130 \
        passes; the hyphen makes it firm enough alone. Mistaken for it: telephone numbers, Danish and Icelandic numbers. Reference: Folkbokforingslagen (1991:481) section 18.",
};

/// Swedish personnummer without its hyphen.
pub(super) const PLAIN_PERSONNUMMER: Entity = Entity {
    name: "se-personnummer-plain",
    trigger: Trigger::Pattern(&[r"(?:18|19|20)?[0-9]{6} ?[0-9]{4}"]),
    examine: |site| site.number(personnummer).filter(|reading| is_past(site, &reading.canonical)),
    mask: Mask { head: 0, tail: 4 },
    about: "The ten or twelve digits of se-personnummer alone: a column of order numbers or times holds some that pass, so it needs a word. Reference: Folkbokforingslagen (1991:481) \
        section 18.",
};

fn personnummer(digits: &str) -> Option<f64> {
    let (century, short) = digits.split_at_checked(digits.len().checked_sub(10)?)?;
    let of = |from, to| number_at(short, from, to);
    let day = match of(4, 6)? {
        day @ 61.. => day - 60,
        day => day,
    };
    let (month, year) = (of(2, 4)?, of(0, 2)?);
    let is_dated = match century.parse::<u32>() {
        Ok(century) => exists(century * 100 + year, month, day),
        Err(_) => exists(1900 + year, month, day) || exists(2000 + year, month, day),
    };
    (is_dated && luhn(short)).then_some(2.1)
}

/// Whether the year of a number that writes it out has come.
fn is_past(site: &Site<'_>, digits: &str) -> bool {
    let written = (digits.len() == 12).then(|| number_at(digits, 0, 4)).flatten();
    written.zip(site.year).is_none_or(|(year, now)| year <= u32::from(now))
}

/// Norwegian birth number.
pub(super) const FODSELSNUMMER: Entity = Entity {
    name: "no-fodselsnummer",
    trigger: Trigger::Pattern(&[r"[0-7][0-9]{5}[ -]?[0-9]{5}"]),
    examine: |site| site.grouped(0.3, fodselsnummer),
    mask: Mask { head: 0, tail: 5 },
    about: "ddmmyy, three digits that tell the century, two check digits (modulo 11); 40 is added to the day in D-numbers, to the month in H-numbers. One random number in 1,200 \
        passes. Mistaken for it: account numbers, which also have eleven digits. Reference: Skatteetaten, forskrift til folkeregisterloven.",
};

fn fodselsnummer(digits: &str) -> Option<f64> {
    let of = |from, to| number_at(digits, from, to);
    let marked = |number: u32| if number > 40 { number - 40 } else { number };
    let year = of(4, 6)?;
    let century = match (of(6, 9)?, year) {
        (..500, _) => 1900,
        (..750, 54..) => 1800,
        (_, ..40) => 2000,
        (900.., _) => 1900,
        _ => return None,
    };
    let is_dated = exists(century + year, marked(of(2, 4)?), marked(of(0, 2)?));
    let check = |weights: &[u32]| (11 - weighted(digits, weights) % 11) % 11;
    let is_checked = check(&[3, 7, 6, 1, 8, 9, 4, 5, 2]) == of(9, 10)?
        && check(&[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) == of(10, 11)?;
    (is_dated && is_checked).then_some(3.1)
}

/// Danish CPR number.
pub(super) const CPR: Entity = Entity {
    name: "dk-cpr",
    trigger: Trigger::Pattern(&[r"[0-3][0-9][01][0-9]{3}[ -]?[0-9]{4}"]),
    examine: |site| site.grouped(0.5, cpr),
    mask: Mask { head: 0, tail: 4 },
    about: "ddmmyy and four of sequence, the first of which tells the century. The old check (modulo 11) has exceptions since 2007, so it only adds to what the number is worth. One \
        random number in 40 passes, so it needs a word. Mistaken for it: telephone and order numbers. Reference: cpr.dk, Personnummeret i CPR.",
};

fn cpr(digits: &str) -> Option<f64> {
    let of = |from, to| number_at(digits, from, to);
    let year = of(4, 6)?;
    let century = match (of(6, 7)?, year) {
        (5..=8, 58..) => 1800,
        (0..=3, _) | (4 | 9, 37..) => 1900,
        _ => 2000,
    };
    let is_checked = weighted(digits, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11);
    exists(century + year, of(2, 4)?, of(0, 2)?).then_some(if is_checked { 2.0 } else { 1.1 })
}

/// Finnish personal identity code.
pub(super) const HETU: Entity = Entity {
    name: "fi-hetu",
    trigger: Trigger::Pattern(&[
        r"[0-3][0-9][01][0-9]{3}[-+a-fu-y][0-9]{3}[0-9a-y]",
        // In pieces its sign is one among others.
        r"[0-3][0-9][01][0-9]{6}[0-9a-y]",
    ]),
    examine: |site| {
        let has_sign = !site.value.as_bytes().get(6).is_some_and(u8::is_ascii_digit);
        site.number(hetu).filter(|_| has_sign || site.is_disguised())
    },
    mask: Mask { head: 0, tail: 4 },
    about: "Henkilotunnus: ddmmyy, a sign for the century (+, -, A to F, U to Y), three of sequence from 002 to 899, check character (modulo 31). One in 900 of such shape passes; \
        the shape itself is rare. Numbers from 900 are temporary. Mistaken for it: part numbers. Reference: Digital and Population Data Services Agency.",
};

fn hetu(number: &str) -> Option<f64> {
    let of = |from, to| number_at(number, from, to);
    // The sign of the last two centuries is a separator; the signs added in 2023 and those of this century are letters.
    let (century, serial) = match number.get(6..7)? {
        "A" | "B" | "C" | "D" | "E" | "F" => (2000, 7),
        "U" | "V" | "W" | "X" | "Y" => (1900, 7),
        _ => (1900, 6),
    };
    let individual = of(serial, serial + 3)?;
    let is_dated = exists(century + of(4, 6)?, of(2, 4)?, of(0, 2)?);
    let check = b"0123456789ABCDEFHJKLMNPRSTUVWXY"[(of(0, 6)? * 1000 + individual) as usize % 31];
    let is_checked = number.len() == serial + 4 && number.as_bytes().last() == Some(&check);
    (is_dated && is_checked && (2..900).contains(&individual)).then_some(2.4)
}

/// Icelandic kennitala of people.
pub(super) const KENNITALA: Entity = Entity {
    name: "is-kennitala",
    trigger: Trigger::Pattern(&[r"[0-3][0-9][01][0-9]{3}[ -]?[0-9]{3}[09]"]),
    examine: |site| site.grouped(0.3, kennitala),
    mask: Mask { head: 0, tail: 4 },
    about: "ddmmyy, two of sequence, check digit (modulo 11), century. One random number in 1,300 passes. Those of companies have 40 added to the day and are public, so they are no \
        findings. Mistaken for it: order numbers. Reference: Registers Iceland.",
};

fn kennitala(digits: &str) -> Option<f64> {
    let of = |from, to| number_at(digits, from, to);
    let century = if digits.ends_with('9') { 1900 } else { 2000 };
    let is_dated = exists(century + of(4, 6)?, of(2, 4)?, of(0, 2)?);
    let is_checked = weighted(digits, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11);
    (is_dated && is_checked).then_some(2.9)
}
