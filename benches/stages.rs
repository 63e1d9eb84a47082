//! Each stage by itself over the messages of `corpus/` (or of the folder in `PRESEND_BENCH_MAIL`), in bytes of raw message a second.

use std::sync::Arc;

use divan::{Bencher, counter::BytesCount};
use presend::{
    Filter,
    detect::Detectors,
    extract::{self, Markup, Segment},
    message::{Limits, Message},
    normalize,
    policy::Policy,
    source,
    verdict::{Context, Detail, Envelope},
    zone::{Wording, Zoned},
};

fn main() {
    divan::main();
}

/// The messages, and what the stages before the one that is measured need for them.
struct Mail {
    raw: Vec<Vec<u8>>,
    limits: Limits,
    wording: Wording,
    markup: Arc<Markup>,
}

impl Mail {
    fn read() -> Mail {
        let folder = std::env::var_os("PRESEND_BENCH_MAIL").unwrap_or_else(|| "corpus".into());
        let listing = source::find(&[folder.into()], false);
        let raw = listing.items.iter().map(|item| item.read(usize::MAX - 1).expect("readable")).collect();
        let wording = Wording::embedded();
        Mail { raw, limits: Limits::default(), markup: wording.markup(), wording }
    }

    fn bytes(&self) -> BytesCount {
        BytesCount::new(self.raw.iter().map(Vec::len).sum::<usize>())
    }

    fn parsed(&self) -> Vec<Message<'_>> {
        self.raw.iter().map(|raw| Message::parse(raw, &self.limits)).collect()
    }

    fn segments<'m>(&self, message: &'m Message<'m>) -> Vec<Segment<'m>> {
        extract::all(message, &self.markup, &self.limits).segments
    }

    fn zoned<'m>(&self, message: &'m Message<'m>) -> Vec<Zoned<'m>> {
        self.wording.mark(self.segments(message))
    }
}

#[divan::bench]
fn message(bencher: Bencher<'_, '_>) {
    let mail = Mail::read();
    bencher
        .counter(mail.bytes())
        .bench(|| mail.raw.iter().map(|raw| Message::parse(raw, &mail.limits).parts.len()).sum::<usize>());
}

#[divan::bench]
fn extract(bencher: Bencher<'_, '_>) {
    let mail = Mail::read();
    let parsed = mail.parsed();
    bencher
        .counter(mail.bytes())
        .bench(|| parsed.iter().map(|message| mail.segments(message).len()).sum::<usize>());
}

#[divan::bench]
fn zone(bencher: Bencher<'_, '_>) {
    let mail = Mail::read();
    let parsed = mail.parsed();
    bencher
        .counter(mail.bytes())
        .with_inputs(|| parsed.iter().map(|message| mail.segments(message)).collect::<Vec<_>>())
        .bench_values(|all| all.into_iter().map(|segments| mail.wording.mark(segments)).collect::<Vec<_>>());
}

#[divan::bench]
fn normalize(bencher: Bencher<'_, '_>) {
    let mail = Mail::read();
    let parsed = mail.parsed();
    bencher
        .counter(mail.bytes())
        .with_inputs(|| parsed.iter().map(|message| mail.zoned(message)).collect::<Vec<_>>())
        .bench_values(|all| all.into_iter().map(normalize::all).collect::<Vec<_>>());
}

#[divan::bench]
fn detect(bencher: Bencher<'_, '_>) {
    let mail = Mail::read();
    let detectors = Detectors::compile(&Policy::shipped(), Context::shipped().talk())
        .expect("the shipped policy compiles");
    let parsed = mail.parsed();
    let texts: Vec<_> = parsed.iter().map(|message| (message, normalize::all(mail.zoned(message)))).collect();
    bencher.counter(mail.bytes()).bench(|| {
        texts.iter().map(|(message, texts)| detectors.run(message, texts).list.len()).sum::<usize>()
    });
}

#[divan::bench]
fn whole(bencher: Bencher<'_, '_>) {
    let mail = Mail::read();
    let filter = Filter::new(Policy::shipped(), Detail::Places).expect("the shipped policy compiles");
    let envelope = Envelope::default();
    bencher
        .counter(mail.bytes())
        .bench(|| mail.raw.iter().map(|raw| filter.check(raw, &envelope).findings.len()).sum::<usize>());
}

#[divan::bench]
fn compile() -> Filter {
    Filter::new(Policy::shipped(), Detail::Places).expect("the shipped policy compiles")
}
