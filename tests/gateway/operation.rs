//! Operation: a new policy, an end, metrics and health, verdicts that are remembered.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use super::{TO, mail, serve::serve};
use crate::wire::{Mta, codes};

/// A request to the admin address: status and body.
fn ask(at: SocketAddr, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(at).expect("it listens");
    write!(stream, "{request} HTTP/1.1\r\nHost: x\r\n\r\n").expect("it reads");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("it answers");
    let (head, body) = response.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("a status"), body.to_owned())
}

#[test]
fn a_new_policy_counts_from_the_next_message_on() {
    let server = serve("");
    let (mut one, mut other) = (Mta::connect(server.at), Mta::connect(server.at));
    one.envelope("<a@example.com>", TO);
    *server.next.lock().expect("no panic") = "[gateway.actions]\nreject = \"hold\"\n".to_owned();
    assert_eq!(ask(server.admin, "POST /reload"), (200, "policy v34 is in force\n".to_owned()));
    assert_eq!(codes(&other.message("<a@example.com>", TO, &mail("GUILTY"))), "qc");
    // One that began before goes by the policy that it began under.
    one.content(&mail("GUILTY"));
    assert_eq!(codes(&one.end()), "y");
    assert_eq!(codes(&one.message("<a@example.com>", TO, &mail("GUILTY"))), "qc");
}

#[test]
fn a_broken_policy_is_refused_with_its_reason() {
    let server = serve("");
    *server.next.lock().expect("no panic") = "[gateway.actions]\nreject = \"discard\"\n".to_owned();
    let (status, reason) = ask(server.admin, "POST /reload");
    assert_eq!(status, 409);
    assert!(reason.starts_with("presend.toml:2:10: unknown variant `discard`"), "{reason}");
    assert_eq!(codes(&Mta::connect(server.at).message("<a@example.com>", TO, &mail("GUILTY"))), "y");
    assert!((server.metric("presend_reload_failures_total") - 1.0).abs() < 0.5);
}

#[test]
fn policies_change_under_load_and_every_message_is_judged() {
    let server = serve("[gateway.limits]\ncache = 0");
    let (at, done) = (server.at, Arc::new(AtomicBool::new(false)));
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let done = Arc::clone(&done);
            thread::spawn(move || {
                let (mut mta, mut count) = (Mta::connect(at), 0);
                while !done.load(Ordering::SeqCst) || count < 20 {
                    let answer = codes(&mta.message("<a@example.com>", TO, &mail("GUILTY")));
                    assert!(answer == "y" || answer == "qc", "{answer}");
                    count += 1;
                }
                count
            })
        })
        .collect();
    for round in 0..20 {
        let action = if round % 2 == 0 { "hold" } else { "reject" };
        *server.next.lock().expect("no panic") =
            format!("[gateway.actions]\nreject = \"{action}\"\n[gateway.limits]\ncache = 0\n");
        assert_eq!(ask(server.admin, "POST /reload").0, 200);
    }
    done.store(true, Ordering::SeqCst);
    let sent: usize = senders.into_iter().map(|sender| sender.join().expect("no panic")).sum();
    assert_eq!(server.seen().len(), sent);
}

#[test]
fn a_stop_finishes_what_is_on_its_way() {
    let mut server = serve("");
    let (mut idle, mut busy) = (Mta::connect(server.at), Mta::connect(server.at));
    busy.envelope("<a@example.com>", TO);
    server.stop();
    assert!(idle.is_closed());
    busy.content(&mail("GUILTY"));
    assert_eq!(codes(&busy.end()), "y");
    assert!(busy.is_closed());
    server.join();
    assert!(TcpStream::connect(server.at).is_err(), "it still listens");
}

#[test]
fn it_tells_of_itself() {
    let server = serve("");
    let mut mta = Mta::connect(server.at);
    for body in ["fine", "fine", "GUILTY", "PANIC"] {
        mta.message("<a@example.com>", TO, &mail(body));
    }
    assert_eq!(ask(server.admin, "GET /healthz"), (200, "ok\n".to_owned()));
    let (status, page) = ask(server.admin, "GET /metrics");
    assert_eq!(status, 200);
    for line in [
        "presend_messages_total{verdict=\"pass\",action=\"accept\"} 2",
        "presend_messages_total{verdict=\"reject\",action=\"reject\"} 1",
        "presend_messages_total{verdict=\"none\",action=\"tempfail\"} 1",
        "presend_rule_messages_total{rule=\"pii.thing\"} 1",
        "presend_failures_total{reason=\"error\"} 1",
        "presend_answer_seconds_count 4",
        "presend_cached_total 1",
        "presend_messages_in_flight 0",
        "presend_policy_info{version=\"v0\"} 1",
    ] {
        assert!(page.lines().any(|known| known == line), "{line} is not in\n{page}");
    }
    // Every name has its type, and every line is a name and a number.
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').expect("a name and a number");
        let family = name.split('{').next().unwrap_or(name);
        let of_histogram = ["_bucket", "_sum", "_count"].iter().find_map(|end| family.strip_suffix(end));
        let is_typed = |name: &str| page.contains(&format!("# TYPE {name} "));
        assert!(
            value.parse::<f64>().is_ok() && (is_typed(family) || of_histogram.is_some_and(is_typed)),
            "{line}"
        );
    }
    for request in ["GET /", "POST /metrics", "GET /reload", "nonsense"] {
        assert_eq!(ask(server.admin, request).0, 404, "{request}");
    }
}

#[test]
fn a_service_that_does_not_negotiate_is_not_healthy() {
    let server = serve("[gateway.limits]\nconnections = 1");
    let _only = Mta::connect(server.at);
    let (status, problem) = ask(server.admin, "GET /healthz");
    assert_eq!(status, 503);
    assert!(problem.contains("no answer to a negotiation"), "{problem}");
}

#[test]
fn a_message_that_comes_again_is_judged_once() {
    let server = serve("");
    let mut mta = Mta::connect(server.at);
    for _ in 0..8 {
        assert_eq!(codes(&mta.message("<a@example.com>", TO, &mail("GUILTY"))), "y");
    }
    assert_eq!(server.seen().len(), 1);
    mta.message("<a@example.com>", &["<c@example.org>"], &mail("GUILTY"));
    assert_eq!(server.seen().len(), 2, "another recipient may make another verdict");
    assert_eq!(ask(server.admin, "POST /reload").0, 200);
    mta.message("<a@example.com>", TO, &mail("GUILTY"));
    assert_eq!(server.seen().len(), 3, "another policy too");
}
