//! Each stage by itself over the messages of `corpus/` (or of the folder in `PRESEND_BENCH_MAIL`), in bytes of raw message a second.

use divan::{Bencher, counter::BytesCount};
use presend::{
    Filter,
    detect::{Detectors, Workload},
    extract,
    message::{Limits, Message},
    normalize,
    policy::Policy,
    source,
    verdict::Envelope,
    zone::Wording,
};

fn main() {
    divan::main();
}

/// The messages, and how many bytes they are.
fn messages() -> (Vec<Vec<u8>>, BytesCount) {
    let folder = std::env::var_os("PRESEND_BENCH_MAIL").unwrap_or_else(|| "corpus".into());
    let listing = source::find(&[folder.into()], false);
    let messages: Vec<Vec<u8>> =
        listing.items.iter().map(|item| item.read(usize::MAX - 1).expect("readable")).collect();
    let bytes: usize = messages.iter().map(Vec::len).sum();
    (messages, BytesCount::new(bytes))
}

#[divan::bench]
fn message(bencher: Bencher<'_, '_>) {
    let (messages, bytes) = messages();
    let limits = Limits::default();
    bencher
        .counter(bytes)
        .bench(|| messages.iter().map(|raw| Message::parse(raw, &limits).parts.len()).sum::<usize>());
}

#[divan::bench]
fn extract(bencher: Bencher<'_, '_>) {
    let (messages, bytes) = messages();
    let limits = Limits::default();
    let markup = Wording::embedded().markup();
    let parsed: Vec<Message<'_>> = messages.iter().map(|raw| Message::parse(raw, &limits)).collect();
    bencher
        .counter(bytes)
        .bench(|| parsed.iter().map(|message| extract::all(message, &markup).segments.len()).sum::<usize>());
}

#[divan::bench]
fn zone(bencher: Bencher<'_, '_>) {
    let (messages, bytes) = messages();
    let limits = Limits::default();
    let wording = Wording::embedded();
    let markup = wording.markup();
    let parsed: Vec<Message<'_>> = messages.iter().map(|raw| Message::parse(raw, &limits)).collect();
    bencher
        .counter(bytes)
        .with_inputs(|| {
            parsed.iter().map(|message| extract::all(message, &markup).segments).collect::<Vec<_>>()
        })
        .bench_values(|all| all.into_iter().map(|segments| wording.mark(segments)).collect::<Vec<_>>());
}

#[divan::bench]
fn normalize(bencher: Bencher<'_, '_>) {
    let (messages, bytes) = messages();
    let limits = Limits::default();
    let wording = Wording::embedded();
    let markup = wording.markup();
    let parsed: Vec<Message<'_>> = messages.iter().map(|raw| Message::parse(raw, &limits)).collect();
    bencher
        .counter(bytes)
        .with_inputs(|| {
            parsed
                .iter()
                .map(|message| wording.mark(extract::all(message, &markup).segments))
                .collect::<Vec<_>>()
        })
        .bench_values(|all| all.into_iter().map(normalize::all).collect::<Vec<_>>());
}

#[divan::bench]
fn detect(bencher: Bencher<'_, '_>) {
    let (messages, bytes) = messages();
    let limits = Limits::default();
    let wording = Wording::embedded();
    let markup = wording.markup();
    let detectors =
        Detectors::compile(&Policy::shipped(), Workload::Batch).expect("the shipped policy compiles");
    let parsed: Vec<Message<'_>> = messages.iter().map(|raw| Message::parse(raw, &limits)).collect();
    let texts: Vec<_> = parsed
        .iter()
        .map(|message| (message, normalize::all(wording.mark(extract::all(message, &markup).segments))))
        .collect();
    bencher
        .counter(bytes)
        .bench(|| texts.iter().map(|(message, texts)| detectors.run(message, texts).len()).sum::<usize>());
}

#[divan::bench]
fn whole(bencher: Bencher<'_, '_>) {
    let (messages, bytes) = messages();
    let filter = Filter::new(Policy::shipped(), Workload::Batch).expect("the shipped policy compiles");
    let envelope = Envelope::default();
    bencher
        .counter(bytes)
        .bench(|| messages.iter().map(|raw| filter.check(raw, &envelope).findings.len()).sum::<usize>());
}

#[divan::bench(args = [Workload::Single, Workload::Batch])]
fn compile(workload: Workload) -> Filter {
    Filter::new(Policy::shipped(), workload).expect("the shipped policy compiles")
}
