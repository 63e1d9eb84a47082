//! Estonia, Latvia and Lithuania: identity numbers. Estonia and Lithuania share one scheme, so only a word tells them apart.

use super::{
    Entity, Mask, Trigger,
    checksum::{exists, number_at, weighted},
};

/// Estonian isikukood.
pub(super) const ISIKUKOOD: Entity = Entity {
    name: "ee-isikukood",
    trigger: Trigger::Pattern(&[r"[1-6][0-9]{10}"]),
    examine: |site| site.number(|digits| dated(digits).then_some(2.4)),
    mask: Mask { head: 0, tail: 4 },
    about: "Sex and century, yymmdd, three of sequence, check digit (modulo 11 with a second row of weights). One random number in 300 passes; the Lithuanian number is built alike, \
        so it needs a word. Mistaken for it: order and telephone numbers. Reference: Riigi Teataja, Isikukoodi moodustamise kord; EVS 585.",
};

/// Lithuanian asmens kodas.
pub(super) const ASMENS_KODAS: Entity = Entity {
    name: "lt-asmens-kodas",
    trigger: Trigger::Pattern(&[r"[3-69][0-9]{10}"]),
    examine: |site| site.number(asmens_kodas),
    mask: Mask { head: 0, tail: 4 },
    about: "Sex and century, yymmdd, three of sequence, check digit (modulo 11 with a second row of weights); from 9 on without a date. One random number in 300 passes; the Estonian \
        number is built alike, so it needs a word. Mistaken for it: order and telephone numbers. Reference: Gyventoju registro istatymas.",
};

fn asmens_kodas(digits: &str) -> Option<f64> {
    if digits.starts_with('9') {
        return is_checked(digits).then_some(1.0);
    }
    dated(digits).then_some(2.4)
}

/// Whether date and check digit of the shared scheme hold.
fn dated(digits: &str) -> bool {
    let of = |from, to| number_at(digits, from, to).unwrap_or(0);
    let century = 1700 + of(0, 1).div_ceil(2) * 100;
    exists(century + of(1, 3), of(3, 5), of(5, 7)) && is_checked(digits)
}

fn is_checked(digits: &str) -> bool {
    let mut check = weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    if check == 10 {
        check = weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10;
    }
    number_at(digits, 10, 11) == Some(check)
}

/// Latvian personas kods.
pub(super) const PERSONAS_KODS: Entity = Entity {
    name: "lv-personas-kods",
    trigger: Trigger::Pattern(&[r"[0-3][0-9]{5}[ -]?[0-9]{5}"]),
    examine: |site| site.grouped(0.5, personas_kods),
    mask: Mask { head: 0, tail: 5 },
    about: "ddmmyy, a hyphen, century, three of sequence and a check digit (modulo 11); since 2017 from 32 on without a date. One random number in 500 passes. Mistaken for it: \
        Norwegian numbers, order numbers. Reference: Fizisko personu registra likums; check as in python-stdnum 2.2.",
};

fn personas_kods(digits: &str) -> Option<f64> {
    let of = |from, to| number_at(digits, from, to);
    let is_dated = match of(6, 7)? {
        century @ 0..=2 => exists(1800 + century * 100 + of(4, 6)?, of(2, 4)?, of(0, 2)?),
        _ => false,
    };
    let check = (1 + weighted(digits, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11 % 10;
    ((is_dated || digits.starts_with("32")) && check == of(10, 11)?).then_some(2.7)
}
