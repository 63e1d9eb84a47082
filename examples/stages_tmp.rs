use presend::{
    Filter,
    detect::Detectors,
    extract,
    message::{Limits, Message},
    normalize,
    policy::Policy,
    source,
    verdict::{Detail, Envelope},
    zone::Wording,
};
use std::{hint::black_box, path::PathBuf, time::Instant};
fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let listing = source::find(&[PathBuf::from(&folder)], false);
    let messages: Vec<Vec<u8>> = listing.items.iter().map(|i| i.read(usize::MAX - 1).unwrap()).collect();
    let policy = Policy::shipped();
    let det = Detectors::compile(&policy).unwrap();
    let wording = Wording::embedded();
    let markup = wording.markup();
    let filter = Filter::new(Policy::shipped(), Detail::Places).unwrap();
    let limits = Limits::default();
    let parser = mail_parser::MessageParser::new()
        .with_mime_headers()
        .header_address(mail_parser::HeaderName::From)
        .header_address(mail_parser::HeaderName::To)
        .header_address(mail_parser::HeaderName::Cc)
        .header_address(mail_parser::HeaderName::Bcc)
        .default_header_ignore();
    let mut best = [f64::MAX; 7];
    for _ in 0..9 {
        let mut t = [0f64; 7];
        for raw in &messages {
            let s = Instant::now();
            black_box(parser.parse(raw));
            t[0] += s.elapsed().as_secs_f64();
            let s = Instant::now();
            let m = Message::parse(raw, &limits);
            t[1] += s.elapsed().as_secs_f64();
            let s = Instant::now();
            let e = extract::all(&m, &markup);
            t[2] += s.elapsed().as_secs_f64();
            let s = Instant::now();
            let z = wording.mark(e.segments);
            t[3] += s.elapsed().as_secs_f64();
            let s = Instant::now();
            let n = normalize::all(z);
            t[4] += s.elapsed().as_secs_f64();
            let s = Instant::now();
            let f = det.run(&m, &n);
            t[5] += s.elapsed().as_secs_f64();
            black_box(&f);
            drop(f);
        }
        let s = Instant::now();
        for raw in &messages {
            black_box(filter.check(raw, &Envelope::default()));
        }
        t[6] = s.elapsed().as_secs_f64();
        for i in 0..7 {
            best[i] = best[i].min(t[i]);
        }
    }
    for (n, b) in ["mailparser", "message", "extract", "zone", "normalize", "detect", "all"].iter().zip(best)
    {
        println!("{n:12} {:6.1} us", b / messages.len() as f64 * 1e6);
    }
}
