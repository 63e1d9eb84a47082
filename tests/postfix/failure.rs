//! The gateway breaks, ends or gets a new policy while Postfix is at work: no message is lost, and none goes out unjudged.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::{fd::OwnedFd, unix::net::UnixDatagram},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use super::{CLEAN, FROM, GUILTY, TO, mail};
use crate::{
    daemon::Daemon,
    instance::{Folder, Postfix, is_there},
    smtp::Smtp,
};

#[test]
fn a_kill_in_the_middle_of_a_message_loses_nothing() {
    if !is_there() {
        return;
    }
    let mut daemon = Daemon::start("");
    let postfix = Postfix::start(&daemon.unix(), "");
    let mut smtp = Smtp::connect(postfix.smtp);
    assert!(smtp.begin(FROM, TO).starts_with("354"));
    smtp.write(mail("killed", "first half").replace('\n', "\r\n").as_bytes());
    // Postfix hands on what it has in pieces.
    smtp.write("and so on\r\n".repeat(20_000).as_bytes());
    thread::sleep(Duration::from_millis(200));
    daemon.signal("KILL");
    let reply = {
        smtp.write(b"second half\r\n.\r\n");
        smtp.reply()
    };
    assert!(reply.starts_with("451 4.7.1 "), "{reply}");
    // As long as it is away, mail waits with its sender.
    let away = Smtp::connect(postfix.smtp).send(FROM, TO, mail("away", CLEAN).as_bytes());
    assert!(away.starts_with("451 4.7.1 "), "{away}");
    // The socket file that was left behind is in nobody's way.
    daemon.restart();
    assert!(Smtp::connect(postfix.smtp).send(FROM, TO, mail("again", CLEAN).as_bytes()).starts_with("250 "));
    let delivered = String::from_utf8(postfix.delivered(1).remove(0)).expect("UTF-8");
    assert!(delivered.contains("Subject: again"), "{delivered}");
}

#[test]
fn a_stop_finishes_the_message_on_its_way() {
    if !is_there() {
        return;
    }
    let mut daemon = Daemon::start("");
    let postfix = Postfix::start(&daemon.unix(), "");
    let mut smtp = Smtp::connect(postfix.smtp);
    assert!(smtp.begin(FROM, TO).starts_with("354"));
    smtp.write(mail("stopped", GUILTY).replace('\n', "\r\n").as_bytes());
    daemon.signal("TERM");
    thread::sleep(Duration::from_millis(300));
    smtp.write(b".\r\n");
    let reply = smtp.reply();
    assert!(reply.starts_with("550-5.7.1 "), "{reply}");
    assert!(daemon.wait(), "{}", daemon.log());
    assert!(!daemon.socket().exists(), "its socket is still there");
}

#[test]
fn policies_change_under_load_and_no_message_is_lost_or_unjudged() {
    if !is_there() {
        return;
    }
    let policy = |keyword: &str| {
        format!(
            "[[keywords]]\nterms = [\"{keyword}\"]\ncategory = \"confidential\"\naction = \"reject\"\n[gateway.limits]\ncache = 0\n"
        )
    };
    let daemon = Daemon::start(&policy("Falcon"));
    let postfix = Postfix::start(&daemon.unix(), "");
    let (at, done, accepted) =
        (postfix.smtp, Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let (done, accepted) = (Arc::clone(&done), Arc::clone(&accepted));
            thread::spawn(move || {
                let (mut smtp, mut count) = (Smtp::connect(at), 0);
                while !done.load(Ordering::SeqCst) {
                    let clean =
                        smtp.send(FROM, TO, mail(&format!("load-{sender}-{count}"), CLEAN).as_bytes());
                    assert!(clean.starts_with("250 "), "{clean}");
                    accepted.fetch_add(1, Ordering::SeqCst);
                    let guilty = smtp.send(FROM, TO, mail("guilty", &format!("Falcon {GUILTY}")).as_bytes());
                    assert!(guilty.starts_with("550-5.7.1 "), "{guilty}");
                    count += 2;
                }
                count
            })
        })
        .collect();
    for round in 0..6 {
        daemon.set_policy(&policy(if round % 2 == 0 { "Condor" } else { "Falcon" }));
        if round == 3 {
            daemon.signal("HUP");
        } else {
            let (taken, said) = daemon.reload();
            assert!(taken && said.contains("is in force"), "{said}");
        }
        thread::sleep(Duration::from_millis(100));
    }
    // A broken one is refused with its place, and the old one stays.
    daemon.set_policy("[gateway.actions]\nreject = \"discard\"\n");
    let (taken, said) = daemon.reload();
    assert!(!taken && said.contains("presend.toml:2:10: unknown variant `discard`"), "{said}");
    thread::sleep(Duration::from_millis(100));
    done.store(true, Ordering::SeqCst);
    let sent: usize = senders.into_iter().map(|sender| sender.join().expect("no panic")).sum();
    assert_eq!(daemon.messages(sent).len(), sent, "some were not judged");
    assert!((daemon.metric("presend_reloads_total") - 6.0).abs() < 0.5);
    postfix.delivered(accepted.load(Ordering::SeqCst));
}

#[test]
fn a_thousand_idle_connections_and_a_port_scan_disturb_nobody() {
    if !is_there() {
        return;
    }
    let daemon = Daemon::start("[gateway.limits]\nconnections = 2000\n");
    let postfix = Postfix::start(&daemon.unix(), "");
    let idle: Vec<_> = (0..1000)
        .map(|_| std::os::unix::net::UnixStream::connect(daemon.socket()).expect("it listens"))
        .collect();
    for _ in 0..100 {
        drop(TcpStream::connect(("127.0.0.1", daemon.port())).expect("it listens"));
    }
    assert!(Smtp::connect(postfix.smtp).send(FROM, TO, mail("clean", CLEAN).as_bytes()).starts_with("250 "));
    assert!(daemon.metric("presend_connections") >= 1000.0);
    drop(idle);
    // Nothing of it is worth a line.
    let lines: Vec<String> = daemon.log().lines().map(str::to_owned).collect();
    let said: Vec<&String> = lines.iter().filter(|line| !line.contains(" listening ")).collect();
    assert_eq!(said.len(), 1, "{said:?}");
}

#[test]
fn systemd_hands_over_the_socket_and_hears_of_the_service() {
    let folder = Folder::new();
    let notify = folder.join("notify");
    let told = UnixDatagram::bind(&notify).expect("a socket");
    told.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("an address");
    let mut child = Command::new("sh")
        .args(["-c", "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" milter --listen systemd"])
        .arg(env!("CARGO_BIN_EXE_presend"))
        .env("NOTIFY_SOCKET", &notify)
        .env("WATCHDOG_USEC", "200000")
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stderr(Stdio::null())
        .spawn()
        .expect("sh is there");
    // The socket was there before the service: a connection waits for it.
    let mut stream = TcpStream::connect(at).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
    let mut packet = b"\0\0\0\x0dO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff".to_vec();
    stream.write_all(&packet).expect("it reads");
    stream.read_exact(&mut packet).expect("it negotiates");
    assert_eq!(packet[4], b'O');
    let hear = || {
        let mut text = [0; 100];
        let length = told.recv(&mut text).expect("it is told");
        String::from_utf8_lossy(&text[..length]).into_owned()
    };
    assert_eq!([hear(), hear(), hear()], ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]);
    let ended = Command::new("kill").arg(child.id().to_string()).status();
    assert!(ended.expect("kill is there").success());
    while hear() != "STOPPING=1" {}
    assert!(child.wait().expect("ours").success());
}

#[test]
fn what_somebody_else_listens_at_is_left_alone() {
    let daemon = Daemon::start("");
    let second = Command::new(env!("CARGO_BIN_EXE_presend"))
        .args(["milter", "--listen", &daemon.unix()])
        .output()
        .expect("presend runs");
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(second.status.code() == Some(2) && said.contains("stop what listens there"), "{said}");
    assert!(fs::exists(daemon.socket()).expect("ours"), "the socket of the first is gone");
}
