//! Private keys: PEM and OpenPGP blocks, also as JSON strings and encoded once more, PuTTY's files, JSON Web Keys.

use super::{Entity, Mask, Reading, Site, Span, Trigger, ahead, decoded};

/// Private key.
pub(in super::super) const PRIVATE_KEY: Entity = Entity {
    name: "private-key",
    trigger: Trigger::Literal(|| FORMS.iter().map(|(anchor, _)| (*anchor).to_owned()).collect()),
    examine: private_key,
    mask: Mask { head: 0, tail: 0 },
    about: "A PEM block with PRIVATE KEY in its first line and at least 60 characters of base64 behind it, also as one line with `\\n` or in base64; a PuTTY file with private lines; a \
        JSON Web Key with a private part. Certificates and public keys are no secrets, and a first line without a key behind it is documentation. Reference: RFC 7468, \
        RFC 4880, RFC 7517, the PuTTY manual, appendix C.",
};

/// Where the key stands in the text behind its first characters: its end and what makes equal keys equal.
type Form = fn(&str) -> Option<(usize, String)>;

const FORMS: &[(&str, Form)] = &[
    ("-----begin ", pem),
    ("---- begin ssh2 encrypted private key", |text| block(text, 0, "----", is_line)),
    // `-----BEGIN` in base64.
    ("ls0tls1crudjt", encoded),
    ("putty-user-key-file-", putty),
    ("\"kty\"", web_key),
];

/// How much base64 makes a key.
const KEY_BODY: usize = 60;
/// No key is longer, bytes.
const LONGEST_KEY: usize = 16 << 10;

fn private_key(site: &Site<'_>) -> Option<Reading> {
    let (_, form) = FORMS.iter().find(|(anchor, _)| *anchor == site.value)?;
    let folded = &site.text.folded;
    let start = site.span.start;
    let (len, canonical) = if site.value == "ls0tls1crudjt" {
        let original = &site.text.zoned.segment.text;
        let at = site.text.original_span(site.span).start;
        // Within other base64 it is no beginning, and to look would cost too much.
        if original.as_bytes()[..at].last().is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        form(ahead(original, at, LONGEST_KEY))?
    } else {
        form(ahead(folded, start, LONGEST_KEY))?
    };
    Some(Reading { canonical, bits: 5.0, span: Span::new(start, (start + len).min(folded.len())) })
}

fn pem(text: &str) -> Option<(usize, String)> {
    let label_start = "-----begin ".len();
    let label = ahead(text, label_start, 60);
    let label = &label[..label.find("-----").filter(|len| *len <= 40)?];
    let names_one = label.ends_with("private key") || label.ends_with("private key block");
    names_one.then(|| block(text, label_start + label.len() + 5, "-----", is_line))?
}

/// Lines of a key are long; headers and words do not count.
fn is_line(line: &str) -> bool {
    line.len() >= 16
}

/// The key that begins at `start` and ends where the next line of dashes begins, be it its own end or another's beginning.
fn block(text: &str, start: usize, dashes: &str, is_line: fn(&str) -> bool) -> Option<(usize, String)> {
    let body = text.get(start..)?;
    let body = &body[..body.find(dashes).unwrap_or(body.len())];
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let lines = || body.split(|c| !is_key(c)).filter(|line| is_line(line));
    let count: usize = lines().map(str::len).sum();
    // What says x over and over is a picture of a key.
    let varies = lines().flat_map(str::bytes).collect::<std::collections::HashSet<u8>>().len() >= 12;
    // Nor is a program that holds such lines.
    let is_most = 2 * count >= body.bytes().filter(u8::is_ascii_graphic).count();
    (count >= KEY_BODY && varies && is_most)
        .then(|| (start + body.trim_end().len(), lines().flat_map(str::chars).take(400).collect()))
}

/// A PEM block in base64, as one line or wrapped.
fn encoded(text: &str) -> Option<(usize, String)> {
    let is_part =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\n' | b'\r');
    let len = text.bytes().take_while(|byte| is_part(byte)).count();
    let whole: String = text[..len].split_ascii_whitespace().collect();
    // Behind the key ordinary words may follow on their own lines.
    let whole = whole.split('=').next()?;
    let usable = whole.len() - whole.len() % 4;
    let plain = String::from_utf8_lossy(&decoded(whole.get(..usable)?)?).to_ascii_lowercase();
    pem(&plain).map(|(_, canonical)| (len, canonical))
}

/// PuTTY's private key file.
fn putty(text: &str) -> Option<(usize, String)> {
    const LINES: &str = "private-lines:";
    let start = text.find(LINES)? + LINES.len();
    block(text, start, "private-mac:", is_line)
}

/// A JSON Web Key with its private part.
fn web_key(text: &str) -> Option<(usize, String)> {
    let text = ahead(text, 0, 4 << 10);
    let text = &text[..text.find('}')?];
    let at = text.find("\"d\"")?;
    let value = text[at + 3..].trim_start_matches([' ', ':', '"', '\n']);
    let len =
        value.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
    (len >= 40).then(|| (text.len(), value[..len].to_owned()))
}
