//! China: numbers of businesses. They are public by law or routine on invoices; knowing them keeps them from being taken for people's.

use crate::detect::entity::{Entity, Mask, Reading, Site, Trigger, digits_of, is_filler};

/// Unified social credit code.
pub(in crate::detect::entity) const CREDIT_CODE: Entity = Entity {
    name: "cn-credit-code",
    trigger: Trigger::Pattern(&["[0-9a-hj-npqrtuwxy]{2}[0-9]{6}[0-9a-hj-npqrtuwxy]{10}"]),
    examine: credit_code,
    mask: Mask { head: 18, tail: 0 },
    about: "Eighteen characters without I, O, S, V, Z: authority, kind, region, organisation, check character (modulus 31). Public data of every company, taxpayer number at once; recognised so \
        that it is not taken for an identity number. Reference: GB 32100-2015.",
};

fn credit_code(site: &Site<'_>) -> Option<Reading> {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let code = site.value.to_ascii_uppercase();
    let value = |byte: u8| ALPHABET.iter().position(|known| *known == byte);
    let sum: usize =
        code.bytes().zip(WEIGHTS).map(|(byte, weight)| Some(value(byte)? * weight)).sum::<Option<usize>>()?;
    let check = (31 - sum % 31) % 31;
    // Authorities: 1 institutions, 5 civil affairs, 9 commerce, and the letters in use.
    let known = matches!(
        code.as_bytes()[0],
        b'1' | b'2' | b'3' | b'4' | b'5' | b'6' | b'7' | b'8' | b'9' | b'A' | b'N' | b'Y'
    );
    let bits = if code.starts_with("91") { 3.0 } else { 2.0 };
    (known && value(code.as_bytes()[17]) == Some(check)).then_some(Reading {
        canonical: code,
        bits,
        span: site.span,
    })
}

/// Account of a company or person at a bank, where it is no card.
pub(in crate::detect::entity) const BANK_ACCOUNT: Entity = Entity {
    name: "cn-bank-account",
    trigger: Trigger::Pattern(&["[0-9]{8,25}", "[0-9]{4}(?: [0-9]{4}){1,4}(?: [0-9]{1,4})?"]),
    examine: bank_account,
    mask: Mask { head: 0, tail: 4 },
    about: "Eight to twenty-five digits beside 账号 or 账户; firmer where the bank or the holder is named as well (开户行, 户名). There is no public check digit. A company's own account on an invoice is \
        routine. Mistaken for it: every other long number, so the keyword must stand near by.",
};

/// Bytes around an account in which the bank is named.
const BANK_WINDOW: usize = 200;

fn bank_account(site: &Site<'_>) -> Option<Reading> {
    let digits = digits_of(site.value).filter(|digits| !is_filler(digits))?;
    let folded = &site.text.folded;
    let from = crate::span::floor_boundary(folded, site.span.start.saturating_sub(BANK_WINDOW));
    let to = crate::span::ceil_boundary(folded, site.span.end + BANK_WINDOW);
    let around = &folded[from..to];
    let names_bank = ["开户", "户名", "支行", "分行", "银行"].iter().any(|word| around.contains(word));
    Some(Reading { canonical: digits, bits: if names_bank { -0.5 } else { -1.2 }, span: site.span })
}

/// CNAPS code of a bank.
pub(in crate::detect::entity) const BANK_CODE: Entity = Entity {
    name: "cn-bank-code",
    trigger: Trigger::Pattern(&["[0-9]{12}"]),
    examine: |site| Some(Reading { canonical: site.value.to_owned(), bits: 0.0, span: site.span }),
    mask: Mask { head: 12, tail: 0 },
    about: "Twelve digits of the payment system (联行号, CNAPS). Names a branch of a bank, no person.",
};

/// Numbers and codes of invoices.
pub(in crate::detect::entity) const INVOICE: Entity = Entity {
    name: "cn-invoice",
    trigger: Trigger::Pattern(&["[0-9]{20}", "[0-9]{12}", "[0-9]{10}", "[0-9]{8}"]),
    examine: |site| Some(Reading { canonical: site.value.to_owned(), bits: 0.0, span: site.span }),
    mask: Mask { head: 20, tail: 0 },
    about: "Twenty digits of a digital invoice, or the code of ten or twelve and the number of eight of older ones. Business data.",
};
