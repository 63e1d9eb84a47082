//! The gateway by real packets over loopback: what a mail server sends, and what it is told.
//!
//! The judge of these tests does what the message says (`GUILTY`, `PANIC`, `SLEEP 500`), so that every way a message can go is taken.

#![cfg(unix)]

#[path = "gateway/bounds.rs"]
mod bounds;
#[path = "gateway/faults.rs"]
mod faults;
#[path = "gateway/operation.rs"]
mod operation;
#[path = "gateway/serve.rs"]
mod serve;
#[path = "gateway/wire.rs"]
mod wire;

use serve::serve;
use wire::{Mta, POSTFIX, codes, text};

const TO: &[&str] = &["<b@example.org>"];

fn mail(body: &str) -> String {
    format!("From: a@example.com\nSubject: x\n\n{body}\n")
}

#[test]
fn a_verdict_becomes_an_answer() {
    for (policy, body, expected) in [
        ("", "fine", "c"),
        ("", "DOUBTFUL", "qc"),
        ("", "GUILTY", "y"),
        ("[gateway.actions]\nreview = \"accept\"\nreject = \"hold\"", "DOUBTFUL", "c"),
        ("[gateway.actions]\nreview = \"accept\"\nreject = \"hold\"", "GUILTY", "qc"),
        ("[gateway.actions]\nreview = \"tempfail\"", "DOUBTFUL", "y"),
        ("[gateway]\ndry_run = true", "GUILTY", "c"),
        ("[gateway]\ntag = true", "fine", "hc"),
        ("[gateway]\ntag = true", "DOUBTFUL", "hqc"),
        ("[gateway]\ntag = true", "GUILTY", "y"),
        ("[gateway]\nexempt_senders = [\"a@example.com\"]", "GUILTY", "c"),
        ("[gateway]\nexempt_senders = [\"example.com\"]", "GUILTY", "c"),
        ("[gateway]\nexempt_senders = [\"ample.com\", \"b@example.com\"]", "GUILTY", "y"),
        ("[[gateway.recipients]]\nto = [\"example.org\"]\nmode = \"off\"", "GUILTY", "c"),
        ("[[gateway.recipients]]\nto = [\"example.org\"]\nmode = \"dry-run\"", "GUILTY", "c"),
        ("[[gateway.recipients]]\nto = [\"b@example.org\"]\nreject = \"hold\"", "GUILTY", "qc"),
        ("[[gateway.recipients]]\nto = [\"c@example.org\"]\nreject = \"hold\"", "GUILTY", "y"),
    ] {
        let server = serve(policy);
        let replies = Mta::connect(server.at).message("<A@Example.com>", TO, &mail(body));
        assert_eq!(codes(&replies), expected, "{policy:?} {body}");
    }
}

#[test]
fn the_strictest_recipient_counts() {
    let server = serve("[[gateway.recipients]]\nto = [\"example.org\"]\nmode = \"dry-run\"");
    let mut mta = Mta::connect(server.at);
    let both = &["<b@example.org>", "<c@example.net>"];
    assert_eq!(codes(&mta.message("<a@example.com>", both, &mail("GUILTY"))), "y");
    assert_eq!(codes(&mta.message("<a@example.com>", TO, &mail("GUILTY"))), "c");
}

#[test]
fn a_login_is_exempt_only_where_it_is_logged_in() {
    let server = serve("[gateway]\nexempt_logins = [\"Robot\"]");
    let mut mta = Mta::connect(server.at);
    mta.packet(b'D', b"M{auth_authen}\0robot\0");
    mta.send(b'M', b"<a@example.com>\0");
    mta.send(b'R', b"<b@example.org>\0");
    mta.content(&mail("GUILTY"));
    assert_eq!(codes(&mta.end()), "c");
    mta.packet(b'A', b"");
    // The next message of the connection comes without macros.
    mta.send(b'M', b"<a@example.com>\0");
    mta.content(&mail("GUILTY"));
    assert_eq!(codes(&mta.end()), "y");
}

#[test]
fn a_refusal_says_why_in_ascii_and_nothing_of_the_message() {
    let server = serve("[gateway]\nhelp_url = \"https://help.example.com/mail?q=50%25\"");
    let mut mta = Mta::connect(server.at);
    let replies = mta.message("<a@example.com>", TO, &mail("GUILTY of 4111 1111 1111 1111"));
    // A percent sign is an escape of the milter protocol.
    assert_eq!(
        text(&replies),
        "550-5.7.1 Message refused by the check of outgoing mail\r\n\
         550-5.7.1 pii.thing: 50%% of all - \"words\" (2 times)\r\n\
         550 5.7.1 Help: https://help.example.com/mail?q=50%%25"
    );
    // A program on the same machine gets a bounce, which mangles several lines.
    mta.send(b'M', b"a@example.com\0");
    mta.send(b'R', b"b@example.org\0");
    mta.content(&mail("GUILTY"));
    let local = text(&mta.end());
    assert!(local.starts_with("550 5.7.1 Message refused") && !local.contains('\n'), "{local}");
    assert!(local.ends_with("Help: https://help.example.com/mail?q=50%%25"), "{local}");
}

#[test]
fn without_a_verdict_the_policy_says_what_is_done() {
    for (failure, body, usual) in [
        ("error", "PANIC".to_owned(), "y4"),
        ("deadline", "SLEEP 2500".to_owned(), "y4"),
        ("too_large", "x".repeat(1 << 20), "qc"),
        ("not_inspected", "LOCKED".to_owned(), "qc"),
    ] {
        let limits = "[gateway.limits]\ndeadline_seconds = 1\nmessage_mb = 1\n";
        for (choice, expected) in
            [("", usual), ("accept", "c"), ("hold", "qc"), ("tempfail", "y4"), ("reject", "y5")]
        {
            let set = if choice.is_empty() {
                String::new()
            } else {
                format!("[gateway.failures]\n{failure} = \"{choice}\"\n")
            };
            let server = serve(&(limits.to_owned() + &set));
            let replies = Mta::connect(server.at).message("<a@example.com>", TO, &mail(&body));
            let class = replies.last().and_then(|(code, text)| (*code == 'y').then(|| char::from(text[0])));
            let got = codes(&replies) + &class.map(String::from).unwrap_or_default();
            assert_eq!(got, expected, "{failure} = {choice:?}");
        }
    }
}

#[test]
fn a_guilty_message_is_not_saved_by_what_cannot_be_read() {
    let server = serve(
        "[gateway.failures]\nnot_inspected = \"accept\"\ntoo_large = \"accept\"\n[gateway.limits]\nmessage_mb = 1",
    );
    let mut mta = Mta::connect(server.at);
    let padded = "GUILTY ".to_owned() + &"x".repeat(2 << 20);
    for body in ["GUILTY LOCKED", &padded] {
        assert_eq!(codes(&mta.message("<a@example.com>", TO, &mail(body))), "y");
    }
}

#[test]
fn a_slow_message_shows_progress() {
    let server = serve("");
    let replies = Mta::connect(server.at).message("<a@example.com>", TO, &mail("SLEEP 2500"));
    let progress = replies.iter().filter(|(code, _)| *code == 'p').count();
    assert!(codes(&replies) == "c" && (1..=3).contains(&progress), "{replies:?}");
}

#[test]
fn the_content_is_judged_byte_for_byte() {
    let server = serve("");
    let mut mta = Mta::connect(server.at);
    mta.envelope("<A@Example.com>", &["<B@Example.org>", "<c@example.org>"]);
    mta.send(b'L', b"Subject\0 two\n\tlines\0");
    mta.send(b'L', b"X-Raw\0 \xd0\xc5\0");
    mta.send(b'L', b"X-B\0none\0");
    mta.send(b'N', b"");
    // Pieces split lines, line ends and characters anywhere.
    let body = "词词 NUL \0 and\r\n.dots\r\n".repeat(20_000);
    for piece in body.as_bytes().chunks(65_535) {
        mta.send(b'B', piece);
    }
    assert_eq!(codes(&mta.end()), "c");
    let (raw, envelope) = server.seen().pop().expect("judged");
    let header = b"Subject: two\r\n\tlines\r\nX-Raw: \xd0\xc5\r\nX-B:none\r\n\r\n";
    assert!(raw == [header, body.as_bytes()].concat(), "{} bytes", raw.len());
    assert_eq!(envelope.from.as_deref(), Some("a@example.com"));
    assert_eq!(envelope.to, ["b@example.org", "c@example.org"]);
}

#[test]
fn odd_messages_are_judged_too() {
    let server = serve("");
    let mut mta = Mta::connect(server.at);
    for (header, body, expected) in
        [(true, "", &b"X: y\r\n\r\n"[..]), (false, "a\r\n", b"\r\na\r\n"), (false, "", b"\r\n")]
    {
        mta.envelope("<>", TO);
        if header {
            mta.send(b'L', b"X\0 y\0");
        }
        mta.send(b'N', b"");
        if !body.is_empty() {
            mta.send(b'B', body.as_bytes());
        }
        assert_eq!(codes(&mta.end()), "c");
        mta.packet(b'A', b"");
        let (raw, envelope) = server.seen().pop().expect("judged");
        assert_eq!((raw.as_slice(), envelope.from), (expected, None));
    }
}

#[test]
fn an_aborted_message_leaves_nothing_behind() {
    let server = serve("");
    let mut mta = Mta::connect(server.at);
    for _ in 0..3 {
        mta.envelope("<a@example.com>", &["<x@example.net>"]);
        mta.content(&mail("GUILTY"));
        mta.packet(b'A', b"");
        mta.packet(b'A', b"");
        assert_eq!(codes(&mta.message("<a@example.com>", TO, &mail("fine"))), "c");
    }
    let seen = server.seen();
    // The second and third are known from the first.
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].1.to, ["b@example.org"]);
    assert!((server.metric("presend_aborted_total") - 3.0).abs() < 0.5);
}

#[test]
fn a_connection_is_used_again_by_another_client() {
    let server = serve("");
    let mut mta = Mta::connect(server.at);
    mta.envelope("<a@example.com>", &["<x@example.net>"]);
    mta.packet(b'K', b"");
    mta.send(b'C', b"other.example.com\x004\0\x19192.0.2.8\0");
    assert_eq!(codes(&mta.message("<a@example.com>", TO, &mail("GUILTY"))), "y");
}

#[test]
fn only_what_is_offered_is_asked_for() {
    let server = serve("[gateway]\ntag = true");
    let mut old = Mta::open(server.at);
    assert_eq!(old.negotiate((2, 0x1, 0x7f)), (2, 0x1, 0x2));
    // Each command has its reply here.
    assert_eq!(codes(&old.message("<a@example.com>", TO, &mail("fine"))), "hc");
    // It cannot hold a message: that does not make it pass.
    let held = old.message("<a@example.com>", TO, &mail("DOUBTFUL"));
    assert!(codes(&held) == "y" && text(&held).starts_with("451 4.7.1 "), "{held:?}");
    let mut new = Mta::open(server.at);
    let (version, actions, steps) = new.negotiate(POSTFIX);
    assert_eq!((version, actions), (6, 0x31));
    assert_eq!(steps & 0x200, 0, "DATA must not be left out: 43 ms a message over TCP");
    assert_eq!(steps & 0x4000, 0, "without a reply to MAIL nobody can be told to come again");
    let mut future = Mta::open(server.at);
    assert_eq!(future.negotiate((9, 0xffff_ffff, 0xffff_ffff)), (6, 0x31, steps));
}

#[test]
fn a_tag_replaces_those_that_the_message_came_with() {
    let server = serve("[gateway]\ntag = true");
    let raw = "X-Presend-Verdict: pass\nX-presend-verdict: pass\nSubject: x\n\nDOUBTFUL\n";
    let replies = Mta::connect(server.at).message("<a@example.com>", TO, raw);
    assert_eq!(codes(&replies), "mmhqc");
    assert_eq!(replies[0].1, b"\0\0\0\x02X-Presend-Verdict\0\0");
    assert_eq!(replies[2].1, b"X-Presend-Verdict\0 review; probability=0.50\0");
}
