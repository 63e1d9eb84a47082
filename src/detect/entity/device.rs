//! Numbers of devices and vehicles.

use super::{Entity, Mask, Reading, Site, Trigger, checksum};

/// IMEI of a mobile device.
pub(super) const IMEI: Entity = Entity {
    name: "imei",
    trigger: Trigger::Pattern(&[
        r"[0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{6}[ -]?[0-9]",
        r"[0-9]{8}[ -][0-9]{6}[ -]?[0-9]",
    ]),
    examine: |site| {
        let digits: String = site.value.chars().filter(char::is_ascii_digit).collect();
        let is_number = checksum::luhn(&digits) && !super::is_filler(&digits);
        is_number.then_some(Reading { canonical: digits, bits: 1.0, span: site.span })
    },
    mask: Mask { head: 2, tail: 2 },
    about: "Fifteen digits, 8-6-1, with a Luhn check digit. One random number in ten passes, so it needs a keyword. Mistaken for it: American Express cards, old Chinese identity numbers. \
        Reference: 3GPP TS 23.003 6.2.",
};

/// Vehicle identification number.
pub(super) const VIN: Entity = Entity {
    name: "vin",
    trigger: Trigger::Pattern(&[r"[a-hj-npr-z0-9]{11}[a-hj-npr-z0-9]{2}[0-9]{4}"]),
    examine: vin,
    mask: Mask { head: 3, tail: 4 },
    about: "Seventeen capitals and digits without I, O and Q; the last four are digits. The ninth is a check digit (MOD 11) in North America and China, elsewhere not. Mistaken for it: part \
        numbers, hashes, so it needs a keyword. Reference: ISO 3779, 49 CFR 565, GB 16735.",
};

fn vin(site: &Site<'_>) -> Option<Reading> {
    let number = site.value.to_ascii_uppercase();
    let sum: u32 = number
        .bytes()
        .zip([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])
        .map(|(byte, weight)| {
            weight
                * match byte {
                    b'0'..=b'9' => u32::from(byte - b'0'),
                    b'A'..=b'H' => u32::from(byte - b'A') + 1,
                    b'J'..=b'R' => u32::from(byte - b'J') + 1,
                    _ => u32::from(byte - b'S') + 2,
                }
        })
        .sum();
    let check = match sum % 11 {
        10 => b'X',
        digit => b'0' + digit as u8,
    };
    let is_checked = number.as_bytes()[8] == check;
    let is_strict = number.starts_with(['1', '2', '3', '4', '5', 'L']);
    let letters = number.bytes().filter(u8::is_ascii_alphabetic).count();
    if (is_strict && !is_checked) || letters < 3 {
        return None;
    }
    let bits = if is_checked { 1.0 } else { -0.4 };
    Some(Reading { canonical: number, bits, span: site.span })
}
