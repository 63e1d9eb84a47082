//! The pipeline beside its floor, in one run: CPU per message of `Filter::check`, against mail-parser's parse plus one overlapping case-insensitive
//! Aho-Corasick pass of 2,000 patterns over the decoded text parts of the same messages.
//!
//! `cargo bench --bench floor -- FOLDER` measures other mail than `corpus/`. Rounds of both alternate, so that a change of the machine's speed meets both;
//! the ratio of the medians is the result.

#![allow(clippy::print_stdout, reason = "a bench prints its result")]

use std::{hint::black_box, path::PathBuf, time::Instant};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use presend::{
    Filter,
    policy::{Kind, Policy},
    source,
    verdict::{Detail, Envelope},
};

/// Rounds over all messages that are counted.
const ROUNDS: usize = 7;

fn main() {
    let folder = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'))
        .unwrap_or_else(|| "corpus".into());
    let listing = source::find(&[PathBuf::from(&folder)], false);
    let messages: Vec<Vec<u8>> =
        listing.items.iter().map(|item| item.read(usize::MAX - 1).expect("readable")).collect();
    assert!(!messages.is_empty(), "no message in {folder}");
    let bytes: usize = messages.iter().map(Vec::len).sum();

    let floor = Floor::new();
    let filter = Filter::new(Policy::shipped(), Detail::Places).expect("the shipped policy compiles");
    let envelope = Envelope::default();
    let (mut floors, mut pipelines) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let start = Instant::now();
        let hits: usize = messages.iter().map(|raw| floor.run(raw)).sum();
        let floor_time = start.elapsed();
        let start = Instant::now();
        for raw in &messages {
            black_box(filter.check(raw, &envelope));
        }
        let pipeline_time = start.elapsed();
        black_box(hits);
        // The first round warms caches up.
        if round > 0 {
            floors.push(floor_time.as_secs_f64());
            pipelines.push(pipeline_time.as_secs_f64());
        }
    }
    let (floor, pipeline) = (median(&mut floors), median(&mut pipelines));
    let each = |seconds: f64| seconds / messages.len() as f64 * 1e6;
    let speed = |seconds: f64| bytes as f64 / seconds / 1e6;
    println!(
        "{} messages, {:.1} MB, one thread, median of {ROUNDS} rounds",
        messages.len(),
        bytes as f64 / 1e6
    );
    println!("floor     {:8.1} us a message  {:6.1} MB/s", each(floor), speed(floor));
    println!("pipeline  {:8.1} us a message  {:6.1} MB/s", each(pipeline), speed(pipeline));
    println!("ratio     {:8.2}", pipeline / floor);
}

/// What any filter has to do at least.
struct Floor {
    parser: mail_parser::MessageParser,
    automaton: AhoCorasick,
}

impl Floor {
    fn new() -> Floor {
        let policy = Policy::shipped();
        let terms = policy.rules.iter().flat_map(|rule| match &rule.kind {
            Kind::Lexicon { terms, strong, .. } => [terms.as_slice(), strong].concat(),
            Kind::Marking(marking) => marking.terms.clone(),
            _ => Vec::new(),
        });
        let patterns: Vec<String> = terms.take(2_000).collect();
        assert_eq!(patterns.len(), 2_000);
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .ascii_case_insensitive(true)
            .build(&patterns)
            .expect("2,000 patterns fit");
        Floor { parser: mail_parser::MessageParser::default(), automaton }
    }

    fn run(&self, raw: &[u8]) -> usize {
        let Some(message) = self.parser.parse(raw) else { return 0 };
        message
            .parts
            .iter()
            .filter_map(|part| match &part.body {
                mail_parser::PartType::Text(text) | mail_parser::PartType::Html(text) => Some(text),
                _ => None,
            })
            .map(|text| self.automaton.find_overlapping_iter(text.as_bytes()).count())
            .sum()
    }
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
