//! Lines of a mail log in, what they say of each recipient out: Postfix, Sendmail, Exim, qmail.

use super::{Status, address, report::Group};

/// Lines that are looked at.
const LINES: usize = 10_000;

/// Recipients that are listed.
const MOST: usize = 300;

/// The deliveries that a text logs, one a recipient: what is said last counts.
pub(super) fn entries(text: &str) -> Vec<Group> {
    let mut entries: Vec<Group> = Vec::new();
    for line in text.lines().take(LINES) {
        let Some(entry) = pairs(line).or_else(|| exim(line)).or_else(|| qmail(line)) else { continue };
        match entries.iter().position(|known| known.recipient == entry.recipient) {
            Some(at) => entries[at] = entry,
            None if entries.len() < MOST => entries.push(entry),
            None => {}
        }
    }
    entries
}

/// `to=<a@example.com>, relay=..., dsn=5.1.1, status=bounced (...)` of Postfix and `stat=...` of Sendmail; also a refusal by smtpd.
fn pairs(line: &str) -> Option<Group> {
    if let Some(at) = line.find("reject: ") {
        let text = &line[at..];
        let diagnostic = text.split_once(": ")?.1;
        let recipient = value(line, "to=<").and_then(|to| to.split('>').next());
        let recipient = recipient.filter(|to| to.contains('@')).map(str::to_owned);
        let diagnostic = diagnostic.split("; from=").next().unwrap_or(diagnostic).to_owned();
        return Some(Group { recipient, action: "failed".into(), diagnostic, ..Group::default() });
    }
    let to = value(line, "to=")?;
    let recipient =
        address::all(to.get(..to.len().min(300)).unwrap_or(to)).next().map(|span| span.of_str(to).to_owned());
    let (word, diagnostic) = match (value(line, "status="), value(line, "stat=")) {
        (Some(status), _) => {
            let (word, reason) = status.split_once(' ').unwrap_or((status, ""));
            (word, reason.trim().trim_start_matches('(').trim_end_matches(')'))
        }
        (None, Some(stat)) => (stat, stat),
        (None, None) => return None,
    };
    let word = word.to_ascii_lowercase();
    let action = if word.starts_with("sent") || word.starts_with("delivered") {
        "delivered"
    } else if word.starts_with("defer") || word.starts_with("queued") {
        "delayed"
    } else {
        "failed"
    };
    Some(Group {
        recipient,
        action: action.into(),
        status: value(line, "dsn=").and_then(Status::first),
        diagnostic: diagnostic.to_owned(),
        remote: value(line, "relay=")
            .and_then(|relay| relay.split([',', '[']).next())
            .unwrap_or_default()
            .to_owned(),
        ..Group::default()
    })
}

/// What follows `key`, where it stands at the start of a word.
fn value<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let mut from = 0;
    while let Some(at) = line[from..].find(key) {
        let at = from + at;
        if at == 0 || matches!(line.as_bytes()[at - 1], b' ' | b',' | b'\t' | b';') {
            return Some(&line[at + key.len()..]);
        }
        from = at + key.len();
    }
    None
}

/// `** a@example.com R=... T=...: text`; `==` is put off, `=>` delivered.
fn exim(line: &str) -> Option<Group> {
    let (at, action) = [(" ** ", "failed"), (" == ", "delayed"), (" => ", "delivered")]
        .iter()
        .find_map(|(mark, action)| line.find(mark).map(|at| (at + mark.len(), *action)))
        .or_else(|| line.starts_with("** ").then_some((3, "failed")))?;
    let rest = &line[at..];
    if !(rest.contains(" R=") || rest.contains(" T=") || rest.contains(": ")) {
        return None;
    }
    let span = address::all(rest).next()?;
    let diagnostic = rest[span.end..].split_once(": ").map_or("", |(_, text)| text);
    Some(Group {
        recipient: Some(span.of_str(rest).to_owned()),
        action: action.into(),
        diagnostic: diagnostic.to_owned(),
        ..Group::default()
    })
}

/// `delivery 3: failure: 192.0.2.1_does_not_like_recipient./Remote_host_said:_550_...`
fn qmail(line: &str) -> Option<Group> {
    let at = line.find("delivery ")?;
    let (_, rest) = line[at..].split_once(": ")?;
    let (word, text) = rest.split_once(": ")?;
    let action = match word {
        "failure" => "failed",
        "deferral" => "delayed",
        "success" => "delivered",
        _ => return None,
    };
    let diagnostic = text.replace('_', " ").replace('/', "\n");
    Some(Group { action: action.into(), diagnostic, ..Group::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_four_systems() {
        for (line, recipient, action, status, text) in [
            (
                "Nov 24 10:00:00 mx postfix/smtp[1]: 4A: to=<a@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=1, dsn=5.1.1, status=bounced (host mx.example.org[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command))",
                "a@example.org",
                "failed",
                "5.1.1",
                "User unknown",
            ),
            (
                "sendmail[1]: x: to=<a@example.org>, delay=00:00:01, relay=mx. [192.0.2.1], dsn=4.0.0, stat=Deferred: Connection timed out",
                "a@example.org",
                "delayed",
                "4.0.0",
                "Connection timed out",
            ),
            (
                "2026-11-24 10:00:00 1x ** a@example.org R=dnslookup T=remote_smtp: host mx [192.0.2.1]: 550 No such user",
                "a@example.org",
                "failed",
                "",
                "550 No such user",
            ),
            (
                "@4000 delivery 3: failure: 192.0.2.1_does_not_like_recipient./Remote_host_said:_550_no_mailbox/",
                "",
                "failed",
                "",
                "said: 550 no mailbox",
            ),
            (
                "postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 554 5.7.1 <a@example.org>: Relay access denied; from=<b@example.com> to=<a@example.org> proto=ESMTP",
                "a@example.org",
                "failed",
                "",
                "Relay access denied",
            ),
        ] {
            let entries = entries(line);
            let [entry] = entries.as_slice() else { panic!("{line}") };
            assert_eq!(entry.recipient.as_deref().unwrap_or_default(), recipient, "{line}");
            assert_eq!(entry.action, action, "{line}");
            assert_eq!(entry.status.map(|s| s.to_string()).unwrap_or_default(), status, "{line}");
            assert!(entry.diagnostic.contains(text), "{entry:?}");
        }
        assert_eq!(entries("status=bounced is what it says"), []);
    }
}
