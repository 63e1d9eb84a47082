//! The sources of the crate as text, without comments, the insides of literals, and what only tests compile: where which identifiers
//! stand, and what is imported from the root of the crate.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file of the crate.
pub(crate) struct Source {
    /// From the root of the crate.
    pub(crate) path: PathBuf,
    /// `zone` for `src/zone.rs` and all of `src/zone/`.
    pub(crate) stage: String,
    /// How many modules it lies below the crate's root.
    depth: usize,
    /// Its text; what is not code, and what only tests compile, is blank.
    pub(crate) code: String,
}

/// An import from the root of the crate.
#[derive(Debug, PartialEq)]
pub(crate) struct Import {
    pub(crate) line: usize,
    /// The stage, or what else the root of the crate defines.
    pub(crate) name: String,
}

/// An identifier.
pub(crate) struct Word<'s> {
    pub(crate) text: &'s str,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The sources, but for the files that only tests compile.
pub(crate) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    assert!(paths.len() >= 10, "only {} files in src/", paths.len());
    let mut sources = Vec::new();
    let mut test_files = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a source is UTF-8");
        let below = path.strip_prefix(&root).expect("a file of src/");
        let (code, modules) = without_tests(&without_literals(&text));
        let folder = if is_root_of_folder(below) { path.with_file_name("") } else { path.with_extension("") };
        test_files.extend(modules.iter().map(|name| folder.join(format!("{name}.rs"))));
        sources.push((path.clone(), Source::new(&Path::new("src").join(below), code)));
    }
    sources.retain(|(path, _)| !test_files.contains(path));
    sources.into_iter().map(|(_, source)| source).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            paths.push(path);
        }
    }
}

/// Whether the modules that a file declares lie beside it.
fn is_root_of_folder(below: &Path) -> bool {
    below.file_stem().is_some_and(|stem| stem == "mod" || stem == "lib" || stem == "main")
}

impl Source {
    /// The file at `path`, which starts with `src/`.
    fn new(path: &Path, code: String) -> Source {
        let below = path.strip_prefix("src").expect("a path in src/");
        let modules: Vec<String> =
            below.with_extension("").iter().map(|name| name.to_string_lossy().into_owned()).collect();
        let depth = match modules.last().map(String::as_str) {
            Some("mod" | "lib" | "main") => modules.len() - 1,
            _ => modules.len(),
        };
        Source { path: path.to_owned(), stage: modules[0].clone(), depth, code }
    }

    /// The line of a byte, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        1 + self.code[..at].matches('\n').count()
    }

    /// Its identifiers.
    pub(crate) fn words(&self) -> Vec<Word<'_>> {
        words(&self.code)
    }

    /// What is named by `crate::`, by as many `super::` as lead to the root, or, in `main.rs`, by the name of the crate.
    pub(crate) fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        let mut climbed = 0;
        for word in self.words() {
            let Some(rest) = self.code[word.end..].trim_start().strip_prefix("::") else {
                climbed = 0;
                continue;
            };
            climbed = if word.text == "super" { climbed + 1 } else { 0 };
            let is_root = match word.text {
                "crate" => true,
                "super" => climbed == self.depth && !rest.trim_start().starts_with("super"),
                "presend" => self.stage == "main",
                _ => false,
            };
            if is_root {
                let at = self.code.len() - rest.len();
                imports.extend(
                    first_names(rest)
                        .into_iter()
                        .map(|(offset, name)| Import { line: self.line(at + offset), name }),
                );
            }
        }
        imports
    }
}

/// Identifiers of a text.
fn words(code: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in code.char_indices().chain([(code.len(), ' ')]) {
        let within = c.is_alphanumeric() || c == '_';
        match start {
            None if within => start = Some(at),
            Some(from) if !within => {
                words.push(Word { text: &code[from..at], start: from, end: at });
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// The first names of what follows `crate::`: one, or those of a group, with their offsets.
fn first_names(rest: &str) -> Vec<(usize, String)> {
    let skipped = rest.len() - rest.trim_start().len();
    if !rest[skipped..].starts_with('{') {
        return words(rest).into_iter().take(1).map(|word| (word.start, word.text.to_owned())).collect();
    }
    let mut names = Vec::new();
    let (mut depth, mut due) = (0, true);
    let mut words = words(rest).into_iter().peekable();
    for (at, c) in rest.char_indices() {
        let word = words.next_if(|word| word.start <= at);
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            ',' if depth == 1 => due = true,
            _ => {}
        }
        if let Some(word) = word
            && depth == 1
            && due
        {
            names.push((word.start, word.text.to_owned()));
            due = false;
        }
    }
    names
}

/// `text` with comments and the insides of literals as spaces, line by line as before.
fn without_literals(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mut length = literal(rest, out.chars().next_back());
        if length == 0 {
            length = c.len_utf8();
            out.push(c);
        } else {
            out.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        rest = &rest[length..];
    }
    out
}

/// Bytes of the comment or literal that `rest` starts with; 0 if it starts with neither.
fn literal(rest: &str, before: Option<char>) -> usize {
    let end_of =
        |from: usize, end: &str| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return end_of(2, "*/");
    }
    let is_name = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let raw = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r')).filter(|_| !is_name);
    if let Some(raw) = raw {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let open = rest.len() - raw.len() + hashes + 1;
            return end_of(open, &format!("\"{}", "#".repeat(hashes)));
        }
    }
    match rest.as_bytes()[0] {
        b'"' => quoted(rest, b'"'),
        // A quote that no quote follows within a character is a lifetime.
        b'\'' if rest[1..].starts_with('\\') => quoted(rest, b'\''),
        b'\'' if rest.chars().nth(2) == Some('\'') => {
            rest.char_indices().nth(3).map_or(rest.len(), |(at, _)| at)
        }
        _ => 0,
    }
}

/// Bytes of a literal with escapes.
fn quoted(rest: &str, quote: u8) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// `code` without the items behind `#[cfg(test)]`, and the modules among them that are files of their own.
fn without_tests(code: &str) -> (String, Vec<String>) {
    const MARK: &str = "#[cfg(test)]";
    let mut out = code.to_owned();
    let mut modules = Vec::new();
    while let Some(start) = out.find(MARK) {
        let item = start + MARK.len();
        let end = match out[item..].find(['{', ';']).map(|at| item + at) {
            Some(at) if out[at..].starts_with('{') => closing(&out, at),
            Some(at) => {
                let mut named = words(&out[item..at]).into_iter().skip_while(|word| word.text != "mod");
                modules.extend(named.nth(1).map(|word| word.text.to_owned()));
                at + 1
            }
            None => out.len(),
        };
        let blank: String = out[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        out.replace_range(start..end, &blank);
    }
    (out, modules)
}

/// One past the brace that closes the one at `open`.
fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, c) in code[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return open + at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// A path, a text, and the lines and names of its imports.
type Case = (&'static str, &'static str, &'static [(usize, &'static str)]);

#[test]
fn imports_are_read_from_code_alone() {
    let cases: [Case; 12] = [
        ("src/zone.rs", "use crate::span::Span;", &[(1, "span")]),
        (
            "src/zone.rs",
            "use crate::{\n    a::{b, c},\n    d,\n    e::f as g,\n};\nuse h::i;",
            &[(2, "a"), (3, "d"), (4, "e")],
        ),
        ("src/zone.rs", "fn f() -> crate::a::B { crate :: c::d() }", &[(1, "a"), (1, "c")]),
        ("src/zone.rs", "use super::{a, b};", &[(1, "a"), (1, "b")]),
        ("src/zone/mod.rs", "use super::a;\nuse self::b;", &[(1, "a")]),
        ("src/zone/x.rs", "use super::a;\nuse super::super::b;", &[(2, "b")]),
        ("src/main.rs", "fn main() { presend::cmd::main() }", &[(1, "cmd")]),
        ("src/zone.rs", "//! crate::a\n/* crate::b\n */ /// crate::c\nfn f() {}", &[]),
        (
            "src/zone.rs",
            "let a = \"crate::a \\\" crate::b\"; let b = r#\"\"crate::c\"#;\ncrate::d",
            &[(2, "d")],
        ),
        ("src/zone.rs", "fn f<'a>(c: &'a str) { let q = '\"'; let e = '\\''; crate::a } // \"", &[(1, "a")]),
        ("src/zone.rs", "#[cfg(test)]\nmod tests { use crate::a; fn f() {} }\nuse crate::b;", &[(3, "b")]),
        ("src/zone.rs", "#[cfg(test)]\nuse crate::a;\nmy_crate::b(); $crate::c();", &[(3, "c")]),
    ];
    for (path, text, want) in cases {
        let source = Source::new(Path::new(path), without_tests(&without_literals(text)).0);
        let got = source.imports();
        let got: Vec<(usize, &str)> = got.iter().map(|import| (import.line, import.name.as_str())).collect();
        assert_eq!(got, want, "{path}: {text}");
    }
    let (_, modules) =
        without_tests("#[cfg(test)]\nmod tests;\n#[cfg(test)]\npub(crate) mod samples;\nmod real;");
    assert_eq!(modules, ["tests", "samples"]);
}
