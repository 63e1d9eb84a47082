//! Russia and Ukraine: tax and insurance numbers, and the Russian internal passport.

use super::{
    Entity, Mask, Trigger,
    checksum::{number_at, weighted},
};

/// Russian tax number of companies.
pub(super) const COMPANY_INN: Entity = Entity {
    name: "ru-inn-company",
    trigger: Trigger::Pattern(&[r"[0-9]{10}"]),
    examine: |site| site.number(|digits| (inn_digit(digits, 9)? == number_at(digits, 9, 10)?).then_some(1.0)),
    mask: Mask { head: 4, tail: 2 },
    about: "INN of companies: ten digits, the last a check digit (modulo 11). Public. One random number in ten passes, so it needs a word. Reference: Prikaz FNS ED-7-14/559.",
};

/// Russian tax number of people.
pub(super) const PERSONAL_INN: Entity = Entity {
    name: "ru-inn",
    trigger: Trigger::Pattern(&[r"[0-9]{12}"]),
    examine: |site| site.number(personal_inn),
    mask: Mask { head: 0, tail: 4 },
    about: "INN of people: twelve digits with two check digits (modulo 11). One random number in 120 passes, so it needs a word. Mistaken for it: order numbers, time stamps. \
        Reference: Prikaz FNS ED-7-14/559.",
};

fn personal_inn(digits: &str) -> Option<f64> {
    let is_checked = [10, 11].iter().all(|&at| inn_digit(digits, at) == number_at(digits, at, at + 1));
    is_checked.then_some(2.0)
}

/// The check digit that stands at `at`.
fn inn_digit(digits: &str, at: usize) -> Option<u32> {
    const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    Some(weighted(digits, WEIGHTS.get(WEIGHTS.len().checked_sub(at)?..)?) % 11 % 10)
}

/// Russian pension insurance number.
pub(super) const SNILS: Entity = Entity {
    name: "ru-snils",
    trigger: Trigger::Pattern(&[
        r"[0-9]{3}-[0-9]{3}-[0-9]{3}[ -]?[0-9]{2}",
        r"[0-9]{3} [0-9]{3} [0-9]{3} [0-9]{2}",
        r"[0-9]{11}",
    ]),
    examine: |site| site.grouped_freely(0.6, snils),
    mask: Mask { head: 0, tail: 5 },
    about: "SNILS: nine digits and two of check (weights 9 to 1, modulo 101), written 3-3-3 2. One random number in 100 passes, so it needs a word. Numbers up to 001-001-998 have no \
        check and are not read. Mistaken for it: order and telephone numbers. Reference: Federalny zakon 27-FZ; Pension Fund of Russia.",
};

fn snils(digits: &str) -> Option<f64> {
    let check = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100;
    (number_at(digits, 0, 9)? > 1_001_998 && check == number_at(digits, 9, 11)?).then_some(2.0)
}

/// Russian internal passport.
pub(super) const RUSSIAN_PASSPORT: Entity = Entity {
    name: "ru-passport",
    trigger: Trigger::Pattern(&[r"[0-9]{2} ?[0-9]{2}[ -]?(?:no\.? ?)?[0-9]{6}"]),
    examine: |site| {
        let value = site.value.replace("no", " ");
        super::Site { value: &value, ..*site }.grouped_freely(0.1, passport)
    },
    mask: Mask { head: 0, tail: 3 },
    about: "Series of four digits (region and year of printing) and six digits. No check digit: only a word makes it a finding. Mistaken for it: telephone numbers, INN of companies. \
        Reference: Postanovlenie 2267 (2023); formerly 828 (1997).",
};

fn passport(digits: &str) -> Option<f64> {
    let is_printed = matches!(number_at(digits, 2, 4)?, 97.. | ..40);
    (is_printed && !digits.starts_with("00") && !digits.ends_with("000000")).then_some(0.3)
}

/// Ukrainian taxpayer number.
pub(super) const RNOKPP: Entity = Entity {
    name: "ua-rnokpp",
    trigger: Trigger::Pattern(&[r"[0-9]{10}"]),
    examine: |site| site.number(rnokpp),
    mask: Mask { head: 0, tail: 4 },
    about: "Number of the taxpayer's registration card: five digits that count the days from 1899-12-31 to the date of birth, four of sequence, check digit (modulo 11). One random \
        number in ten passes, so it needs a word. Mistaken for it: telephone numbers, INN. Reference: Podatkovyi kodeks, Art. 70.",
};

fn rnokpp(digits: &str) -> Option<f64> {
    // The first weight is -1.
    let sum = weighted(digits, &[10, 5, 7, 9, 4, 6, 10, 5, 7]);
    (sum % 11 % 10 == number_at(digits, 9, 10)?).then_some(1.0)
}
