//! Japan and Korea: numbers of people and companies, and passports.

use super::{
    Entity, Mask, Trigger,
    checksum::{exists, number_at, weighted},
};

/// Japanese individual number.
pub(super) const MY_NUMBER: Entity = Entity {
    name: "jp-my-number",
    trigger: Trigger::Pattern(&[r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}"]),
    examine: |site| site.grouped(0.5, my_number),
    mask: Mask { head: 0, tail: 4 },
    about: "Twelve digits, also 4-4-4, the last a check digit (modulo 11). One random number in ten passes, so it needs a word. Mistaken for it: time stamps, order numbers. \
        Reference: My Number Act; ordinance 85 of the Ministry of Internal Affairs (2014).",
};

fn my_number(digits: &str) -> Option<f64> {
    let check = match weighted(digits, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
        0 | 1 => 0,
        remainder => 11 - remainder,
    };
    (check == number_at(digits, 11, 12)?).then_some(1.0)
}

/// Japanese passport.
pub(super) const JAPANESE_PASSPORT: Entity = Entity {
    name: "jp-passport",
    trigger: Trigger::Pattern(&[r"[a-z]{2} ?[0-9]{7}"]),
    examine: |site| site.number(|_| Some(0.0)),
    mask: Mask { head: 2, tail: 2 },
    about: "Two letters and seven digits. No check digit outside the machine-readable zone: only a word makes it a finding. Mistaken for it: part numbers, passports of other \
        countries. Reference: Ministry of Foreign Affairs of Japan.",
};

/// Korean resident registration number as it is printed.
pub(super) const RRN: Entity = Entity {
    name: "kr-rrn",
    trigger: Trigger::Pattern(&[r"[0-9]{2}[01][0-9][0-3][0-9]-[0-9]{7}"]),
    examine: |site| site.grouped(0.2, rrn),
    mask: Mask { head: 6, tail: 0 },
    about: "yymmdd, a hyphen, sex and century, six digits with a check digit (modulo 11); of those born since October 2020 they are random, so the check is not asked of them. Also \
        the numbers of foreigners. One random number in 280 passes. Mistaken for it: time stamps. Reference: Resident Registration Act, Art. 7-2.",
};

/// Korean resident registration number without its hyphen.
pub(super) const PLAIN_RRN: Entity = Entity {
    name: "kr-rrn-plain",
    trigger: Trigger::Pattern(&[r"[0-9]{2}[01][0-9][0-3][0-9] ?[0-9]{7}"]),
    examine: |site| site.number(rrn),
    mask: Mask { head: 6, tail: 0 },
    about: "The thirteen digits of kr-rrn alone: a column of milliseconds since 1970 holds many that pass, so it needs a word. Reference: Resident Registration Act, Art. 7-2.",
};

fn rrn(digits: &str) -> Option<f64> {
    let of = |from, to| number_at(digits, from, to);
    let (year, month) = (of(0, 2)?, of(2, 4)?);
    let century = match of(6, 7)? {
        1 | 2 | 5 | 6 => 1900,
        3 | 4 | 7 | 8 => 2000,
        _ => 1800,
    };
    if !exists(century + year, month, of(4, 6)?) {
        return None;
    }
    let check = (11 - weighted(digits, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10;
    if of(7, 9)? <= 96 && check == of(12, 13)? {
        return Some(2.5);
    }
    let is_random = century == 2000 && (year > 20 || (year == 20 && month >= 10)) && year < 40;
    is_random.then_some(0.8)
}

/// Korean business registration number.
pub(super) const BRN: Entity = Entity {
    name: "kr-brn",
    trigger: Trigger::Pattern(&[r"[1-9][0-9]{2}-?[0-9]{2}-?[0-9]{5}"]),
    examine: |site| site.grouped(0.5, brn),
    mask: Mask { head: 3, tail: 2 },
    about: "Tax office, kind of business, number and check digit, 3-2-5. Public. Only the structure is checked, so it needs a word. Mistaken for it: telephone numbers. Reference: \
        National Tax Service; OECD, Korea TIN.",
};

fn brn(digits: &str) -> Option<f64> {
    let of = |from, to| number_at(digits, from, to);
    (of(0, 3)? > 100 && of(3, 5)? > 0 && of(5, 9)? > 0).then_some(0.0)
}

/// Korean passport.
pub(super) const KOREAN_PASSPORT: Entity = Entity {
    name: "kr-passport",
    trigger: Trigger::Pattern(&[r"[mrsodg][0-9]{8}", r"[mrsodg][0-9]{3}[a-z][0-9]{4}"]),
    examine: |site| site.number(|_| Some(0.0)),
    mask: Mask { head: 1, tail: 3 },
    about: "M, R, S, O, D or G and eight digits; since 2021 three digits, a letter and four digits. No check digit outside the machine-readable zone: only a word makes it a finding. \
        Mistaken for it: part numbers, passports of other countries. Reference: Ministry of Foreign Affairs of Korea.",
};
