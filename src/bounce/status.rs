//! Text in, the codes that stand in it out: SMTP replies (RFC 5321 4.2) and enhanced status codes (RFC 3463).
//!
//! Addresses, versions and dates hold numbers of the same form; a code counts by what stands around it.

use std::fmt;

/// An enhanced status code: class, subject, detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Status {
    /// 2 success, 4 temporary, 5 permanent.
    pub class: u8,
    /// What it is about: 1 address, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7 policy.
    pub subject: u16,
    /// The condition.
    pub detail: u16,
}

impl Status {
    /// Whether it says more than permanent or temporary.
    pub fn is_specific(self) -> bool {
        self.subject != 0
    }

    /// The first code of a text such as `5.1.1 (bad destination mailbox)`.
    pub fn first(text: &str) -> Option<Status> {
        all(text).next().map(|(_, status)| status)
    }

    /// The code at the start of a text, and its length.
    fn at_start(text: &str) -> Option<(Status, usize)> {
        let bytes = text.as_bytes();
        let class = *bytes.first()?;
        if !matches!(class, b'2' | b'4' | b'5') || bytes.get(1) != Some(&b'.') {
            return None;
        }
        let (subject, after) = number(bytes, 2)?;
        if bytes.get(after) != Some(&b'.') {
            return None;
        }
        let (detail, end) = number(bytes, after + 1)?;
        // A fourth number makes it an address; a letter or an underline, a name.
        let follows = bytes.get(end).copied().unwrap_or(b' ');
        let goes_on = follows == b'.' && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if goes_on || follows.is_ascii_alphanumeric() || matches!(follows, b'_' | b'@') || subject > 9 {
            return None;
        }
        Some((Status { class: class - b'0', subject, detail }, end))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// A number of one to three digits at `at`, and where it ends.
fn number(bytes: &[u8], at: usize) -> Option<(u16, usize)> {
    let digits = bytes[at.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=3).contains(&digits) {
        return None;
    }
    let value = bytes[at..at + digits].iter().fold(0, |value, digit| value * 10 + u16::from(digit - b'0'));
    Some((value, at + digits))
}

/// Every enhanced status code of a text, with the byte where it starts.
pub fn all(text: &str) -> impl Iterator<Item = (usize, Status)> + '_ {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'.', bytes).filter_map(move |dot| {
        let at = dot.checked_sub(1)?;
        let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
        if before.is_ascii_alphanumeric() || matches!(before, b'.' | b'_' | b'@' | b'/') {
            return None;
        }
        // `-5.1.1` follows a reply code; `v-4.2.1` and ranges of versions do not.
        if before == b'-' && !at.checked_sub(2).is_some_and(|at| bytes[at].is_ascii_digit()) {
            return None;
        }
        let status = Status::at_start(text.get(at..)?)?.0;
        Some((at, status))
    })
}

/// An SMTP reply of a text: its code and the enhanced code that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 4xx or 5xx.
    pub code: u16,
    /// The enhanced code behind it.
    pub status: Option<Status>,
    /// Where it starts, bytes.
    pub at: usize,
}

/// Words that a reply code stands behind in prose.
const BEFORE: [&str; 13] = [
    "said", "error", "code", "response", "message", "reply", "status", "reason", "returned", "with", "smtp",
    "错误", "代码",
];

/// Every reply of a text that is no success: a code at the start of a line, behind a colon or word that announces one, or before an
/// enhanced code.
pub fn replies(text: &str) -> impl Iterator<Item = Reply> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at + 3 <= bytes.len() {
            let start = at;
            at += 1;
            if matches!(bytes[start], b'4' | b'5')
                && let Some(reply) = reply_at(text, start)
            {
                at = start + 3;
                return Some(reply);
            }
        }
        None
    })
}

fn reply_at(text: &str, at: usize) -> Option<Reply> {
    let bytes = text.as_bytes();
    let (code, end) = number(bytes, at)?;
    // Codes that are in use; 400 and 480 are numbers of other kinds.
    if end - at != 3 || !matches!(code, 420..460 | 500..580) {
        return None;
    }
    let before = at.checked_sub(1).map_or(b'\n', |before| bytes[before]);
    let follows = bytes.get(end).copied().unwrap_or(b'\n');
    if before.is_ascii_alphanumeric() || matches!(before, b'.' | b'-' | b'_' | b'/' | b'@' | b'=' | b'+') {
        return None;
    }
    let ends = follows.is_ascii_whitespace()
        || matches!(follows, b'-' | b':' | b',' | b';' | b'_' | b')' | b']' | b'\'' | b'"')
        || follows >= 0x80
        || (follows == b'.' && !bytes.get(end + 1).is_some_and(u8::is_ascii_digit));
    if !ends {
        return None;
    }
    let rest =
        text.get(end..)?.trim_start_matches([' ', '-', ':', '#', '\'', '"', ',', '(', '_', '\n', '\r', '\t']);
    let status = Status::at_start(rest).map(|(status, _)| status).filter(|status| status.class != 2);
    let lead = text[..at].trim_end_matches([' ', '\t', '\'', '"', '#', '(', '[', '=']);
    let last = lead.as_bytes().last().copied().unwrap_or(b'\n');
    let announced = matches!(last, b'\n' | b'\r' | b':' | b';' | b'>' | b'|' | b',')
        || lead.ends_with("<<<")
        || lead.ends_with(['：', '，', '。', '；'])
        || BEFORE.iter().any(|word| {
            let tail = lead.len().checked_sub(word.len()).and_then(|from| lead.get(from..));
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(word))
        })
        // A code may be written twice.
        || lead.ends_with(&text[at..end]);
    (announced || status.is_some()).then_some(Reply { code, status, at })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(text: &str) -> String {
        Status::first(text).map(|status| status.to_string()).unwrap_or_default()
    }

    #[test]
    fn enhanced_codes_are_told_from_other_numbers() {
        for (text, want) in [
            ("5.1.1", "5.1.1"),
            ("5.0.0 (permanent failure)", "5.0.0"),
            ("550 5.1.351 Remote server", "5.1.351"),
            ("said: 550-5.7.26 The MAIL FROM", "5.7.26"),
            ("Unknown. (#5.1.2)", "5.1.2"),
            ("550 '5.2.2 full'", "5.2.2"),
            ("host [192.0.2.4] 5.0.2.4", ""),
            ("deferred - 4.16.55.1; see", ""),
            ("Exim 4.72 and 4.8.5.36", ""),
            ("version v5.1.2", ""),
            ("sendmail-4.1.2", ""),
            ("mail/5.1.2", ""),
            ("Denied. 5.7.1.", "5.7.1"),
        ] {
            assert_eq!(status(text), want, "{text}");
        }
    }

    #[test]
    fn replies_are_told_from_other_numbers() {
        for (text, want) in [
            ("550 5.1.1 User unknown", Some((550, "5.1.1"))),
            ("host mx[192.0.2.1] said: 550-5.7.26 no", Some((550, "5.7.26"))),
            ("smtp;554 delivery error", Some((554, ""))),
            ("<<< 421 4.7.0 later", Some((421, "4.7.0"))),
            ("ERROR_CODE :550, ERROR_CODE :5.2.1 <a>", Some((550, ""))),
            ("returned '550 5.4.312 Message expired", Some((550, "5.4.312"))),
            ("the error was: 554 554 5.7.1 Service", Some((554, ""))),
            ("错误代码550", Some((550, ""))),
            ("to room 550 please", None),
            ("after 432000 seconds", None),
            ("192.0.2.254 does not like", None),
            ("within 500 metres", None),
        ] {
            let found = replies(text).next();
            let found =
                found.map(|reply| (reply.code, reply.status.map(|s| s.to_string()).unwrap_or_default()));
            assert_eq!(found, want.map(|(code, status)| (code, status.to_owned())), "{text}");
        }
    }
}
