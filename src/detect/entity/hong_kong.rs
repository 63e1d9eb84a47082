//! Hong Kong and Macau: identity cards.

use super::{Entity, Mask, Trigger, checksum::weighted_36};

/// Hong Kong identity card with its check digit in parentheses.
pub(super) const HKID: Entity = Entity {
    name: "hk-hkid",
    trigger: Trigger::Pattern(&[r"[a-z]{1,2} ?[0-9]{6} ?\([0-9a]\)"]),
    examine: |site| site.grouped_freely(0.4, hkid),
    mask: Mask { head: 3, tail: 1 },
    about: "One or two letters, six digits and a check digit or A in parentheses (modulo 11). One in 11 passes, but the parentheses are rare elsewhere: weak alone, firm beside a \
        word. Mistaken for it: references such as AB123456(2). Reference: Immigration Department; detection reference 1.3.",
};

/// Hong Kong identity card written without parentheses.
pub(super) const PLAIN_HKID: Entity = Entity {
    name: "hk-hkid-plain",
    trigger: Trigger::Pattern(&[r"[a-z]{1,2}[ -]?[0-9]{6}-?[0-9a]"]),
    examine: |site| site.grouped_freely(0.0, hkid),
    mask: Mask { head: 3, tail: 1 },
    about: "One or two letters, six digits and a check digit or A (modulo 11). One in 11 passes, and image names and part numbers look like it, so it needs a word. Mistaken for it: \
        P1010028, PB1632346. Reference: Immigration Department; detection reference 1.3.",
};

fn hkid(number: &str) -> Option<f64> {
    // A single letter stands for a space, which counts 36, and the letter.
    let sum = match number.len() {
        8 => 36 * 9 + weighted_36(number, &[8, 7, 6, 5, 4, 3, 2, 1]),
        9 => weighted_36(number, &[9, 8, 7, 6, 5, 4, 3, 2, 1]),
        _ => return None,
    };
    sum.is_multiple_of(11).then_some(0.8)
}

/// Macau resident identity card.
pub(super) const MACAU_ID: Entity = Entity {
    name: "mo-id",
    trigger: Trigger::Pattern(&[r"[157][0-9]{6}\([0-9]\)", r"[157]/[0-9]{6}/[0-9]", r"[157][0-9]{7}"]),
    examine: |site| site.grouped_freely(0.5, |_| Some(-1.0)),
    mask: Mask { head: 1, tail: 1 },
    about: "Bilhete de identidade de residente: 1, 5 or 7, six digits, a check digit in parentheses or behind a slash. How the check digit is made is not public: only a word makes it \
        a finding, and a weak one where it is eight plain digits. Mistaken for it: dates, telephone numbers. Reference: DSI Macau; unverified.",
};
