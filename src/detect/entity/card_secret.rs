//! What must never be kept of a payment card: the security code and the magnetic track.

use super::{
    Entity, Mask, Reading, Site, Trigger, checksum,
    label::{ends, run},
};
use crate::span::Span;

/// Card security code.
pub(super) const SECURITY_CODE: Entity = Entity {
    name: "card-security-code",
    trigger: Trigger::Literal(|| {
        [
            "cvv",
            "cvv2",
            "cvc",
            "cvc2",
            "cvn",
            "csc",
            "card security code",
            "card verification",
            "security code",
            "安全码",
            "卡验证码",
            "信用卡验证码",
            "背面三位",
            "后三位",
        ]
        .map(str::to_owned)
        .to_vec()
    }),
    examine: |site| {
        let (at, rest) = site.labelled(&["three", "digit", "digits"])?;
        let len = run(rest, |byte| byte.is_ascii_digit());
        let is_code = (3..=4).contains(&len) && ends(rest, len);
        is_code.then(|| Reading {
            canonical: rest[..len].to_owned(),
            bits: 0.0,
            span: Span::new(at, at + len),
        })
    },
    mask: Mask { head: 0, tail: 0 },
    about: "Three or four digits directly behind CVV, CVC, 安全码 or the like. Mistaken for it: page and room numbers, without that word. Reference: PCI DSS 3.3.1.2.",
};

/// Magnetic track of a card.
pub(super) const TRACK: Entity = Entity {
    name: "card-track",
    trigger: Trigger::Pattern(&[
        // Track 2; and the end of track 1, from its expiry on.
        r"[0-9]{13,19}=[0-9]{7,20}\??",
        r"[0-9]{7,37}\?",
    ]),
    examine: track,
    mask: Mask { head: 0, tail: 0 },
    about: "Track 1, `%B` number `^` name `^` expiry and more `?`, or track 2, `;` number `=` expiry and more `?`, with a card number that passes Luhn and a month. Nothing else has this form. \
        Reference: ISO/IEC 7813.",
};

fn track(site: &Site<'_>) -> Option<Reading> {
    let (start, number, behind) = match site.value.split_once('=') {
        Some((number, behind)) => (site.span.start, number, behind),
        None => {
            let before = site.text.folded[..site.span.start].strip_suffix('^')?;
            let (before, name) = before.rsplit_once('^')?;
            let head = before.trim_end_matches(|c: char| c.is_ascii_digit());
            let number = &before[head.len()..];
            let start = head.strip_suffix("%b")?.len();
            ((2..=26).contains(&name.len())).then_some((start, number, site.value))?
        }
    };
    let month = checksum::number_at(behind, 2, 4)?;
    let is_card = (13..=19).contains(&number.len()) && checksum::luhn(number) && (1..=12).contains(&month);
    is_card.then(|| Reading {
        canonical: number.to_owned(),
        bits: 5.0,
        span: Span::new(start, site.span.end),
    })
}
