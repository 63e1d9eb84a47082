//! United States: social security number.

use super::{Entity, Mask, Reading, Site, Trigger, digits_of, is_filler};

/// Social security number.
pub(super) const SSN: Entity = Entity {
    name: "us-ssn",
    trigger: Trigger::Pattern(&[r"[0-9]{3}[ -][0-9]{2}[ -][0-9]{4}", r"[0-9]{9}"]),
    examine: ssn,
    mask: Mask { head: 0, tail: 4 },
    about: "Nine digits, 3-2-4. No check digit; area 000, 666 and 900-999, group 00 and serial 0000 were never issued. With hyphens it is weak evidence alone and firm beside a \
        keyword; without, it needs one. Mistaken for it: order numbers, ZIP+4, phone and ICQ numbers. Reference: SSA, randomisation of 2011.",
};

fn ssn(site: &Site<'_>) -> Option<Reading> {
    let value = site.value;
    let digits = digits_of(value)?;
    let (area, group, serial) = (&digits[..3], &digits[3..5], &digits[5..]);
    let never_issued =
        matches!(area, "000" | "666") || area.starts_with('9') || group == "00" || serial == "0000";
    if never_issued || is_filler(&digits) {
        return None;
    }
    let bits = if value.contains('-') {
        1.4
    } else if value.contains(' ') {
        1.2
    } else {
        -0.5
    };
    Some(Reading { canonical: digits, bits, span: site.span })
}
