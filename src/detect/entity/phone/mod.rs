//! Telephone numbers: international ones by country calling code, and those of North America, the United Kingdom, Hong Kong, Macau and Taiwan as they are
//! written there. Mobile numbers of mainland China are in `china`.
//!
//! No number has a check digit. What it is worth comes from `+` and the country code, from the way it is grouped, and from the words around it.

use std::sync::LazyLock;

mod form;

use self::form::written;
use super::{Entity, Mask, Reading, Site, Trigger, checksum, is_filler};

/// Any telephone number.
pub(in crate::detect::entity) const PHONE: Entity = Entity {
    name: "phone-number",
    trigger: Trigger::Pattern(&[
        r"[0-9](?:\)?[ ./-]?\(?[0-9]){6,14}(?:,? ?(?:x|ext(?:n|ension)?[.:]{0,2}|#|转|分机)[ :]?[0-9]{1,5})?",
    ]),
    examine: phone,
    mask: Mask { head: 3, tail: 2 },
    about: "`+`, a country calling code and as many digits as numbers of that country have; or, beside a word such as `phone`, 7 to 13 digits grouped as numbers are, or from a 0, or right behind it. An extension belongs to it. \
        Mistaken for it: dates, amounts, order numbers. Reference: ITU-T E.164, libphonenumber 9.0.",
};

/// Phone number of North America.
pub(in crate::detect::entity) const US_PHONE: Entity = Entity {
    name: "us-phone",
    trigger: Trigger::Pattern(&[
        r"(?:(?:00)?1[ .-]?\(?)?[2-9][0-9]{2}\)?[ .-]{0,2}[2-9][0-9]{2}[ .-]?[0-9]{4}(?:,? ?(?:x|ext(?:n|ension)?[.:]{0,2}|#|转|分机)[ :]?[0-9]{1,5})?",
    ]),
    examine: us_phone,
    mask: Mask { head: 3, tail: 2 },
    about: "Ten digits, 3-3-4, area and exchange from 2 to 9 and not N11; with or without 1. Grouped it is weak evidence, with +1 firm. Mistaken for it: order numbers. Reference: North \
        American Numbering Plan.",
};

/// Phone number of the United Kingdom.
pub(in crate::detect::entity) const UK_PHONE: Entity = Entity {
    name: "uk-phone",
    trigger: Trigger::Pattern(&[
        r"(?:(?:00)?44[ -]?(?:\(0\)[ -]?)?|0)(?:1[0-9]|2[03489]|3[037]|7[0-9]|8[047]|9[01])[0-9]{0,3}\)?(?:[ -]?[0-9]){5,8}",
    ]),
    examine: uk_phone,
    mask: Mask { head: 4, tail: 2 },
    about: "0 or +44 and nine or ten digits, from 1, 2 and 3 (places), 7 (mobiles), 8 or 9. Grouped it is weak evidence, with +44 firm. Mistaken for it: order numbers, numbers of other \
        countries that begin with 0. Reference: Ofcom, national telephone numbering plan.",
};

/// Phone number of Hong Kong.
pub(in crate::detect::entity) const HK_PHONE: Entity = Entity {
    name: "hk-phone",
    trigger: Trigger::Pattern(&[r"(?:(?:00)?852[ -]?)?[2-9][0-9]{3}[ -]?[0-9]{4}"]),
    examine: |site| local(site, "852", 0.1, |national| national.len() == 8),
    mask: Mask { head: 2, tail: 2 },
    about: "Eight digits from 2 to 9, 4-4; with 852 before them or not. Eight digits are nearly everywhere, so it counts only with the country code or a word. Mistaken for it: dates, \
        order numbers. Reference: OFCA, numbering plan.",
};

/// Phone number of Macau.
pub(in crate::detect::entity) const MO_PHONE: Entity = Entity {
    name: "mo-phone",
    trigger: Trigger::Pattern(&[r"(?:(?:00)?853[ -]?)?(?:28|6[0-9]|8[1-9])[0-9]{2}[ -]?[0-9]{4}"]),
    examine: |site| local(site, "853", 0.15, |national| national.len() == 8),
    mask: Mask { head: 2, tail: 2 },
    about: "Eight digits from 28, 6 or 8, 4-4; with 853 before them or not. Numbers of Hong Kong have the same form, so without the code a word for Macau tells. Reference: CTT, numbering \
        plan.",
};

/// Phone number of Taiwan.
pub(in crate::detect::entity) const TW_PHONE: Entity = Entity {
    name: "tw-phone",
    trigger: Trigger::Pattern(&[
        r"(?:(?:00)?886[ -]?(?:\(0\)[ -]?)?|0)9[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{3}",
        r"(?:(?:00)?886[ -]?(?:\(0\)[ -]?)?|0)[2-8][0-9]{0,2}\)?[ -]?[0-9]{3,4}[ -]?[0-9]{4}",
    ]),
    examine: tw_phone,
    mask: Mask { head: 4, tail: 2 },
    about: "Mobile 09xx-xxx-xxx, or 0, an area of one to three digits and seven or eight digits; with 886 instead of the 0. Mistaken for it: order numbers, numbers of other countries that \
        begin with 0. Reference: NCC, numbering plan.",
};

/// Country calling codes: code, fewest and most digits behind it.
static CALLING_CODES: LazyLock<Vec<(&'static str, usize, usize)>> = LazyLock::new(|| {
    include_str!("../../../../policies/data/calling-codes.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut fields = line.split('\t');
            Some((fields.next()?, fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        })
        .collect()
});

fn phone(site: &Site<'_>) -> Option<Reading> {
    let folded = &site.text.folded;
    let bytes = site.value.as_bytes();
    let is_signed = matches!(folded[..site.span.start].bytes().next_back(), Some(b'+' | b'('));
    let is_plain = bytes.iter().all(u8::is_ascii_digit);
    // What begins with a 1 has a plan of its own (China, North America), which tells better.
    let is_long = (8..=13).contains(&bytes.len()) && bytes[0] != b'1';
    let is_labelled = is_plain && is_long && form::is_labelled(folded, site.span);
    // Most runs of digits are nothing: no sign before them, none within, and no label.
    if is_plain && !is_signed && bytes[0] != b'0' && !is_labelled {
        return None;
    }
    let number = written(site)?;
    let digits = number.digits.as_str();
    // `0.01` begins with a 0 and another one, and not with 00.
    let behind_00 = site.value.strip_prefix("00").and(digits.strip_prefix("00"));
    if let Some(dialled) = behind_00.or_else(|| number.is_international.then_some(digits)) {
        // `+1000 8/11/02` and `+0100 2026-01-01` are time zones and dates.
        if site.value.contains('/') || number.is_international && digits.starts_with('0') {
            return None;
        }
        let plan = CALLING_CODES.iter().find(|(code, least, most)| {
            dialled.strip_prefix(code).is_some_and(|rest| (*least..=*most).contains(&rest.len()))
        });
        if let Some((code, ..)) = plan {
            let national = &dialled[code.len()..];
            // A mobile number of China is an entity of its own.
            if *code == "86" && national.len() == 11 && national.starts_with('1') {
                return None;
            }
            if *code != "1" || !national.starts_with(['0', '1']) {
                let bits = if number.is_international { 1.5 } else { 0.3 };
                return number.reading(code, national, bits);
            }
        }
        // No plan allows it: then its form and the words around it must tell.
    }
    // In pieces, fewer digits are any other number.
    let is_short = site.is_disguised() && digits.len() < 9;
    if !number.is_grouped(is_labelled) || is_filler(digits) || is_short {
        return None;
    }
    let bits = match () {
        () if form::is_named(folded, number.span) => 1.6,
        () if number.is_bracketed => -0.2,
        () if digits.starts_with('0') && number.groups.len() > 1 => -0.3,
        () => -0.6,
    };
    Some(Reading { canonical: number.with_extension(digits.to_owned()), bits, span: number.span })
}

fn us_phone(site: &Site<'_>) -> Option<Reading> {
    let number = written(site)?;
    let (national, is_international) = number.national("1", "");
    // Eleven digits in one run are many other things.
    let is_plain = number.groups.len() == 1 && !is_international;
    let national = if national.len() == 11 && !is_plain { national.strip_prefix('1')? } else { national };
    let is_service = |from: usize| national.get(from + 1..from + 3) == Some("11");
    let bytes = national.as_bytes();
    if bytes.len() != 10
        || !is_international && number.is_tail(&site.text.folded)
        || !(b'2'..=b'9').contains(&bytes[0])
        || !(b'2'..=b'9').contains(&bytes[3])
        || is_service(0)
        || is_service(3)
        || bytes[1] == b'9'
    {
        return None;
    }
    let bits = match number.groups.len() {
        _ if is_international => 1.7,
        1 => -0.5,
        _ => 0.9,
    };
    number.reading("1", national, bits)
}

fn uk_phone(site: &Site<'_>) -> Option<Reading> {
    let number = written(site)?;
    let (national, is_international) = number.national("44", "0");
    if !(9..=10).contains(&national.len()) || (national.len() == 9 && !national.starts_with('1')) {
        return None;
    }
    let is_written = matches!(
        number.groups.as_slice(),
        [5, 5 | 6] | [5 | 4, 3, 3] | [3, 4, 4] | [4, 3, 4] | [4, 6 | 7] | [3, 8] | [6, 4 | 5]
    );
    let bits = match number.groups.len() {
        _ if is_international => 1.7,
        1 if national.starts_with('7') => 0.2,
        1 => -0.4,
        _ if is_written => 0.9,
        _ => return None,
    };
    number.reading("44", national, bits)
}

/// A number without trunk prefix that is told by its code, or weakly by its groups.
fn local(site: &Site<'_>, code: &str, grouped: f64, fits: fn(&str) -> bool) -> Option<Reading> {
    let number = written(site)?;
    let (national, is_international) = number.national(code, "");
    let is_date = number.groups == [8]
        && checksum::number_at(national, 4, 6).is_some_and(|month| (1..=12).contains(&month))
        && national.starts_with("20");
    let is_other = is_date || number.is_tail(&site.text.folded);
    if !fits(national) || (is_other && !is_international) {
        return None;
    }
    let bits = match number.groups.len() {
        _ if is_international => 1.7,
        // Mobiles; landlines are written so in half of China.
        1 if national.starts_with(['5', '6', '9']) => -0.5,
        1 => -0.9,
        _ => grouped,
    };
    number.reading(code, national, bits)
}

fn tw_phone(site: &Site<'_>) -> Option<Reading> {
    let number = written(site)?;
    let (national, is_international) = number.national("886", "0");
    let is_mobile = national.len() == 9 && national.starts_with('9');
    let is_fixed = (8..=9).contains(&national.len()) && !national.starts_with('9');
    let is_written = matches!(
        number.groups.as_slice(),
        [3 | 4, 3, 3] | [4, 3 | 6] | [2, 3 | 4, 4] | [2, 7 | 8] | [3, 3, 4] | [3, 7]
    );
    let bits = match number.groups.len() {
        _ if is_international => 1.7,
        1 if is_mobile => 0.2,
        1 => -0.5,
        _ if !is_written => return None,
        _ if is_mobile => 0.9,
        _ => 0.3,
    };
    if !is_mobile && !is_fixed {
        return None;
    }
    number.reading("886", national, bits)
}
