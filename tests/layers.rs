//! The layers that `src/lib.rs` promises, checked in the text of the sources: a stage imports only stages above it, only `message`
//! knows mail-parser, only the edges do I/O, and only commands print.
//!
//! A violation is named by file and line; new stages have their place in [`STAGES`].

#[path = "layers/source.rs"]
mod source;

use std::fmt::Write as _;

use source::{Source, Word, sources};

/// The stages in the order of the pipeline: each imports only those before it.
const STAGES: &[&str] = &[
    "span",
    "message",
    "extract",
    "zone",
    "normalize",
    "policy",
    "domain",
    "detect",
    "verdict",
    COMPOSITION,
    "samples",
    "learn",
    "bounce",
    "report",
    "source",
    "gateway",
    "cmd",
    "main",
];

/// What `lib.rs` defines: the stages up to the verdict, put together.
const COMPOSITION: &str = "Filter";

/// What every stage may import.
const ANYWHERE: &[&str] = &["error"];

/// Stages that stand apart: they import nothing but what is listed, although the order would allow more.
const APART: &[(&str, &[&str])] =
    &[("span", &[]), ("error", &[]), ("source", &["error"]), ("main", &["cmd"])];

/// Stages that talk to the world: files, environment, clock, standard streams.
const EDGES: &[&str] = &["domain", "source", "gateway", "cmd", "main"];

/// Names that lead to files, sockets, the environment, the clock, the terminal.
const WORLD: &[&str] = &[
    "fs",
    "env",
    "TcpListener",
    "TcpStream",
    "UdpSocket",
    "tokio",
    "hickory_resolver",
    "UnixListener",
    "UnixStream",
    "ToSocketAddrs",
    "stdin",
    "stdout",
    "stderr",
    "SystemTime",
    "Instant",
    "jiff",
    "anstream",
    "terminal_size",
    "signal_hook",
];

/// Macros that print.
const PRINTING: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];

#[test]
fn a_stage_imports_only_stages_above_it() {
    let mut problems = String::new();
    let (mut imports, mut users) = (0, Vec::new());
    for source in sources() {
        for import in source.imports() {
            imports += 1;
            users.push(source.stage.clone());
            if let Some(problem) = misplaced(&source.stage, &import.name) {
                let _ = writeln!(problems, "{}:{}: {problem}", source.path.display(), import.line);
            }
        }
    }
    users.sort();
    users.dedup();
    assert!(imports >= 30 && users.len() >= 8, "only {imports} imports in {users:?}: is the reader broken?");
    assert!(problems.is_empty(), "\n{problems}");
}

#[test]
fn every_stage_has_its_place() {
    let mut found: Vec<String> = sources().into_iter().map(|source| source.stage).collect();
    found.retain(|stage| stage != "lib");
    found.sort();
    found.dedup();
    let known: Vec<&str> =
        STAGES.iter().chain(ANYWHERE).copied().filter(|stage| *stage != COMPOSITION).collect();
    for stage in &found {
        assert!(
            known.contains(&stage.as_str()),
            "src/{stage} is not in STAGES of tests/layers.rs: where does it stand?"
        );
    }
    for stage in known {
        assert!(found.iter().any(|have| have == stage), "`{stage}` of tests/layers.rs is not in src/");
    }
}

#[test]
fn only_message_knows_mail_parser() {
    let uses = words_used(&["mail_parser"]);
    assert!(!uses.is_empty(), "nothing names mail_parser: is the reader broken?");
    refuse(uses, |stage| stage == "message", "only src/message/ knows mail-parser");
}

#[test]
fn only_the_edges_touch_the_world() {
    let uses = words_used(WORLD);
    assert!(uses.len() >= 10, "only {} uses of the world: is the reader broken?", uses.len());
    refuse(
        uses,
        |stage| EDGES.contains(&stage),
        "a stage takes what it needs as arguments; only domain/, source/, gateway/, cmd/ and main.rs do I/O",
    );
}

#[test]
fn only_commands_print() {
    let mut uses = Vec::new();
    for source in sources() {
        for word in source.words() {
            let is_macro = source.code[word.end..].starts_with('!');
            if is_macro && PRINTING.contains(&word.text) {
                uses.push(Use::of(&word, &source));
            }
        }
    }
    refuse(uses, |stage| stage == "cmd", "only src/cmd/ prints");
}

/// A word in a source: stage, place and the word.
struct Use {
    stage: String,
    place: String,
}

impl Use {
    fn of(word: &Word<'_>, source: &Source) -> Use {
        let place = format!("{}:{}: {}", source.path.display(), source.line(word.start), word.text);
        Use { stage: source.stage.clone(), place }
    }
}

/// Fails with the uses outside the stages that are `allowed`.
fn refuse(uses: Vec<Use>, allowed: impl Fn(&str) -> bool, rule: &str) {
    let places: Vec<String> = uses.into_iter().filter(|at| !allowed(&at.stage)).map(|at| at.place).collect();
    assert!(places.is_empty(), "{rule}:\n{}", places.join("\n"));
}

/// Every place outside tests where one of `words` stands, but as the name of a macro.
fn words_used(words: &[&str]) -> Vec<Use> {
    let mut uses = Vec::new();
    for source in sources() {
        let named = source.words().into_iter().filter(|word| words.contains(&word.text));
        uses.extend(
            named
                .filter(|word| !source.code[word.end..].starts_with('!'))
                .map(|word| Use::of(&word, &source)),
        );
    }
    uses
}

/// Why `stage` must not import `name`, if so.
fn misplaced(stage: &str, name: &str) -> Option<String> {
    // What a stage defines itself, and the composition of stages, which may use them all.
    if stage == name || stage == "lib" {
        return None;
    }
    if let Some((_, only)) = APART.iter().find(|(apart, _)| *apart == stage) {
        return (!only.contains(&name)).then(|| match only {
            [] => format!("`{stage}` imports `{name}`, and must import nothing"),
            only => format!("`{stage}` imports `{name}`, and must import only {}", only.join(", ")),
        });
    }
    if ANYWHERE.contains(&name) {
        return None;
    }
    let place = |wanted: &str| STAGES.iter().position(|stage| *stage == wanted);
    match (place(stage), place(name)) {
        (Some(own), Some(other)) if other < own => None,
        (Some(_), Some(_)) => Some(format!("`{stage}` imports `{name}`, which comes after it")),
        (None, _) => Some(format!("`{stage}` is not in STAGES of tests/layers.rs")),
        (_, None) => Some(format!("`{stage}` imports `{name}`, which is not in STAGES of tests/layers.rs")),
    }
}

#[test]
fn the_order_is_kept_by_the_rule_itself() {
    for (stage, name, wrong) in [
        ("zone", "extract", false),
        ("extract", "zone", true),
        ("policy", "detect", true),
        ("samples", COMPOSITION, false),
        ("verdict", COMPOSITION, true),
        ("source", "error", false),
        ("source", "message", true),
        ("span", "error", true),
        ("report", "error", false),
        ("zone", "unheard", true),
        ("unheard", "span", true),
        ("main", "verdict", true),
        ("lib", "cmd", false),
    ] {
        assert_eq!(misplaced(stage, name).is_some(), wrong, "{stage} imports {name}");
    }
}
