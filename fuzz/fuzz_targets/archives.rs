//! Any bytes as an attached file -> a verdict within small limits: no panic, no endless work, every file with its place, and nothing taken for read that was not.
//!
//! The file has no name, so that its content alone decides what it is; `fuzz/run.sh archives` builds and runs this.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use presend::{
    Filter,
    message::Limits,
    policy::Policy,
    verdict::{Detail, Envelope},
};

/// Limits that a fuzzer comes to.
static FILTER: LazyLock<Filter> = LazyLock::new(|| {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    let limits = Limits {
        unpacked_bytes: 4 << 20,
        member_bytes: 1 << 20,
        ratio_from: 256 << 10,
        text_bytes: 1 << 20,
        members: 100,
        file_depth: 6,
        passwords: 1,
        ..*filter.limits()
    };
    filter.with_limits(limits)
});

fuzz_target!(|bytes: &[u8]| {
    let mut raw = b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\npassword: Kestrel\r\n--b\r\nContent-Type: application/octet-stream\r\n\
        Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n"
        .to_vec();
    raw.extend(base64(bytes));
    raw.extend(b"\r\n--b--\r\n");
    let verdict = FILTER.check(&raw, &Envelope::default());
    assert!(
        verdict.attachments.len() <= 1 + FILTER.limits().members * 2,
        "{} files",
        verdict.attachments.len()
    );
    for file in &verdict.attachments {
        assert!(!file.place.is_empty(), "a file without a name");
        let is_listed = verdict.not_inspected.iter().any(|part| part.place == file.place);
        assert!(file.is_read || is_listed, "a file that was not read is not listed");
    }
    for found in &verdict.findings {
        assert!(found.span.is_none_or(|span| span.end <= raw.len()), "a place outside of the message");
    }
});

fn base64(bytes: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::with_capacity(bytes.len() * 4 / 3 + 4);
    for group in bytes.chunks(3) {
        let word =
            group.iter().enumerate().fold(0u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            out.push(if at <= group.len() { ALPHABET[(word >> (18 - 6 * at)) as usize & 63] } else { b'=' });
        }
    }
    out
}
