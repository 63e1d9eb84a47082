//! The binary as a user runs it. A case is a file of `tests/cli/`: arguments, files, and what comes out; what a file cannot say
//! (pipes, signals, many messages) is a test below.

#[path = "cli/run.rs"]
mod run;
#[path = "cli/schema.rs"]
mod schema;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command},
};

use run::{Temp, presend, ran, run};
use serde::Deserialize;
use serde_json::Value;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");

/// A message that would be rejected for the number of an identity card.
const GUILTY: &str = "From: a@example.com\nTo: b@example.org\nSubject: hello\n\
    Content-Type: text/plain; charset=utf-8\n\n身份证号：110101199003071233\n";

/// presend as it starts, with pipes to and from it.
fn spawn(folder: &Temp, args: &[&str]) -> Child {
    presend(folder).args(args).spawn().expect("presend starts")
}

/// One run of presend and what it must come to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// `{corpus}` stands for the folder of the corpus.
    args: Vec<String>,
    /// Standard input; closed where there is none.
    stdin: Option<String>,
    /// Files of the folder that it runs in; a name that ends in `/` is a folder.
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    exit: i32,
    /// Texts that standard output must hold.
    #[serde(default)]
    stdout: Vec<String>,
    #[serde(default)]
    stdout_not: Vec<String>,
    stdout_lines: Option<usize>,
    #[serde(default)]
    stderr: Vec<String>,
    #[serde(default)]
    stderr_not: Vec<String>,
}

impl Case {
    fn problems(&self) -> Vec<String> {
        let folder = Temp::new();
        for (name, content) in &self.files {
            folder.write(name, content);
        }
        let args: Vec<String> = self.args.iter().map(|arg| arg.replace("{corpus}", CORPUS)).collect();
        let mut command = presend(&folder);
        command.args(&args).envs(&self.env);
        let ran = run(command, self.stdin.as_deref().unwrap_or_default().as_bytes());
        let mut problems = Vec::new();
        if ran.exit != Some(self.exit) {
            problems.push(format!("exit code {:?}, expected {}", ran.exit, self.exit));
        }
        for (name, text, wanted, unwanted) in [
            ("stdout", &ran.stdout, &self.stdout, &self.stdout_not),
            ("stderr", &ran.stderr, &self.stderr, &self.stderr_not),
        ] {
            let missing = wanted.iter().filter(|part| !text.contains(*part));
            problems.extend(missing.map(|part| format!("{name} lacks {part:?}")));
            let surplus = unwanted.iter().filter(|part| text.contains(*part));
            problems.extend(surplus.map(|part| format!("{name} holds {part:?}")));
        }
        let lines = ran.stdout.lines().count();
        if self.stdout_lines.is_some_and(|wanted| wanted != lines) {
            problems.push(format!("{lines} lines on stdout, expected {:?}", self.stdout_lines));
        }
        if !problems.is_empty() {
            let shown = |text: &str| text.chars().take(1500).collect::<String>();
            problems.push(format!("  $ presend {}", args.join(" ")));
            problems.push(format!("  stdout: {}", shown(&ran.stdout)));
            problems.push(format!("  stderr: {}", shown(&ran.stderr)));
        }
        problems
    }
}

#[test]
fn every_case_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("tests/cli/ is there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no case in tests/cli/");
    let mut failures = Vec::new();
    for path in &paths {
        let text = fs::read_to_string(path).expect("a case is UTF-8");
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let problems = match toml::from_str::<Case>(&text) {
            Ok(case) => case.problems(),
            Err(error) => vec![error.to_string()],
        };
        if !problems.is_empty() {
            failures.push(format!("{name}: {}", problems.join("\n  ")));
        }
    }
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), paths.len(), failures.join("\n"));
}

#[test]
fn a_scan_says_the_same_in_path_order_on_any_number_of_threads() {
    let folder = Temp::new();
    let scan = |threads: &str| {
        let ran = ran(&folder, &["scan", "--format", "jsonl", "-j", threads, CORPUS]);
        assert_eq!(ran.exit, Some(1), "{}", ran.stderr);
        ran.stdout
    };
    let one = scan("1");
    for threads in ["2", "5"] {
        assert!(scan(threads) == one, "-j {threads} says something else than -j 1");
    }
    let paths: Vec<PathBuf> = verdicts(&one).iter().map(|verdict| path_of(verdict).into()).collect();
    let mut messages = messages_of_corpus();
    messages.sort();
    assert_eq!(paths, messages);
}

/// A change that makes a verdict wrong.
type Spoil = fn(&mut Value);

#[test]
fn verdicts_are_as_their_schema_says() {
    let folder = Temp::new();
    let schema = json(&ran(&folder, &["policy", "schema", "verdict"]).stdout);
    let scanned = ran(&folder, &["scan", "--format", "jsonl", "--show-matches", CORPUS]).stdout;
    let verdicts = verdicts(&scanned);
    assert!(verdicts.len() >= 60, "only {} verdicts", verdicts.len());
    for verdict in &verdicts {
        assert_eq!(schema::problems(verdict, &schema), [""; 0], "{}", path_of(verdict));
    }
    let guilty = verdicts.iter().find(|verdict| verdict["findings"][0]["match"].is_string());
    let guilty = guilty.expect("a finding of the corpus shows its value");
    let spoiled: [(&str, Spoil); 9] = [
        ("a missing field", |verdict| drop(verdict.as_object_mut().expect("an object").remove("decision"))),
        ("an unknown field", |verdict| verdict["surplus"] = true.into()),
        ("an unknown field of a finding", |verdict| verdict["findings"][0]["surplus"] = true.into()),
        ("a number for a text", |verdict| verdict["path"] = 1.into()),
        ("an unknown decision", |verdict| verdict["decision"] = "maybe".into()),
        ("a probability over 1", |verdict| verdict["probability"] = 1.5.into()),
        ("an unknown category", |verdict| verdict["reasons"][0]["category"] = "other".into()),
        ("a span of three", |verdict| verdict["findings"][0]["span"] = vec![1, 2, 3].into()),
        ("a fraction of a line", |verdict| verdict["findings"][0]["line"] = 1.5.into()),
    ];
    for (what, spoil) in spoiled {
        let mut verdict = guilty.clone();
        spoil(&mut verdict);
        assert_eq!(schema::problems(&verdict, &schema).len(), 1, "{what} is one mistake");
    }
}

#[test]
fn policies_and_packs_are_as_their_schemas_say() {
    let folder = Temp::new();
    let read =
        |text: &str| serde_json::to_value(toml::from_str::<toml::Value>(text).expect("TOML")).expect("JSON");
    let policy = json(&ran(&folder, &["policy", "schema", "policy"]).stdout);
    let starter = ran(&folder, &["policy", "init"]).stdout;
    assert_eq!(schema::problems(&read(&starter), &policy), [""; 0]);
    assert_ne!(schema::problems(&read("surplus = 1"), &policy), [""; 0]);
    let schema = json(&ran(&folder, &["policy", "schema", "pack"]).stdout);
    let packs = presend::policy::shipped();
    assert!(!packs.is_empty());
    for pack in packs {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&pack.document.name);
        let text = fs::read_to_string(path).expect("a shipped pack is a file");
        assert_eq!(schema::problems(&read(&text), &schema), [""; 0], "{}", pack.document.name);
    }
}

#[test]
fn the_policy_to_start_from_is_a_policy() {
    let folder = Temp::new();
    folder.write("presend.toml", &ran(&folder, &["policy", "init"]).stdout);
    folder.write("draft.eml", &format!("{GUILTY}Project Falcon\n"));
    let tested = ran(&folder, &["policy", "test", "presend.toml"]);
    assert_eq!(tested.exit, Some(0), "{}", tested.stderr);
    let checked = ran(&folder, &["check", "--policy", "presend.toml", "--format", "json", "draft.eml"]);
    assert!(checked.stdout.contains("confidential.keywords-1"), "{}{}", checked.stdout, checked.stderr);
}

#[test]
fn a_waiver_takes_its_finding_out_and_no_other() {
    let folder = Temp::new();
    folder.write("draft.eml", GUILTY);
    folder.write("other.eml", &GUILTY.replace("110101199003071233", "11010119900307123X"));
    let guilty = json(&ran(&folder, &["check", "--format", "json", "draft.eml"]).stdout);
    let fingerprint =
        guilty["findings"][0]["fingerprint"].as_str().expect("a value has a fingerprint").to_owned();
    let waiver = format!(
        "[[waiver]]\nfingerprint = \"{fingerprint}\"\nreason = \"published\"\nowner = \"legal@example.com\"\n\
         expires = 9999-12-31\n"
    );
    assert!(!waiver.contains("110101"), "a waiver holds no personal data");
    folder.write("presend.toml", &waiver);
    folder.write(
        "edited.eml",
        &GUILTY.replace("hello", "hello again").replace("身份证号", "再说一次，身份证号"),
    );
    for message in ["draft.eml", "edited.eml"] {
        let waived = ran(&folder, &["check", "--policy", "presend.toml", "--format", "json", message]);
        assert_eq!(waived.exit, Some(0), "{}", waived.stderr);
        let verdict = json(&waived.stdout);
        assert_eq!(verdict["decision"], "pass");
        assert_eq!(verdict["ignored"][0]["reason"], "waived");
        assert_eq!(verdict["ignored"][0]["detail"], "published");
    }
    folder.write("presend.toml", &waiver.replace("9999", "2001"));
    let expired = ran(&folder, &["check", "--policy", "presend.toml", "--format", "json", "draft.eml"]);
    assert_eq!(expired.exit, Some(1), "an expired waiver waives nothing");
    assert!(
        expired.stderr.contains(&fingerprint) && expired.stderr.contains("expired on 2001-12-31"),
        "{}",
        expired.stderr
    );
}

#[test]
fn any_bytes_get_a_verdict() {
    let folder = Temp::new();
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = move || {
        // xorshift: the same in every run
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    let mut names = Vec::new();
    for length in [1, 2, 3, 10, 100, 1000, 10_000, 100_000, 1_000_000] {
        for kind in 0..3 {
            let name = format!("{length}-{kind}.eml");
            let mut bytes: Vec<u8> = (0..length).map(|_| random()).collect();
            match kind {
                0 => {}
                // Only digits, line ends and the characters of structure.
                1 => bytes
                    .iter_mut()
                    .for_each(|byte| *byte = b"0123456789:;=<>-\r\n \t@.\"&"[usize::from(*byte) % 24]),
                _ => bytes.splice(0..0, *b"Content-Type: text/html; charset=gb18030\n\n").for_each(drop),
            }
            // A file of nothing but blanks is empty, which is not a message.
            bytes.push(b'x');
            fs::write(folder.path(&name), bytes).expect("a file can be written");
            names.push(name);
        }
    }
    all_get_verdicts(&folder, &names);
    for name in ["1-0.eml", "10-1.eml", "1000-2.eml", "100000-0.eml"] {
        let checked = ran(&folder, &["check", "--format", "json", name]);
        assert!(matches!(checked.exit, Some(0 | 1)), "{name}: exit {:?}: {}", checked.exit, checked.stderr);
        assert!(json(&checked.stdout)["decision"].is_string());
    }
}

#[test]
fn cut_messages_get_verdicts() {
    let folder = Temp::new();
    let mut names = Vec::new();
    for (number, path) in messages_of_corpus().iter().enumerate() {
        let whole = fs::read(path).expect("readable");
        let lengths =
            [1, 7, 100, whole.len() / 4, whole.len() / 3, whole.len() / 2, whole.len() - 10, whole.len() - 1];
        for (cut, length) in lengths.iter().enumerate() {
            let name = format!("{number}-{cut}.eml");
            fs::write(folder.path(&name), &whole[..(*length).min(whole.len())])
                .expect("a file can be written");
            names.push(name);
        }
    }
    all_get_verdicts(&folder, &names);
}

/// Each of the named files of `folder`, and nothing else, gets a verdict in a scan that is valid and complains about nothing.
fn all_get_verdicts(folder: &Temp, names: &[String]) {
    let schema = json(&ran(folder, &["policy", "schema", "verdict"]).stdout);
    let scanned = ran(folder, &["scan", "--format", "jsonl", "--output", "verdicts.jsonl", "."]);
    assert!(matches!(scanned.exit, Some(0 | 1)), "exit {:?}: {}", scanned.exit, scanned.stderr);
    assert!(!scanned.stderr.contains("internal error"), "{}", scanned.stderr);
    let written = fs::read_to_string(folder.path("verdicts.jsonl")).expect("the verdicts are written");
    let verdicts = verdicts(&written);
    let mut paths: Vec<&str> =
        verdicts.iter().map(|verdict| path_of(verdict).trim_start_matches("./")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    paths.sort_unstable();
    names.sort_unstable();
    assert!(!names.is_empty() && paths == names, "{} verdicts of {} files", paths.len(), names.len());
    for verdict in &verdicts {
        assert_eq!(schema::problems(verdict, &schema), [""; 0], "{}", path_of(verdict));
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let folder = Temp::new();
    folder.write("many.mbox", &mailbox(3000));
    let cases: [(&[&str], usize); 6] = [
        // Arguments, and lines that are read before the reader leaves.
        (&["scan", "--format", "jsonl", "many.mbox"], 1),
        (&["scan", "--format", "text", "many.mbox"], 1),
        (&["scan", "--format", "jsonl", "-"], 0),
        (&["check", "--format", "json", "-"], 0),
        (&["policy", "list"], 0),
        (&["policy", "schema"], 1),
    ];
    for (args, lines) in cases {
        let mut child = spawn(&folder, args);
        let mut out = BufReader::with_capacity(16, child.stdout.take().expect("a pipe"));
        for _ in 0..lines {
            let mut line = String::new();
            out.read_line(&mut line).expect("a line");
            assert!(line.ends_with('\n'), "{args:?}: {line:?}");
        }
        drop(out);
        let mut stdin = child.stdin.take().expect("a pipe");
        // What does not read standard input may have ended.
        let _ = stdin.write_all(GUILTY.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("presend ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        assert!(output.status.code().is_some_and(|code| code <= 2), "{args:?}: {:?}", output.status);
    }
}

#[test]
fn an_interrupted_scan_ends_behind_a_whole_line() {
    let folder = Temp::new();
    folder.write("many.mbox", &mailbox(4000));
    for signal in ["INT", "TERM"] {
        let mut child = spawn(&folder, &["scan", "--format", "jsonl", "many.mbox"]);
        let mut out = BufReader::with_capacity(16, child.stdout.take().expect("a pipe"));
        let mut text = String::new();
        out.read_line(&mut text).expect("a line");
        // The pipe holds 64 kB of several megabytes, so presend waits for this reader: it is in the midst of its work.
        let kill = format!("kill -{signal} {}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
        out.read_to_string(&mut text).expect("UTF-8");
        let output = child.wait_with_output().expect("presend ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        let count = verdicts(&text).len();
        assert!(text.ends_with('\n') && (1..4000).contains(&count), "{signal}: {count} lines");
        assert_eq!(output.status.code(), Some(2), "{signal}: {stderr}");
        assert!(
            stderr.contains(&format!("stopped; {count} of 4000 messages were judged")),
            "{signal}: {stderr}"
        );
    }
}

/// An mbox of messages that are each reported at length.
fn mailbox(messages: usize) -> String {
    let body = "手机 13800138000，身份证号：110101199003071233\n".repeat(3);
    (0..messages)
        .map(|number| format!("From a@example.com Sat Jan  3 01:05:34 2026\n{GUILTY}{body}{number}\n\n"))
        .collect()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The verdicts of a scan, one a line.
fn verdicts(lines: &str) -> Vec<Value> {
    lines.lines().map(json).collect()
}

fn path_of(verdict: &Value) -> &str {
    verdict["path"].as_str().expect("a verdict has a path")
}

fn messages_of_corpus() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in fs::read_dir(CORPUS).expect("corpus/ is there") {
        let folder = folder.expect("readable").path();
        for entry in folder.read_dir().into_iter().flatten() {
            let path = entry.expect("readable").path();
            if path.extension().is_some_and(|ending| ending == "eml") {
                found.push(path);
            }
        }
    }
    assert!(found.len() >= 60, "only {} messages in corpus/", found.len());
    found
}
