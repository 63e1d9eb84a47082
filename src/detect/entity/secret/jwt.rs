//! JSON Web Tokens.

use super::{Entity, Mask, Reading, Site, Span, Trigger, decoded};
use crate::extract::Kind;

/// JSON Web Token.
pub(in super::super) const SIGNED_TOKEN: Entity = Entity {
    name: "signed-token",
    trigger: Trigger::Literal(|| vec!["eyj".to_owned()]),
    examine: signed_token,
    mask: Mask { head: 4, tail: 0 },
    about: "Three parts of base64 with dots between; the first is JSON with `alg`, the second is JSON. Whether it has expired is not judged. Its canonical form is `alg none` or \
        `sub 1234567890` for the tokens of documentation. In links only those called access_token, id_token or jwt count, and little: the links of newsletters hold others. Mistaken for it: other JSON in base64. Reference: RFC 7519.",
};

/// No header is longer, characters.
const LONGEST_HEADER: usize = 1000;
/// No part is longer, characters.
const LONGEST_PART: usize = 6000;
/// A signature is at least so long, characters.
const SHORTEST_SIGNATURE: usize = 20;

fn signed_token(site: &Site<'_>) -> Option<Reading> {
    let original = &site.text.zoned.segment.text;
    let start = site.text.original_span(site.span).start;
    let bytes = original.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if bytes[..start].last().is_some_and(is_part) {
        return None;
    }
    let part = |at: usize, longest: usize| -> &str {
        let rest = bytes.get(at..).unwrap_or_default();
        &original[at.min(bytes.len())..][..rest.iter().take(longest).take_while(|byte| is_part(byte)).count()]
    };
    let header = part(start, LONGEST_HEADER);
    let mut at = start + header.len();
    if bytes.get(at) != Some(&b'.') || header.len() < 12 {
        return None;
    }
    let claims = part(at + 1, LONGEST_PART);
    at += 1 + claims.len();
    if bytes.get(at) != Some(&b'.') || !claims.starts_with("eyJ") {
        return None;
    }
    let signature = part(at + 1, LONGEST_PART);
    at += 1 + signature.len();
    let json = |part: &str| serde_json::from_slice::<serde_json::Value>(&decoded(part)?).ok();
    let algorithm = json(header)?.get("alg")?.as_str()?.to_ascii_lowercase();
    let claims = json(claims)?;
    let canonical = if algorithm == "none" {
        "alg none".to_owned()
    } else if signature.len() < SHORTEST_SIGNATURE {
        return None;
    } else if claims.get("sub").is_some_and(|sub| sub == "1234567890") {
        "sub 1234567890".to_owned()
    } else {
        original[start..at].to_owned()
    };
    let end = (site.span.start + at - start).min(site.text.folded.len());
    let span = Span::new(site.span.start, end);
    // The links of newsletters hold such tokens; only by name are they those of a session.
    let is_link = site.text.zoned.segment.kind == Kind::Links
        || super::super::neighbours::in_locator(site.text.folded.as_bytes(), span);
    let before = super::behind(&site.text.folded, span.start, 16);
    let is_session = ["access_token=", "id_token=", "jwt="].iter().any(|name| before.ends_with(name));
    let bits = match (is_link, is_session) {
        (false, _) => 4.5,
        (true, true) => 1.0,
        (true, false) => return None,
    };
    Some(Reading { canonical, bits, span })
}
