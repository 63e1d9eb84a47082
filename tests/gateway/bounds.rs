//! Bounds of the gateway: whoever is too much waits or is told to come again, and nobody else notices.

use std::time::Duration;

use super::{TO, mail, serve::serve};
use crate::wire::{Mta, codes, text};

#[test]
fn one_message_too_many_comes_again() {
    let server = serve("[gateway.limits]\nmessages = 1");
    let (mut one, mut other) = (Mta::connect(server.at), Mta::connect(server.at));
    assert_eq!(one.envelope("<a@example.com>", TO).0, 'c');
    let refused = [other.envelope("<a@example.com>", TO)];
    assert!(codes(&refused) == "y" && text(&refused).starts_with("451 4.7.1 "), "{refused:?}");
    one.content(&mail("fine"));
    assert_eq!(codes(&one.end()), "c");
    assert_eq!(codes(&other.message("<a@example.com>", TO, &mail("GUILTY"))), "y");
    assert!((server.metric("presend_busy_total") - 1.0).abs() < 0.5);
}

#[test]
fn one_connection_too_many_waits() {
    let server = serve("[gateway.limits]\nconnections = 1");
    let first = Mta::connect(server.at);
    let mut second = Mta::open(server.at);
    second.stream.set_read_timeout(Some(Duration::from_millis(200))).expect("a socket");
    second.packet(b'O', &[6, 0x1ff, 0x1f_ffff].map(u32::to_be_bytes).concat());
    assert!(second.try_reply().is_err(), "two connections are served");
    drop(first);
    second.stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
    assert_eq!(second.reply().0, 'O');
}

#[test]
fn a_large_message_is_judged_whole_out_of_its_file() {
    let server = serve("[gateway.limits]\nspool_from_kb = 16");
    let mut mta = Mta::connect(server.at);
    let body = "0123456789\n".repeat(400_000);
    assert_eq!(codes(&mta.message("<a@example.com>", TO, &mail(&body))), "c");
    assert_eq!(codes(&mta.message("<a@example.com>", TO, &mail(&(body.clone() + "GUILTY")))), "y");
    let (raw, _) = &server.seen()[0];
    assert!(*raw == mail(&body).replace('\n', "\r\n").into_bytes(), "{} bytes", raw.len());
    server.wait_for("presend_memory_bytes", 0.0);
}

#[test]
fn memory_is_shared_and_given_back() {
    let server = serve("[gateway.limits]\nmemory_mb = 2\nmessage_mb = 1\nspool_from_kb = 1024");
    let body = "0123456789\n".repeat(80_000);
    let mut connections: Vec<Mta> = (0..6).map(|_| Mta::connect(server.at)).collect();
    for mta in &mut connections {
        mta.envelope("<a@example.com>", TO);
        mta.content(&mail(&body));
    }
    assert!(server.metric("presend_memory_bytes") <= f64::from(1 << 19));
    for mta in &mut connections {
        assert_eq!(codes(&mta.end()), "c");
    }
    for (raw, _) in server.seen() {
        assert!(raw == mail(&body).replace('\n', "\r\n").into_bytes(), "{} bytes", raw.len());
    }
    drop(connections);
    server.wait_for("presend_connections", 0.0);
    server.wait_for("presend_memory_bytes", 0.0);
}

#[test]
fn where_nothing_can_be_spooled_a_message_comes_again() {
    let server = serve("[gateway.limits]\nspool_from_kb = 16\nspool_folder = \"/nonexistent\"");
    let mut mta = Mta::connect(server.at);
    mta.envelope("<a@example.com>", TO);
    mta.packet(b'B', &vec![b'x'; 60_000]);
    assert_eq!(mta.reply().0, 't');
    assert!(mta.is_closed());
    assert_eq!(codes(&Mta::connect(server.at).message("<a@example.com>", TO, &mail("fine"))), "c");
}

#[test]
fn a_long_judgement_keeps_nobody_waiting_on_the_wire() {
    let server = serve("[gateway.limits]\nthreads = 2");
    let mut slow = Mta::connect(server.at);
    slow.envelope("<a@example.com>", TO);
    slow.content(&mail("SLEEP 1500"));
    slow.packet(b'E', b"");
    let mut quick = Mta::connect(server.at);
    for index in 0..20 {
        assert_eq!(codes(&quick.message("<a@example.com>", TO, &mail(&format!("fine {index}")))), "c");
    }
    assert!((server.metric("presend_messages_in_flight") - 1.0).abs() < 0.5, "the slow one is done already");
    while slow.reply().0 == 'p' {}
}

#[test]
fn who_waited_too_long_for_a_thread_is_not_judged() {
    let server = serve("[gateway.limits]\nthreads = 1\ndeadline_seconds = 1");
    let mut first = Mta::connect(server.at);
    first.envelope("<a@example.com>", TO);
    first.content(&mail("SLEEP 2500"));
    first.packet(b'E', b"");
    let replies = Mta::connect(server.at).message("<a@example.com>", TO, &mail("fine"));
    assert!(text(&replies).starts_with("451 4.7.1 "), "{replies:?}");
    // Nobody waits for the second any more: it is not begun when the thread is free again.
    std::thread::sleep(Duration::from_millis(2200));
    assert_eq!(codes(&Mta::connect(server.at).message("<a@example.com>", TO, &mail("other"))), "c");
    assert_eq!(server.judge.begun.load(std::sync::atomic::Ordering::SeqCst), 2);
}
