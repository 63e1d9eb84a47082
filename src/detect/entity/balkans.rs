//! Romania, Bulgaria, Croatia, Slovenia and Serbia: identity numbers.
//!
//! Slovenia and Serbia share the number of Yugoslavia; where no word tells them apart, its region does.

use super::{
    Entity, Mask, Trigger,
    checksum::{exists, mod_11_10, number_at, weighted},
};

/// Romanian CNP.
pub(super) const CNP: Entity = Entity {
    name: "ro-cnp",
    trigger: Trigger::Pattern(&[r"[1-9][0-9]{12}"]),
    examine: |site| site.number(cnp),
    mask: Mask { head: 0, tail: 4 },
    about: "Cod numeric personal: sex and century, yymmdd, county, three of sequence, check digit (modulo 11). One random number in 500 passes. Numbers from 9 are tax numbers of \
        foreigners and weak. Mistaken for it: milliseconds since 1970. Reference: OUG 97/2005; counties as of python-stdnum 2.2.",
};

fn cnp(digits: &str) -> Option<f64> {
    let of = |from, to| number_at(digits, from, to);
    let (kind, bits) = match of(0, 1)? {
        9 => (9, 1.0),
        kind => (kind, 2.7),
    };
    let century = match kind {
        3 | 4 => 1800,
        5 | 6 => 2000,
        _ => 1900,
    };
    let is_dated = exists(century + of(1, 3)?, of(3, 5)?, of(5, 7)?);
    let is_county = matches!(of(7, 9)?, 1..=48 | 51 | 52 | 70 | 80..=83);
    let check = match weighted(digits, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11 {
        10 => 1,
        check => check,
    };
    (is_dated && is_county && check == of(12, 13)?).then_some(bits)
}

/// Bulgarian EGN.
pub(super) const EGN: Entity = Entity {
    name: "bg-egn",
    trigger: Trigger::Pattern(&[r"[0-9]{6}[ -]?[0-9]{4}"]),
    examine: |site| site.number(egn),
    mask: Mask { head: 0, tail: 4 },
    about: "Edinen grazhdanski nomer: yymmdd with the century in the month (+20 for 18xx, +40 for 20xx), three of sequence, check digit (modulo 11). One random number in 100 passes, \
        so it needs a word. Mistaken for it: order and telephone numbers. Reference: Zakon za grazhdanskata registratsia, Art. 11.",
};

fn egn(digits: &str) -> Option<f64> {
    let of = |from, to| number_at(digits, from, to);
    let (century, month) = match of(2, 4)? {
        month @ 41.. => (2000, month - 40),
        month @ 21.. => (1800, month - 20),
        month => (1900, month),
    };
    let is_checked = weighted(digits, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == of(9, 10)?;
    (exists(century + of(0, 2)?, month, of(4, 6)?) && is_checked).then_some(2.0)
}

/// Croatian OIB.
pub(super) const OIB: Entity = Entity {
    name: "hr-oib",
    trigger: Trigger::Pattern(&[r"[0-9]{11}", r"hr ?[0-9]{11}"]),
    examine: |site| {
        site.number(|number| mod_11_10(number.strip_prefix("HR").unwrap_or(number)).then_some(1.0))
    },
    mask: Mask { head: 0, tail: 4 },
    about: "Osobni identifikacijski broj of people and companies: eleven digits, the last by ISO 7064 MOD 11,10; HR before it in VAT numbers. One random number in ten passes, so it \
        needs a word. Mistaken for it: order and telephone numbers. Reference: Zakon o osobnom identifikacijskom broju (2008).",
};

/// Slovenian EMSO.
pub(super) const EMSO: Entity = Entity {
    name: "si-emso",
    trigger: Trigger::Pattern(&[r"[0-3][0-9][01][0-9]{10}"]),
    examine: |site| site.number(|digits| master_number(digits, |region| (50..=59).contains(&region))),
    mask: Mask { head: 0, tail: 4 },
    about: "Enotna maticna stevilka obcana: ddmmyyy of birth, region (50 to 59 in Slovenia), three of sequence, check digit (modulo 11). One random number in 1,000 passes. Mistaken \
        for it: time stamps, order numbers. Reference: Zakon o centralnem registru prebivalstva.",
};

/// Serbian JMBG.
pub(super) const JMBG: Entity = Entity {
    name: "rs-jmbg",
    trigger: Trigger::Pattern(&[r"[0-3][0-9][01][0-9]{10}"]),
    examine: |site| site.number(|digits| master_number(digits, |region| !(50..=59).contains(&region))),
    mask: Mask { head: 0, tail: 4 },
    about: "Jedinstveni maticni broj gradjana: ddmmyyy of birth, region, three of sequence, check digit (modulo 11); the same in Bosnia, Montenegro and North Macedonia. One random \
        number in 1,000 passes. Mistaken for it: time stamps, order numbers. Reference: Zakon o jedinstvenom maticnom broju gradjana (2018).",
};

/// What a number of the Yugoslav scheme is worth, by whether its region is at home.
fn master_number(digits: &str, is_home: fn(u32) -> bool) -> Option<f64> {
    let of = |from, to| number_at(digits, from, to);
    let year = match of(4, 7)? {
        year @ ..800 => 2000 + year,
        year => 1000 + year,
    };
    let is_dated = (1880..2100).contains(&year) && exists(year, of(2, 4)?, of(0, 2)?);
    let check = (11 - weighted(digits, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10;
    let bits = if is_home(of(7, 9)?) { 3.0 } else { 2.8 };
    (is_dated && check == of(12, 13)?).then_some(bits)
}
