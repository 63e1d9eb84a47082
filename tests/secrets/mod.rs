//! Values that would look like live secrets are put together here, so that no file of the project holds one.

#![allow(dead_code, reason = "each test binary uses a part of it")]

/// Replaces placeholders such as `{{AWS_ACCESS_KEY}}` by made-up values.
pub(crate) fn fill(raw: &[u8]) -> Vec<u8> {
    let mut out = raw.to_vec();
    for (name, value) in values() {
        out = replace(&out, format!("{{{{{name}}}}}").as_bytes(), value.as_bytes());
    }
    out
}

/// The same for text.
pub(crate) fn fill_text(text: &str) -> String {
    values().into_iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), &value))
}

fn values() -> [(&'static str, String); 4] {
    let letters = |count: usize, alphabet: &str| -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        let mut state = 88_172_645_463_325_252_u64;
        let mut next = || {
            // xorshift: made up, the same in every run
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as usize
        };
        (0..count).map(|_| alphabet[next() % alphabet.len()]).collect()
    };
    let body: String = (0..12).map(|line| letters(60 + line % 5, "ABCDEFGHIJKLMNOPabcdefghijklmnop0123456789+/") + "\n").collect();
    [
        ("AWS_ACCESS_KEY", ["AK", "IA"].concat() + &letters(16, "QRSTUVWXYZ234567ABCDEFGH")),
        ("ALIYUN_ACCESS_KEY", ["LT", "AI"].concat() + &letters(20, "abcdefgHIJKLMNopq5678tuv")),
        ("GITHUB_TOKEN", ["gh", "p_"].concat() + &letters(36, "abcdefghijkLMNOPQRSTUVwxyz0123456789")),
        ("PEM_PRIVATE_KEY", format!("-----BEGIN {} KEY-----\n{body}-----END {} KEY-----", "PRIVATE", "PRIVATE")),
    ]
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}
