//! `presend explain` teaches `presend check`: what a bounce says is predicted the next time; refused messages are kept for `learn`.

#[path = "cli/run.rs"]
mod run;

use std::fs;

use run::{Temp, ran};

/// A notice about one recipient.
fn notice(text: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mail.example.com\nTo: me@example.com\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n<you@example.org>:\n{text}\n\n--b\n\
         Content-Type: message/rfc822\n\n{DRAFT}--b--\n"
    )
}

const DRAFT: &str = "From: me@example.com\nTo: you@example.org\nSubject: minutes\nDate: Mon, 5 Jan 2026 09:00:00 +0800\n\
    Message-ID: <1@example.com>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nPlease find the minutes below. We meet on Friday again.\n";

#[test]
fn what_is_remembered_is_predicted() {
    for (text, rule) in [
        ("You are not allowed to send emails to the account", "structure.blocked-by"),
        ("Permission for sending emails to external domains is disabled", "structure.external-denied"),
    ] {
        let folder = Temp::new();
        folder.write("bounce.eml", &notice(text));
        folder.write("draft.eml", DRAFT);
        folder.write("presend.toml", "remembered = \"learned.toml\"\n");
        for _ in 0..2 {
            let explained = ran(&folder, &["explain", "--remember", "learned.toml", "bounce.eml"]);
            assert_eq!(explained.exit, Some(0), "{}", explained.stderr);
        }
        let learned = fs::read_to_string(folder.path("learned.toml")).expect("it is written");
        assert_eq!(learned.matches('@').count(), 1, "{learned}");
        let checked = ran(&folder, &["check", "--format", "json", "--policy", "presend.toml", "draft.eml"]);
        assert_eq!(checked.exit, Some(1), "{}", checked.stderr);
        assert!(checked.stdout.contains(rule), "{}", checked.stdout);
        let before = ran(&folder, &["check", "draft.eml"]);
        assert_eq!(before.exit, Some(0), "{}", before.stdout);
    }
}

#[test]
fn refused_messages_are_kept_once() {
    let folder = Temp::new();
    folder.write("bounce.eml", &notice("the auditor does not approve to send this email"));
    folder.write("other.eml", &notice("550 User unknown"));
    for name in ["bounce.eml", "bounce.eml", "other.eml"] {
        let explained = ran(&folder, &["explain", "--save", "refused", name]);
        assert_eq!(explained.exit, Some(0), "{}", explained.stderr);
    }
    let mut kept = Vec::new();
    for entry in fs::read_dir(folder.path("refused")).expect("the folder is made") {
        kept.push(entry.expect("readable").path());
    }
    kept.sort();
    assert_eq!(kept.len(), 2, "{kept:?}");
    let outcomes = fs::read_to_string(folder.path("refused/outcomes.jsonl")).expect("it is written");
    assert_eq!(outcomes.lines().count(), 1, "{outcomes}");
    assert!(
        outcomes.contains("\"cause\":\"auditor\"") && outcomes.contains("\"outcome\":\"refused\""),
        "{outcomes}"
    );
    let message = kept.iter().find(|path| path.extension().is_some_and(|ending| ending == "eml"));
    let message = fs::read_to_string(message.expect("the message is kept")).expect("text");
    assert!(message.starts_with("From: me@example.com"), "{message}");
}
