//! Turkey and Israel: identity numbers.

use super::{
    Entity, Mask, Trigger,
    checksum::{luhn, number_at, weighted},
};

/// Turkish identity number.
pub(super) const TCKN: Entity = Entity {
    name: "tr-tckn",
    trigger: Trigger::Pattern(&[r"[1-9][0-9]{10}"]),
    examine: |site| site.number(tckn),
    mask: Mask { head: 0, tail: 4 },
    about: "T.C. kimlik numarasi: eleven digits, the last two check digits (modulo 10). One random number in 100 passes, so it needs a word. Mistaken for it: order and telephone \
        numbers. Reference: Nufus Hizmetleri Kanunu 5490.",
};

fn tckn(digits: &str) -> Option<f64> {
    let first = (10 - weighted(digits, &[3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10) % 10;
    let second = (first + weighted(digits, &[1; 9])) % 10;
    (number_at(digits, 9, 11)? == first * 10 + second).then_some(2.0)
}

/// Israeli identity number.
pub(super) const ISRAELI_ID: Entity = Entity {
    name: "il-id",
    trigger: Trigger::Pattern(&[r"[0-9]{7,8}-?[0-9]"]),
    examine: |site| site.grouped(0.4, israeli_id),
    mask: Mask { head: 0, tail: 3 },
    about: "Mispar zehut: nine digits with a Luhn digit; leading zeros are often left out. One random number in ten passes, so it needs a word. Mistaken for it: dates, telephone and \
        company numbers. Reference: Population Registry Law 5725-1965.",
};

fn israeli_id(digits: &str) -> Option<f64> {
    let bits = if digits.len() == 9 { 1.0 } else { 0.6 };
    luhn(digits).then_some(bits)
}
