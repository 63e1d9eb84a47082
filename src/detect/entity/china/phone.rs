//! China: telephone numbers. None has a check digit, so what they are worth comes from prefixes and the words around them.

use crate::detect::entity::{Entity, Mask, Reading, Site, Trigger, digits_of};

/// Mobile number.
pub(in crate::detect::entity) const MOBILE: Entity = Entity {
    name: "cn-mobile",
    trigger: Trigger::Pattern(&[
        r"1[3-9][0-9][ .-]?[0-9]{4}[ .-]?[0-9]{4}",
        r"(?:00)?86[)]?[ .-]?1[3-9][0-9][ .-]?[0-9]{4}[ .-]?[0-9]{4}",
    ]),
    examine: mobile,
    mask: Mask { head: 3, tail: 4 },
    about: "Eleven digits from 1, by the prefixes that are in use; with or without 86. There is no check digit, so alone it is weak: a keyword, the country code or a list of \
        five makes it firm. Mistaken for it: order numbers, ids. Reference: the numbering plan as of libphonenumber 9.0.",
};

/// Three-digit prefixes of mobile numbers: 13x, 14[5-9], 15[0-35-9], 16[25-7], 17[0-8], 18x, 19[0-35-9].
fn is_mobile_prefix(prefix: &str) -> bool {
    let Some((class, digit)) = prefix.split_at_checked(2) else { return false };
    let digits = match class {
        "13" | "18" => "0123456789",
        "14" => "56789",
        "15" | "19" => "012356789",
        "16" => "2567",
        "17" => "012345678",
        _ => return false,
    };
    digits.contains(digit)
}

fn mobile(site: &Site<'_>) -> Option<Reading> {
    let digits: String = site.value.chars().filter(char::is_ascii_digit).collect();
    let international = digits.len() > 11;
    let number = &digits[digits.len().checked_sub(11)?..];
    let one_digit = number[3..].bytes().all(|byte| byte == number.as_bytes()[3]);
    if !is_mobile_prefix(&number[..3]) || one_digit {
        return None;
    }
    let bits = if international { 1.6 } else { 0.9 };
    Some(Reading { canonical: number.to_owned(), bits, span: site.span })
}

/// Landline number with its area code.
pub(in crate::detect::entity) const LANDLINE: Entity = Entity {
    name: "cn-landline",
    trigger: Trigger::Pattern(&[
        r"0[0-9]{2,3}[)]?[ -]?[1-9][0-9]{2,3}[ -]?[0-9]{4}(?:-[0-9]{1,5})?",
        r"(?:00)?86[)]?[ -]?[1-9][0-9]{1,2}[ -]?[1-9][0-9]{2,3}[ -]?[0-9]{4}",
    ]),
    examine: landline,
    mask: Mask { head: 4, tail: 4 },
    about: "Area code (010, 02x, or four digits) and seven or eight digits, perhaps an extension. It needs a keyword. Mistaken for it: dates and file numbers such as 2024-12345678. Reference: the \
        numbering plan.",
};

fn landline(site: &Site<'_>) -> Option<Reading> {
    let all: String = site.value.chars().filter(char::is_ascii_digit).collect();
    let national = match site.value.strip_prefix("0086").or(site.value.strip_prefix("86")) {
        Some(_) => format!("0{}", all.trim_start_matches('0').strip_prefix("86")?),
        None => all,
    };
    let extension =
        site.value.rsplit_once('-').filter(|(head, _)| head.bytes().filter(u8::is_ascii_digit).count() >= 10);
    let number = &national[..national.len() - extension.map_or(0, |(_, digits)| digits.len())];
    let short_area = number.starts_with("010") || number.starts_with("02");
    let (area, local) = number.split_at_checked(if short_area { 3 } else { 4 })?;
    let fits = if short_area { local.len() == 8 } else { (7..=8).contains(&local.len()) };
    // No area is 0x0y: those are service numbers of other countries, such as 0808.
    let is_area = short_area || matches!(area.as_bytes(), [_, b'3'..=b'9', b'1'..=b'9', _]);
    (fits && is_area).then(|| Reading { canonical: number.to_owned(), bits: 0.3, span: site.span })
}

/// Service numbers of businesses.
pub(in crate::detect::entity) const HOTLINE: Entity = Entity {
    name: "cn-hotline",
    trigger: Trigger::Pattern(&[r"[48]00[ -]?[0-9]{3,4}[ -]?[0-9]{3,4}"]),
    examine: |site| {
        let digits = digits_of(site.value).filter(|digits| digits.len() == 10)?;
        let bits = if site.value.len() > 10 { 1.6 } else { 0.9 };
        Some(Reading { canonical: digits, bits, span: site.span })
    },
    mask: Mask { head: 10, tail: 0 },
    about: "400 or 800 and seven digits: the number of a business, public by purpose. Recognised so that it is not taken for a person's.",
};
