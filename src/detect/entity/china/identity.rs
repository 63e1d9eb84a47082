//! China: numbers of identity documents. Only the resident identity number has a check character; the others are nothing without their names.

use crate::detect::entity::{Entity, Mask, Reading, Site, Trigger, checksum, digits_of};

/// Resident identity number, 18 digits (GB 11643) or the old 15.
pub(in crate::detect::entity) const RESIDENT_ID: Entity = Entity {
    name: "cn-resident-id",
    trigger: Trigger::Pattern(&[
        r"[1-9][0-9]{5}[ -]?(?:18|19|20)[0-9]{6}[ -]?[0-9]{3}[0-9x]",
        r"[1-9][0-9]{14}",
    ]),
    examine: resident_id,
    mask: Mask { head: 6, tail: 4 },
    about: "Six digits of region, date of birth, three of sequence, check character (ISO 7064 MOD 11-2). Checked: province, a date that exists and is no more than 120 years \
        past, check character; together one random number in 50,000 passes. County codes are not checked: they change, and people keep theirs. Also the residence permits of \
        residents of Hong Kong, Macau (regions 81, 82) and Taiwan (71, 83). The old form of 15 digits has no check character and needs a keyword. Mistaken for it: order, \
        tracking and credit code numbers. Reference: GB 11643-1999.",
};

/// First two digits of regions (GB/T 2260), with 83 for residence permits of Taiwan residents.
const PROVINCES: &[u8] = &[
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82, 83,
];

fn resident_id(site: &Site<'_>) -> Option<Reading> {
    let number = digits_of(site.value)?;
    let of = |from: usize, to: usize| number.get(from..to)?.parse::<u16>().ok();
    if !PROVINCES.contains(&(of(0, 2)? as u8)) {
        return None;
    }
    let (year, at, bits) = match number.len() {
        18 => (of(6, 10)?, 10, 4.7),
        // No check character: only a keyword makes it a finding, and a weak one.
        15 => (1900 + of(6, 8)?, 8, -1.0),
        _ => return None,
    };
    let is_dated = checksum::is_date(year, of(at, at + 2)? as u8, of(at + 2, at + 4)? as u8);
    let is_alive = site.year.is_none_or(|now| year <= now && year + 120 >= now);
    if !is_dated || !is_alive || (number.len() == 18 && !checksum::mod_11_2(&number)) {
        return None;
    }
    Some(Reading { canonical: number.to_ascii_uppercase(), bits, span: site.span })
}

/// Passport of the People's Republic of China.
pub(in crate::detect::entity) const PASSPORT: Entity = Entity {
    name: "cn-passport",
    trigger: Trigger::Pattern(&[
        "e[0-9]{8}",
        "e[a-hj-np-z][0-9]{7}",
        "g[0-9]{8}",
        "1[45][0-9]{7}",
        "[dps]e?[0-9]{7,8}",
    ]),
    examine: |site| unchecked(site, 0.0),
    mask: Mask { head: 1, tail: 3 },
    about: "E and eight digits, E with a second letter and seven, the older G and 14 or 15 forms, official P, S, D. There is no check digit outside the machine-readable zone, so it needs a \
        keyword. Mistaken for it: part numbers, tickets. Reference: GA/T 1180 and notices of the exit and entry administration.",
};

/// Permit of mainland residents for Hong Kong and Macau (往来港澳通行证).
pub(in crate::detect::entity) const HK_MACAU_PERMIT: Entity = Entity {
    name: "cn-hk-macau-permit",
    trigger: Trigger::Pattern(&["c[0-9]{8}", "c[a-z][0-9]{7}", "w[0-9]{8}"]),
    examine: |site| unchecked(site, 0.0),
    mask: Mask { head: 1, tail: 3 },
    about: "C and eight digits, C with a second letter and seven, the older W and eight. No check digit; needs a keyword. Mistaken for it: part numbers. Reference: notices of the exit and \
        entry administration.",
};

/// Mainland travel permit of residents of Hong Kong and Macau (回乡证).
pub(in crate::detect::entity) const HOME_RETURN_PERMIT: Entity = Entity {
    name: "cn-home-return-permit",
    trigger: Trigger::Pattern(&["[hm][0-9]{8}(?:[0-9]{2})?"]),
    examine: |site| unchecked(site, 0.0),
    mask: Mask { head: 1, tail: 3 },
    about: "H or M, eight digits for life, two of the issue. No check digit; needs a keyword. Mistaken for it: model numbers. Reference: rules of 2010 of the Ministry of Public Security.",
};

/// Mainland travel permit of residents of Taiwan (台胞证).
pub(in crate::detect::entity) const TAIWAN_PERMIT: Entity = Entity {
    name: "cn-taiwan-permit",
    trigger: Trigger::Pattern(&["[0-9]{8}", "[0-9]{10}[a-z]"]),
    examine: |site| unchecked(site, -0.6),
    mask: Mask { head: 2, tail: 2 },
    about: "Eight digits, or ten and a letter on older permits. Any eight digits look like it, so it needs its keyword near by. Mistaken for it: dates, phone numbers.",
};

/// Social security, medical insurance and housing fund numbers.
pub(in crate::detect::entity) const SOCIAL_SECURITY: Entity = Entity {
    name: "cn-social-security",
    trigger: Trigger::Pattern(&["[0-9]{8,12}", "[a-z][0-9]{8}"]),
    examine: |site| unchecked(site, -0.6),
    mask: Mask { head: 2, tail: 2 },
    about: "Older regional numbers of 8 to 12 digits, or a letter and eight (the card number); today it is the resident identity number. No check digit; needs a keyword near by.",
};

/// File number of a driving licence.
pub(in crate::detect::entity) const DRIVING_LICENCE_FILE: Entity = Entity {
    name: "cn-driving-licence-file",
    trigger: Trigger::Pattern(&["[0-9]{12}"]),
    examine: |site| unchecked(site, -0.4),
    mask: Mask { head: 4, tail: 2 },
    about: "Twelve digits (档案编号). The licence number itself is the resident identity number. No check digit; needs a keyword. Mistaken for it: order numbers.",
};

/// A number with a form and nothing to check.
fn unchecked(site: &Site<'_>, bits: f64) -> Option<Reading> {
    let canonical = digits_of(site.value)?.to_ascii_uppercase();
    let digits = canonical.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let varies = digits.bytes().any(|byte| byte != digits.as_bytes()[0]);
    varies.then_some(Reading { canonical, bits, span: site.span })
}

/// Military identity documents: officers, soldiers, civilian staff.
pub(in crate::detect::entity) const MILITARY_ID: Entity = Entity {
    name: "cn-military-id",
    trigger: Trigger::Pattern(&["[0-9]{4,8}号"]),
    examine: military_id,
    mask: Mask { head: 3, tail: 0 },
    about: "An arm or region, 字第, four to eight digits, 号: 军字第2001988号. Mistaken for it: numbers of official and court documents, whose 字 has another character before it.",
};

/// What stands before 字第 in documents of the forces.
const ARMS: &[&str] = &[
    "军", "兵", "士", "文", "职", "广", "北", "南", "海", "空", "沈", "兰", "成", "济", "政", "后", "装",
    "参", "联", "东", "西", "中", "火", "武",
];

fn military_id(site: &Site<'_>) -> Option<Reading> {
    let folded = &site.text.folded;
    let head = folded[..site.span.start].strip_suffix("字第")?;
    let arm = ARMS.iter().find(|arm| head.ends_with(**arm))?;
    let before = head[..head.len() - arm.len()].chars().next_back();
    // 京政字第, （2020）沪海字第: an office or a year stands before the arm.
    if before.is_some_and(|c| {
        "京沪津渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新市省县区院发办函)".contains(c)
    }) {
        return None;
    }
    let span = crate::span::Span::new(head.len() - arm.len(), site.span.end);
    Some(Reading { canonical: span.of_str(folded).to_owned(), bits: 0.9, span })
}
