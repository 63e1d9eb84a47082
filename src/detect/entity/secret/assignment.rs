//! What is assigned to a name such as `api_key` and looks random.

use super::{
    Classes, Entity, Mask, Reading, Site, Span, Trigger, ahead, behind, entropy, is_placeholder, unseen,
};

/// A secret by its name.
pub(in super::super) const GENERIC_ASSIGNMENT: Entity = Entity {
    name: "generic-assignment",
    trigger: Trigger::Words,
    examine: assignment,
    mask: Mask { head: 2, tail: 0 },
    about: "16 to 150 characters of at least 3.5 bits each, letters and digits mixed, that follow a hint of the rule (api key, client secret, 密钥) and a colon or an equals sign. \
        Mistaken for it: public keys, license keys and keys of tables, by the word before; identifiers, paths and links, by their shape. Reference: gitleaks generic-api-key.",
};

/// Characters of a value.
const LENGTHS: std::ops::RangeInclusive<usize> = 16..=150;
/// Least entropy, bits a character.
const ENTROPY: f64 = 3.5;
/// Of the pieces between signs, the longest is at least so long.
const LONGEST_PIECE: usize = 8;

/// What a hint near by is worth (policies/scoring.toml).
const HINT: f64 = 1.0;

/// Words before a label that make it one of something public.
const PUBLIC: &[&str] = &[
    "public",
    "publishable",
    "site",
    "license",
    "licence",
    "licensing",
    "primary",
    "foreign",
    "partition",
    "cache",
    "sort",
    "object",
    "idempotency",
    "csrf",
    "xsrf",
    "unsubscribe",
    "page",
    "next",
    "continuation",
    "verification",
    "公",
    "许可证",
    "产品",
];

fn assignment(site: &Site<'_>) -> Option<Reading> {
    let folded = &site.text.folded;
    let label = site.span;
    let start = label.end + joint(folded, label)?;
    let bytes = folded.as_bytes();
    let is_part = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'.' | b'~' | b'-')
    };
    let mut len = bytes[start..].iter().take(LENGTHS.end() + 1).take_while(|byte| is_part(byte)).count();
    while len > 0 && matches!(bytes[start + len - 1], b'.' | b'-' | b'~') {
        len -= 1;
    }
    if !LENGTHS.contains(&len) {
        return None;
    }
    let span = Span::new(start, start + len);
    let before = behind(folded, label.start, 24).trim_end_matches([' ', '_', '-']);
    if PUBLIC.iter().any(|word| before.ends_with(word)) || super::super::neighbours::in_locator(bytes, span) {
        return None;
    }
    let value = site.text.original(span);
    let classes = Classes::of(value);
    let piece = value.split(['.', '/', '_', '-', '+', '=']).map(str::len).max().unwrap_or(0);
    let is_random = classes.digits >= 2
        && classes.letters() >= 2
        && piece >= LONGEST_PIECE
        && (entropy(value) >= ENTROPY || is_hex(value))
        && !is_path(value);
    if !is_random || is_placeholder(value) {
        return None;
    }
    // Identifiers are hexadecimal too.
    let bits = if is_hex(value) { 0.6 } else { 0.9 };
    Some(Reading { canonical: value.to_owned(), bits: bits + unseen(folded, label, HINT), span })
}

/// Bytes from the label to its value: quotes, a colon or the like, quotes.
fn joint(folded: &str, label: Span) -> Option<usize> {
    let rest = ahead(folded, label.end, 24);
    let behind_name = rest.trim_start_matches(['"', '\'', '`', ' ', ']', '*', ')']);
    let signs = [":=", "=>", "->", "==", ":", "=", "is:", "is ", "是:", "是", "为:", "为", "\t"];
    let value = match signs.iter().find_map(|sign| behind_name.strip_prefix(sign)) {
        Some(value) => value,
        // `Authorization: Bearer ...`
        None if label.of_str(folded).ends_with("bearer") && rest.starts_with(' ') => behind_name,
        None => return None,
    };
    let value = value.trim_start_matches([' ', '\t', '\n', '"', '\'', '`', '*']);
    Some(rest.len() - value.len())
}

fn is_hex(value: &str) -> bool {
    value.len() >= 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Words with dots or slashes between: a file, a package, a member.
fn is_path(value: &str) -> bool {
    let words = value
        .split(['.', '/', '_', '-'])
        .filter(|word| word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_lowercase()));
    words.count() >= 3 || value.starts_with('/')
}
