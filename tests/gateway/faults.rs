//! Faults: a mail server, or something else, that stops, stalls or sends nonsense harms nobody but itself.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use super::{TO, mail, serve::serve};
use crate::wire::{Mta, codes};

#[test]
fn a_connection_may_drop_at_every_step() {
    let server = serve("");
    for step in 0..9 {
        let mut mta = Mta::open(server.at);
        let steps: [&dyn Fn(&mut Mta); 8] = [
            &|mta| assert_eq!(mta.negotiate(crate::wire::POSTFIX).0, 6),
            &|mta| drop(mta.send(b'C', b"x\x004\0\0x\0")),
            &|mta| drop(mta.send(b'M', b"<a@example.com>\0")),
            &|mta| drop(mta.send(b'R', b"<b@example.org>\0")),
            &|mta| drop(mta.send(b'L', b"Subject\0 GUILTY\0")),
            &|mta| drop(mta.send(b'N', b"")),
            &|mta| mta.packet(b'B', b"half"),
            &|mta| mta.packet(b'E', b""),
        ];
        steps.iter().take(step).for_each(|send| send(&mut mta));
        // In the middle of a packet as well.
        mta.stream.write_all(b"\0\0\0\x09B").expect("it reads");
    }
    assert_eq!(codes(&Mta::connect(server.at).message("<a@example.com>", TO, &mail("fine"))), "c");
    server.wait_for("presend_connections", 0.0);
    server.wait_for("presend_messages_in_flight", 0.0);
    server.wait_for("presend_memory_bytes", 0.0);
}

#[test]
fn a_panic_costs_one_message() {
    let server = serve("[gateway.limits]\nthreads = 1");
    let mut mta = Mta::connect(server.at);
    for index in 0..5 {
        let panic = mail(&format!("PANIC {index}"));
        assert_eq!(codes(&mta.message("<a@example.com>", TO, &panic)), "y");
        assert_eq!(codes(&mta.message("<a@example.com>", TO, &mail(&format!("fine {index}")))), "c");
    }
    assert!((server.metric("presend_failures_total{reason=\"error\"}") - 5.0).abs() < 0.5);
}

#[test]
fn nonsense_ends_its_own_connection_and_no_message_passes() {
    let server = serve("");
    let mut healthy = Mta::connect(server.at);
    healthy.envelope("<a@example.com>", TO);
    for nonsense in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\x01Z", b"EHLO x\r\n"]
    {
        // Before anything was said there is nothing to answer.
        let mut stranger = Mta::open(server.at);
        stranger.stream.write_all(nonsense).expect("it reads");
        assert!(stranger.is_closed(), "{nonsense:?}");
        // In the middle of a message that message is told to come again.
        let mut mta = Mta::connect(server.at);
        mta.envelope("<a@example.com>", TO);
        mta.content(&mail("fine"));
        mta.stream.write_all(nonsense).expect("it reads");
        assert_eq!(mta.reply().0, 't', "{nonsense:?}");
        assert!(mta.is_closed());
    }
    healthy.content(&mail("GUILTY"));
    assert_eq!(codes(&healthy.end()), "y");
}

#[test]
fn commands_before_the_negotiation_are_nonsense() {
    let server = serve("");
    let mut mta = Mta::open(server.at);
    mta.packet(b'M', b"<a@example.com>\0");
    assert!(mta.is_closed());
    let mut old = Mta::open(server.at);
    old.packet(b'O', &[1, 0x1ff, 0x7f].map(u32::to_be_bytes).concat());
    assert!(old.is_closed());
}

#[test]
fn a_port_scan_is_no_error() {
    let server = serve("");
    for _ in 0..20 {
        drop(TcpStream::connect(server.at).expect("it listens"));
        let mut mta = Mta::open(server.at);
        mta.packet(b'Q', b"");
        assert!(mta.is_closed());
    }
    server.wait_for("presend_connections", 0.0);
    assert!(server.metric("presend_protocol_errors_total").abs() < 0.5);
}

#[test]
fn who_says_nothing_is_let_go() {
    let server = serve("[gateway.limits]\nidle_seconds = 1");
    let start = Instant::now();
    assert!(Mta::connect(server.at).is_closed());
    // One that trickles is not patient for ever either: the time is for the packet, not for each byte.
    let mut slow = Mta::connect(server.at);
    slow.stream.set_read_timeout(Some(Duration::from_millis(300))).expect("a socket");
    slow.stream.write_all(b"\0\0\0\x40").expect("it reads");
    let mut is_let_go = false;
    for _ in 0..30 {
        is_let_go |= slow.stream.write_all(b"L").is_err();
        is_let_go |= matches!(slow.stream.read(&mut [0]), Ok(0));
        if is_let_go {
            break;
        }
    }
    assert!(is_let_go, "still there after {:?}", start.elapsed());
}

#[test]
fn hundreds_of_idle_connections_hold_no_memory() {
    let server = serve("");
    let mut idle: Vec<Mta> = (0..400).map(|_| Mta::connect(server.at)).collect();
    for mta in idle.iter_mut().take(100) {
        assert_eq!(codes(&mta.message("<a@example.com>", TO, &mail("fine"))), "c");
    }
    server.wait_for("presend_connections", 400.0);
    server.wait_for("presend_memory_bytes", 0.0);
    assert_eq!(codes(&Mta::connect(server.at).message("<a@example.com>", TO, &mail("GUILTY"))), "y");
}
