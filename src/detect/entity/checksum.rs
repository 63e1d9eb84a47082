//! Check digits, restated from their standards.

/// Luhn (ISO/IEC 7812-1): cards, IMEI.
pub(super) fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0');
            match index % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// ISO 7064 MOD 11-2 with check character `X` for ten: GB 11643.
pub(super) fn mod_11_2(number: &str) -> bool {
    let bytes = number.as_bytes();
    let Some((check, body)) = bytes.split_last() else { return false };
    let remainder = body.iter().fold(0u32, |product, byte| (product + u32::from(byte - b'0')) * 2 % 11);
    let want = (12 - remainder) % 11;
    u32::from(match check {
        b'x' | b'X' => 10,
        digit => digit - b'0',
    }) == want
}

/// ISO 7064 MOD 97-10 over letters as 10 to 35, the first four characters moved to the end (ISO 13616).
pub(super) fn mod_97(iban: &str) -> bool {
    let (head, tail) = iban.split_at(4);
    let remainder = tail.bytes().chain(head.bytes()).fold(0u32, |remainder, byte| {
        let value = match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            _ => u32::from(byte.to_ascii_uppercase() - b'A') + 10,
        };
        (remainder * if value > 9 { 100 } else { 10 } + value) % 97
    });
    remainder == 1
}

/// Whether a date exists, in the Gregorian calendar.
pub(super) fn is_date(year: u16, month: u8, day: u8) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}
