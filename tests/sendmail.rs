//! `presend sendmail` and `presend filter` as mail clients and servers run them: with a program in place of the real sendmail that keeps what it is given, and with
//! mutt and git send-email.

#![cfg(unix)]

#[path = "cli/run.rs"]
mod run;

use std::{
    fs, io,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::{Command, Stdio},
};

use run::{Ran, Temp, presend, ran, run};

const GUILTY: &str = "From: a@example.com\nTo: b@example.org\nSubject: hello\nMIME-Version: 1.0\n\
    Content-Type: text/plain; charset=utf-8\n\n请收下\n身份证号：110101199003071233\n";
const CLEAN: &str = "From: a@example.com\nTo: b@example.org\nSubject: hello\n\nSee you at three.\n";
const VALUE: &str = "110101199003071233";

/// A folder with a program in place of the real sendmail.
struct Desk {
    folder: Temp,
}

impl Desk {
    fn new() -> Desk {
        let folder = Temp::new();
        folder.write(
            "real",
            "#!/bin/sh\ncd \"$(dirname \"$0\")\"\nprintf '%s\\n' \"$@\" >args\ncat >message\ntest ! -e code || exit \"$(cat code)\"\n",
        );
        executable(&folder.path("real"));
        symlink(env!("CARGO_BIN_EXE_presend"), folder.path("sendmail")).expect("a link can be made");
        Desk { folder }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = presend(&self.folder);
        command.arg("sendmail").args(args).env("PRESEND_SENDMAIL", self.folder.path("real")).env("LANG", "C");
        command
    }

    fn send(&self, args: &[&str], message: &[u8]) -> Ran {
        run(self.command(args), message)
    }

    /// What the real sendmail was given: arguments and message.
    fn sent(&self) -> Option<(Vec<String>, Vec<u8>)> {
        let args = fs::read_to_string(self.folder.path("args")).ok()?;
        let message = fs::read(self.folder.path("message")).expect("written after the arguments");
        fs::remove_file(self.folder.path("args")).expect("it was there");
        Some((args.lines().map(str::to_owned).collect(), message))
    }
}

fn executable(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("permissions can be set");
}

#[test]
fn what_passes_goes_on_byte_for_byte() {
    let desk = Desk::new();
    let odd: Vec<u8> =
        [b"From: a@example.com\r\nSubject: \xd6\xd0\r\n\r\n.\r\n..\r\n\0\xff no line end".as_slice()]
            .concat();
    let large = [CLEAN.as_bytes(), "a line of text that is fine\n".repeat(200_000).as_bytes()].concat();
    for message in [CLEAN.as_bytes(), &odd, &large, b""] {
        for args in [
            &["-t", "-i"][..],
            &["-oi", "-f", "a@example.com", "-F", "A B", "--", "b@example.org", "-c@example.org"],
            &["-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"],
        ] {
            let ran = desk.send(args, message);
            assert_eq!((ran.exit, ran.stderr.as_str()), (Some(0), ""), "{args:?}");
            let (given, sent) = desk.sent().expect("it was sent");
            assert_eq!(given, args);
            assert!(sent == message, "{args:?}: {} bytes of {}", sent.len(), message.len());
        }
    }
}

#[test]
fn what_would_be_refused_is_not_sent_and_the_sender_learns_why() {
    let desk = Desk::new();
    for (lang, parts) in [
        ("en", ["the auditor would refuse this message", "pii.cn-resident-id", "line 8", "not sent"]),
        ("zh", ["该邮件很可能被审核拒绝", "pii.cn-resident-id", "第 8 行", "未发送"]),
    ] {
        let ran = desk.send(&["-t", "-i", "--lang", lang], GUILTY.as_bytes());
        assert_eq!((ran.exit, ran.stdout.as_str()), (Some(65), ""));
        for part in parts {
            assert!(ran.stderr.contains(part), "no {part:?} in {}", ran.stderr);
        }
        assert!(!ran.stderr.contains(VALUE) && !ran.stderr.contains("请收下"), "{}", ran.stderr);
        assert!(ran.stderr.contains("110101********1233"), "{}", ran.stderr);
        assert_eq!(desk.sent(), None);
    }
}

#[test]
fn a_link_named_sendmail_is_sendmail() {
    let desk = Desk::new();
    for (message, exit) in [(CLEAN, 0), (GUILTY, 65)] {
        let mut command = Command::new(desk.folder.path("sendmail"));
        command.args(["-t", "-i"]);
        assert_eq!(run(as_user(command, &desk), message.as_bytes()).exit, Some(exit));
        assert_eq!(desk.sent().is_some(), exit == 0);
    }
}

#[test]
fn the_exit_code_of_the_real_sendmail_is_ours() {
    let desk = Desk::new();
    desk.folder.write("code", "75\n");
    assert_eq!(desk.send(&["-t"], CLEAN.as_bytes()).exit, Some(75));
    assert!(desk.sent().is_some());
}

#[test]
fn what_cannot_be_checked_is_never_sent() {
    let desk = Desk::new();
    desk.folder.write("broken.toml", "extends = [\"no-such-pack\"]\n");
    for (args, exit, part) in [
        (&["-bs"][..], 64, "-bs is refused"),
        (&["-bd"], 64, "-bd is refused"),
        (&["--polcy=x"], 64, "unknown option --polcy"),
        (&["-f"], 64, "-f needs a value"),
        (&["-t", "--policy", "broken.toml"], 78, "broken.toml:1:12"),
        (&["-t", "--policy", "absent.toml"], 78, "absent.toml"),
        (&["-t", "--sendmail", "absent"], 72, "absent: no such program"),
        (&["-t", "--sendmail", "sendmail"], 72, "is presend itself"),
    ] {
        let ran = desk.send(args, CLEAN.as_bytes());
        assert_eq!(ran.exit, Some(exit), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(part), "{args:?}: {}", ran.stderr);
        assert_eq!(desk.sent(), None, "{args:?}");
    }
    // A program that calls presend again.
    let script = format!("#!/bin/sh\nexec {} sendmail \"$@\"\n", env!("CARGO_BIN_EXE_presend"));
    desk.folder.write("again", &script);
    executable(&desk.folder.path("again"));
    let ran = desk.send(&["-t", "--sendmail", "./again"], CLEAN.as_bytes());
    assert_eq!(ran.exit, Some(78), "{}", ran.stderr);
    assert!(ran.stderr.contains("leads back to presend"), "{}", ran.stderr);
}

#[test]
fn what_is_no_message_goes_to_the_real_sendmail() {
    let desk = Desk::new();
    for args in [&["-bp"][..], &["-q"], &["-bi"]] {
        assert_eq!(desk.send(args, b"").exit, Some(0), "{args:?}");
        assert_eq!(
            desk.sent().map(|(given, _)| given),
            Some(args.iter().map(|&arg| arg.to_owned()).collect())
        );
    }
}

#[test]
fn recipients_are_those_of_the_envelope() {
    let desk = Desk::new();
    desk.folder.write("presend.toml", "internal_domains = [\"example.com\"]\n");
    let marked = "From: a@example.com\nTo: b@example.com\nSubject: [CONFIDENTIAL] plan\nMIME-Version: 1.0\n\
        Content-Type: text/plain; charset=utf-8\n\nCONFIDENTIAL\n\nThe plan.\n";
    let policy = ["--policy", "presend.toml", "--fail-on", "review"];
    for (args, exit) in [
        (&["-t"][..], 0),
        (&["b@example.com"], 0),
        (&["root"], 0),
        (&["c@example.org"], 65),
        (&["-t", "c@example.org"], 65),
        (&["b@example.com", "c@example.org"], 65),
    ] {
        let ran = desk.send(&[&policy, args].concat(), marked.as_bytes());
        assert_eq!(ran.exit, Some(exit), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn help_is_shown_and_nothing_is_sent() {
    let folder = Temp::new();
    let help = ran(&folder, &["sendmail", "--help"]);
    assert_eq!(help.exit, Some(0), "{}", help.stderr);
    for part in ["--interactive", "PRESEND_SENDMAIL", "65 (EX_DATAERR)", "mutt"] {
        assert!(help.stdout.contains(part), "no {part:?} in {}", help.stdout);
    }
}

/// A terminal for the question is made by script(1) of util-linux, which every Debian has.
#[test]
fn on_a_terminal_the_sender_is_asked() {
    let desk = Desk::new();
    desk.folder.write("guilty.eml", GUILTY);
    let inner = format!("{} sendmail --interactive --lang en -t <guilty.eml", env!("CARGO_BIN_EXE_presend"));
    for (answer, exit) in [("y\n", 0), ("n\n", 65), ("\n", 65)] {
        let mut command = Command::new("/usr/bin/script");
        command.args(["-qec", &inner, "/dev/null"]);
        let ran = run(as_user(command, &desk), answer.as_bytes());
        assert_eq!(ran.exit, Some(exit), "{answer:?}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("Send it anyway?") && !ran.stdout.contains(VALUE), "{}", ran.stdout);
        assert_eq!(desk.sent().is_some(), exit == 0, "{answer:?}");
    }
    // Without a terminal nobody can say yes: setsid(1) takes it away.
    let mut command = Command::new("/usr/bin/setsid");
    command.args(["-w", env!("CARGO_BIN_EXE_presend"), "sendmail", "--interactive", "-t"]);
    assert_eq!(run(as_user(command, &desk), GUILTY.as_bytes()).exit, Some(65));
    assert_eq!(desk.sent(), None);
}

/// Whether Debian's packages are installed: where not, a test is skipped and says so; never where CI is set.
fn are_installed(files: &[&str], packages: &str) -> bool {
    let all = files.iter().all(|file| Path::new(file).exists());
    if !all {
        assert!(std::env::var_os("CI").is_none(), "CI needs of Debian: {packages}");
        let said = format!("SKIPPED: not installed of Debian: {packages}\n");
        io::Write::write_all(&mut io::stderr(), said.as_bytes()).expect("standard error is open");
    }
    all
}

#[test]
fn mutt_sends_what_passes_and_shows_why_not() {
    if !are_installed(&["/usr/bin/mutt"], "mutt") {
        return;
    }
    let desk = Desk::new();
    let rc = format!(
        "set sendmail=\"{} sendmail -oem -oi\"\nset use_envelope_from=yes\nset from=a@example.com\nset copy=no\nset charset=utf-8\n",
        env!("CARGO_BIN_EXE_presend")
    );
    desk.folder.write("muttrc", &rc);
    for (body, exit) in [("See you at three.\n", 0), ("身份证号：110101199003071233\n", 1)] {
        let mut command = Command::new("/usr/bin/mutt");
        command.args(["-n", "-F", "muttrc", "-s", "hello", "--", "b@example.org"]);
        let ran = run(as_user(command, &desk), body.as_bytes());
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.exit, Some(exit), "{said}");
        let sent = desk.sent();
        if exit == 0 {
            let (args, message) = sent.expect("it was sent");
            assert_eq!(args, ["-oem", "-oi", "-f", "a@example.com", "--", "b@example.org"]);
            assert!(String::from_utf8_lossy(&message).contains("See you at three."));
        } else {
            assert_eq!(sent, None, "{said}");
            assert!(said.contains("65") && said.contains("pii.cn-resident-id"), "{said}");
            assert!(!said.contains(VALUE), "{said}");
        }
    }
}

#[test]
fn git_send_email_sends_what_passes_and_stops_otherwise() {
    if !are_installed(
        &["/usr/lib/git-core/git-send-email", "/usr/share/perl5/Mail/Address.pm"],
        "git-email, libmailtools-perl",
    ) {
        return;
    }
    let desk = Desk::new();
    for (content, exit) in [("See you at three.\n", 0), ("身份证号：110101199003071233\n", 65)] {
        desk.folder.write("0001-change.patch", &format!(
            "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.com>\n\
             Date: Mon, 5 Jan 2026 09:00:00 +0800\nSubject: [PATCH] change\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n\
             Content-Transfer-Encoding: 8bit\n\n{content}---\n note.txt | 1 +\n\n--- /dev/null\n+++ b/note.txt\n@@ -0,0 +1 @@\n+{content}-- \n2.39.5\n"
        ));
        let link = desk.folder.path("sendmail");
        let mut command = Command::new("/usr/bin/git");
        command.args([
            "send-email",
            "--confirm=never",
            "--suppress-cc=all",
            "--quiet",
            "--from=a@example.com",
            "--to=b@example.org",
        ]);
        command.arg(format!("--smtp-server={}", link.display())).arg("0001-change.patch");
        let ran = run(as_user(command, &desk), b"");
        let said = format!("{}{}", ran.stdout, ran.stderr);
        let sent = desk.sent();
        if exit == 0 {
            assert_eq!(ran.exit, Some(0), "{said}");
            let (args, message) = sent.expect("it was sent");
            assert_eq!(args, ["-i", "b@example.org"]);
            assert!(String::from_utf8_lossy(&message).contains("See you at three."));
        } else {
            assert_ne!(ran.exit, Some(0), "{said}");
            assert_eq!(sent, None, "{said}");
            assert!(said.contains("pii.cn-resident-id") && !said.contains(VALUE), "{said}");
        }
    }
}

/// A mail client with a home of its own and pipes.
fn as_user(mut command: Command, desk: &Desk) -> Command {
    let home = desk.folder.path("");
    command
        .current_dir(&home)
        .env_clear()
        .env("HOME", &home)
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "dumb");
    command.env("LC_ALL", "C.UTF-8").env("PRESEND_SENDMAIL", desk.folder.path("real"));
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("EMAIL", "a@example.com");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(Stdio::piped());
    command
}

fn filtered(folder: &Temp, args: &[&str], message: &[u8]) -> (Option<i32>, Vec<u8>, String) {
    let mut command = presend(folder);
    command.arg("filter").args(args);
    let mut child = command.spawn().expect("presend starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    let message = message.to_vec();
    let writer = std::thread::spawn(move || drop(io::Write::write_all(&mut pipe, &message)));
    let output = child.wait_with_output().expect("presend ends");
    writer.join().expect("written");
    (output.status.code(), output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_filter_passes_bytes_or_says_why_not() {
    let folder = Temp::new();
    let odd = b"From: a@example.com\r\nSubject: \xd6\xd0\r\n\r\n.\r\n\0\xff no line end";
    for message in [CLEAN.as_bytes(), odd] {
        let (exit, out, said) = filtered(&folder, &["-f", "a@example.com", "--", "b@example.org"], message);
        assert_eq!((exit, said.as_str()), (Some(0), ""));
        assert!(out == message);
    }
    let (exit, out, said) = filtered(&folder, &["--lang", "en"], GUILTY.as_bytes());
    assert_eq!((exit, out.len()), (Some(65), 0), "{said}");
    assert!(said.contains("pii.cn-resident-id") && !said.contains(VALUE), "{said}");
    folder.write("broken.toml", "nonsense = 1\n");
    for (args, message, part) in [
        (&["--policy", "broken.toml"][..], CLEAN, "broken.toml:1:1"),
        (&["--no-such-option"], CLEAN, "--no-such-option"),
        (&[], "", "is empty"),
    ] {
        let (exit, out, said) = filtered(&folder, args, message.as_bytes());
        assert_eq!((exit, out.len()), (Some(75), 0), "{args:?}: a mail server is to try again: {said}");
        assert!(said.contains(part), "{said}");
    }
    folder.write("presend.toml", "internal_domains = [\"example.com\"]\n");
    let marked =
        "From: a@example.com\nTo: b@example.com\nSubject: [CONFIDENTIAL] plan\n\nCONFIDENTIAL\n\nThe plan.\n";
    let policy = ["--policy", "presend.toml", "--fail-on", "review"];
    for (recipient, exit) in [("b@example.com", 0), ("c@example.org", 65)] {
        let ran = filtered(&folder, &[&policy[..], &["--", recipient]].concat(), marked.as_bytes());
        assert_eq!(ran.0, Some(exit), "{recipient}: {}", ran.2);
    }
}

#[test]
fn the_content_filter_of_contrib_hands_back_what_passes() {
    let desk = Desk::new();
    for (message, exit) in [(CLEAN, 0), (GUILTY, 65)] {
        let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/contrib/content-filter"));
        command.args(["a@example.com", "b@example.org", "c@example.org"]);
        let mut command = as_user(command, &desk);
        command.env("PRESEND", env!("CARGO_BIN_EXE_presend")).env("SENDMAIL", desk.folder.path("real"));
        let ran = run(command, message.as_bytes());
        assert_eq!(ran.exit, Some(exit), "{}{}", ran.stdout, ran.stderr);
        match desk.sent() {
            Some((args, sent)) if exit == 0 => {
                assert_eq!(args, ["-G", "-i", "-f", "a@example.com", "--", "b@example.org", "c@example.org"]);
                assert_eq!(sent, message.as_bytes());
            }
            sent => assert_eq!((sent, exit), (None, 65)),
        }
    }
}
