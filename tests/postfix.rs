//! The gateway behind a real Postfix, and Debian's miltertest before it: what is delivered, refused, held, and what happens when things break.
//!
//! Skipped with a word where Postfix is not installed; in CI it must be.

#![cfg(target_os = "linux")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

#[path = "postfix/daemon.rs"]
mod daemon;
#[path = "postfix/failure.rs"]
mod failure;
#[path = "postfix/instance.rs"]
mod instance;
#[path = "postfix/miltertest.rs"]
mod miltertest;
#[path = "postfix/smtp.rs"]
mod smtp;

use std::{
    thread,
    time::{Duration, Instant},
};

use daemon::Daemon;
use instance::{Postfix, is_there, run};
use smtp::Smtp;

const FROM: &str = "a@example.com";
const TO: &[&str] = &["b@example.org"];

/// A message with a header that nothing has to be added to.
fn mail(subject: &str, body: &str) -> String {
    format!(
        "From: a@example.com\nTo: b@example.org\nSubject: {subject}\nDate: Tue, 24 Nov 2026 10:00:00 +0000\n\
         Message-ID: <{subject}@example.com>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n\n{body}\n"
    )
}

const CLEAN: &str = "See you at noon.";
const GUILTY: &str = "张三的身份证号：110101199003071233";

/// What stands behind the header fields that Postfix adds.
fn original(mail: &[u8]) -> &[u8] {
    let at = memchr::memmem::find(mail, b"From: a@example.com").expect("its first field");
    &mail[at..]
}

#[test]
fn clean_mail_is_delivered_as_it_was_and_guilty_mail_is_refused() {
    if !is_there() {
        return;
    }
    let daemon = Daemon::start("[gateway]\nhelp_url = \"https://help.example.com/mail\"\n");
    let postfix = Postfix::start(&daemon.unix(), "");
    let mut smtp = Smtp::connect(postfix.smtp);
    let bodies = [
        CLEAN.to_owned(),
        ".dots\n..and\n.".to_owned(),
        "你好，明天见。 caf\u{e9}".to_owned(),
        "x".repeat(900),
        "line\n".repeat(60_000),
        String::new(),
    ];
    let sent: Vec<String> =
        bodies.iter().enumerate().map(|(index, body)| mail(&format!("clean-{index}"), body)).collect();
    for raw in &sent {
        let reply = smtp.send(FROM, TO, raw.as_bytes());
        assert!(reply.starts_with("250 "), "{reply}");
    }
    // Guilty between clean ones: the connection goes on.
    let refused = smtp.send(FROM, TO, mail("guilty", GUILTY).as_bytes());
    assert_eq!(
        refused,
        "550-5.7.1 Message refused by the check of outgoing mail\r\n\
         550-5.7.1 pii.cn-resident-id: a Chinese resident identity number\r\n\
         550 5.7.1 Help: https://help.example.com/mail\r\n"
    );
    let delivered = postfix.delivered(sent.len());
    for raw in &sent {
        assert!(
            delivered.iter().any(|mail| original(mail) == raw.as_bytes()),
            "not delivered as it was: {raw:.200}"
        );
    }
    let log = daemon.messages(sent.len() + 1);
    assert!(log.iter().all(|line| !line.contains("queue=\"-\"")), "without its queue id: {log:?}");
    // Nothing of the message is in any log.
    for (log, private) in [
        (daemon.log(), &["110101", "clean-", "guilty", "example.org", "a@example.com"][..]),
        (postfix.log(), &["110101199003071233"]),
    ] {
        for word in private {
            assert!(!log.contains(word), "{word} is in the log:\n{log}");
        }
    }
}

#[test]
fn doubtful_mail_is_held_and_goes_out_when_it_is_let() {
    if !is_there() {
        return;
    }
    let daemon = Daemon::start("[gateway.actions]\nreject = \"hold\"\n");
    let postfix = Postfix::start(&daemon.unix(), "");
    let reply = Smtp::connect(postfix.smtp).send(FROM, TO, mail("held", GUILTY).as_bytes());
    assert!(reply.starts_with("250 "), "{reply}");
    let held = postfix.held();
    assert_eq!(held.len(), 1, "{}", postfix.log());
    run("postsuper", &["-c", &postfix.etc(), "-H", &held[0]]);
    run("postqueue", &["-c", &postfix.etc(), "-f"]);
    assert_eq!(original(&postfix.delivered(1)[0]), mail("held", GUILTY).as_bytes());
    assert_eq!(daemon.messages(1).len(), 1, "it was judged again");
}

#[test]
fn a_dry_run_delivers_and_says_what_it_would_do() {
    if !is_there() {
        return;
    }
    let daemon = Daemon::start(
        "[gateway]\ndry_run = true\n[gateway.log]\nshow = [\"sender\", \"recipients\", \"subject\", \"client\"]\n",
    );
    let postfix = Postfix::start(&daemon.unix(), "");
    let reply = Smtp::connect(postfix.smtp).send(FROM, TO, mail("guilty", GUILTY).as_bytes());
    assert!(reply.starts_with("250 "), "{reply}");
    assert_eq!(original(&postfix.delivered(1)[0]), mail("guilty", GUILTY).as_bytes());
    let line = daemon.messages(1).remove(0);
    for part in [
        "verdict=\"reject\" action=\"accept\" would=\"reject\"",
        "rules=\"pii.cn-resident-id:1\"",
        "sender=\"a@example.com\"",
        "recipients=\"b@example.org\"",
        "subject=\"guilty\"",
        "client=\"127.0.0.1\"",
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

#[test]
fn a_tag_is_added_at_the_end_of_the_header() {
    if !is_there() {
        return;
    }
    let daemon = Daemon::start("[gateway]\ntag = true\n");
    let postfix = Postfix::start(&daemon.unix(), "");
    let forged = "X-Presend-Verdict: forged\n".to_owned() + &mail("clean", CLEAN);
    assert!(Smtp::connect(postfix.smtp).send(FROM, TO, forged.as_bytes()).starts_with("250 "));
    let delivered = String::from_utf8(postfix.delivered(1).remove(0)).expect("UTF-8");
    assert!(!delivered.contains("forged"), "{delivered}");
    assert!(delivered.contains("8bit\nX-Presend-Verdict: pass; probability=0.0"), "{delivered}");
}

#[test]
fn mail_of_programs_on_the_same_machine_is_judged_too() {
    if !is_there() {
        return;
    }
    let daemon = Daemon::start("");
    let postfix = Postfix::start(&daemon.unix(), "");
    postfix.sendmail(FROM, TO[0], &mail("clean", CLEAN));
    assert_eq!(original(&postfix.delivered(1)[0]), mail("clean", CLEAN).as_bytes());
    postfix.sendmail(FROM, TO[0], &mail("guilty", GUILTY));
    // The sender has it back, with the reason, and without asking the milter about the bounce.
    let bounce = postfix.delivered(2).into_iter().map(|mail| String::from_utf8_lossy(&mail).into_owned());
    let bounce = bounce.into_iter().find(|mail| mail.contains("Undelivered")).expect("a bounce");
    let said = bounce.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("pii.cn-resident-id: a Chinese resident identity number"), "{bounce}");
}

#[test]
fn mail_that_waits_in_maildrop_is_judged_once() {
    if !is_there() {
        return;
    }
    let daemon = Daemon::start("[gateway.actions]\nreject = \"tempfail\"\n");
    let postfix = Postfix::start(&daemon.unix(), "");
    // Without Date and Message-ID: Postfix makes new ones each time.
    postfix.sendmail(FROM, TO[0], &format!("From: a@example.com\nSubject: x\n\n{GUILTY}\n"));
    for index in 0..3 {
        daemon.messages(index + 1);
        postfix.sendmail(FROM, TO[0], &mail(&format!("clean-{index}"), CLEAN));
        thread::sleep(Duration::from_millis(1100));
    }
    let again: Vec<String> =
        daemon.messages(5).into_iter().filter(|line| line.contains("action=\"tempfail\"")).collect();
    assert!(again.len() >= 2, "it was not handed in again: {}", daemon.log());
    let judged = again.iter().filter(|line| !line.contains("cached=true")).count();
    assert_eq!(judged, 1, "{again:?}");
    postfix.delivered(3);
}

#[test]
fn many_recipients_many_sessions_and_a_large_message() {
    if !is_there() {
        return;
    }
    let daemon = Daemon::start("[gateway.limits]\ndeadline_seconds = 180\n");
    let postfix = Postfix::start(&daemon.unix(), "");
    let recipients: Vec<String> = (0..50).map(|n| format!("r{n}@example.org")).collect();
    let recipients: Vec<&str> = recipients.iter().map(String::as_str).collect();
    assert!(
        Smtp::connect(postfix.smtp)
            .send(FROM, &recipients, mail("many", CLEAN).as_bytes())
            .starts_with("250 ")
    );
    assert!(daemon.messages(1)[0].contains("recipients_count=50"), "{}", daemon.log());
    let at = postfix.smtp;
    let sessions: Vec<_> = (0..8)
        .map(|session| {
            thread::spawn(move || {
                let mut smtp = Smtp::connect(at);
                for index in 0..10 {
                    let subject = format!("s{session}-{index}");
                    let guilty = (session + index) % 2 == 0;
                    let reply =
                        smtp.send(FROM, TO, mail(&subject, if guilty { GUILTY } else { CLEAN }).as_bytes());
                    assert_eq!(reply.starts_with("550-5.7.1 "), guilty, "{reply}");
                    assert_eq!(reply.starts_with("250 "), !guilty, "{reply}");
                }
            })
        })
        .collect();
    for session in sessions {
        session.join().expect("no panic");
    }
    // 40 MB, a picture and a sentence.
    let picture = (String::from_utf8(vec![b'A'; 76]).expect("ASCII") + "\n").repeat(40 * (1 << 20) / 77);
    let large = |text: &str| {
        format!(
            "From: a@example.com\nSubject: large\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n\
             --b\nContent-Type: image/png; name=\"p.png\"\nContent-Disposition: attachment; filename=\"p.png\"\n\
             Content-Transfer-Encoding: base64\n\n{picture}--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--b--\n"
        )
    };
    let reply = Smtp::connect(at).send(FROM, TO, large(GUILTY).as_bytes());
    assert!(reply.contains("pii.cn-resident-id"), "{reply}\n{}", daemon.log());
    assert!(daemon.metric("presend_memory_bytes").abs() < 0.5);
    postfix.delivered(50 + 40);
}

#[test]
fn over_tcp_a_message_takes_no_longer() {
    if !is_there() {
        return;
    }
    let daemon = Daemon::start("");
    let median = |milter: &str| {
        let postfix = Postfix::start(milter, "");
        let mut smtp = Smtp::connect(postfix.smtp);
        let mut times: Vec<Duration> = (0..21)
            .map(|index| {
                let raw = mail(&format!("timed-{index}"), CLEAN);
                let start = Instant::now();
                assert!(smtp.send(FROM, TO, raw.as_bytes()).starts_with("250 "));
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        times[10]
    };
    let (unix, tcp) = (median(&daemon.unix()), median(&daemon.tcp()));
    // A delayed acknowledgement is 40 ms and more; without it the two are within a millisecond or so.
    assert!(tcp < unix + Duration::from_millis(20), "unix {unix:?}, TCP {tcp:?}");
}
