//! Local: text of files, as attachments.
use presend::{
    extract::{self, Markup},
    message::{Limits, Message},
};
use std::{fmt::Write, sync::Arc};
#[path = "../tests/documents/built.rs"]
#[allow(dead_code)]
mod built;
fn main() {
    let out = std::env::args().nth(2).expect("folder");
    for line in std::fs::read_to_string(std::env::args().nth(1).expect("list")).expect("list").lines() {
        let (id, path) = line.split_once('\t').expect("tab");
        let bytes = std::fs::read(path).expect("file");
        let raw = built::attached(path.rsplit('/').next().unwrap(), &bytes);
        let limits = Limits::default();
        let message = Message::parse(raw.as_bytes(), &limits);
        let all = extract::all(&message, &Arc::new(Markup::default()), &limits);
        let mut text = String::new();
        for s in &all.segments {
            let _ = writeln!(text, "{}", s.text);
        }
        let reasons: Vec<_> =
            all.not_inspected.iter().map(|n| format!("{:?}@{}", n.reason, n.place.join(">"))).collect();
        std::fs::write(format!("{out}/{id}.txt"), text).unwrap();
        std::fs::write(format!("{out}/{id}.res"), format!("Ok(()) unread [{}] ", reasons.join("; ")))
            .unwrap();
    }
}
