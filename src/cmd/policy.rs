//! `presend policy`: what the rules are, what each means, whether they do what they say.

use std::{fmt::Write as _, fs, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::{LanguageChoice, Outcome, complain, load_policy, print};
use crate::{
    detect::entity::ENTITIES,
    error::Error,
    policy::{self, Document, Evidence, Kind, Language, Organisation, PackContent, PackFile, Policy, Rule},
    report::{json, text::say},
    samples,
};

/// List, explain and test the rules
#[derive(Args)]
pub(super) struct PolicyCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List every rule
    List {
        /// Policy of the organisation
        #[arg(long, value_name = "FILE", env = "PRESEND_POLICY")]
        policy: Option<PathBuf>,
        /// Language of the texts
        #[arg(long, value_enum, default_value_t = LanguageChoice::Auto)]
        lang: LanguageChoice,
    },
    /// Explain a rule: what it finds, why it matters, its evidence, samples and fix
    Show {
        /// Its id, as a report shows it
        rule: String,
        /// Policy of the organisation
        #[arg(long, value_name = "FILE", env = "PRESEND_POLICY")]
        policy: Option<PathBuf>,
        /// Language of the texts
        #[arg(long, value_enum, default_value_t = LanguageChoice::Auto)]
        lang: LanguageChoice,
    },
    /// Run the samples of packs: the shipped ones, or those given
    Test {
        /// Packs of your own, or a policy (presend.toml) to be checked
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print a commented policy to start from
    Init,
    /// Print the JSON Schema of verdicts, policies or packs
    Schema {
        /// Of what
        #[arg(value_enum, default_value_t = Schema::Verdict)]
        of: Schema,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Schema {
    Verdict,
    Policy,
    Pack,
}

impl PolicyCommand {
    pub(super) fn run(self) -> Result<Outcome, Error> {
        match self.command {
            Command::List { policy, lang } => {
                print(&list(&load_policy(policy.as_deref())?, lang.resolve()))?;
                Ok(Outcome::Passes)
            }
            Command::Show { rule, policy, lang } => {
                let policy = load_policy(policy.as_deref())?;
                let Some(found) = policy.rule(&rule) else {
                    let near = policy.nearest(&rule).map_or_else(
                        || "`presend policy list` lists every rule".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    );
                    return Err(Error::Usage(format!("no rule is called `{rule}`; {near}")));
                };
                print(&show(found, &policy, lang.resolve()))?;
                Ok(Outcome::Passes)
            }
            Command::Test { files } => test(&files),
            Command::Init => {
                print(include_str!("../../policies/starter.toml"))?;
                Ok(Outcome::Passes)
            }
            Command::Schema { of } => {
                let schema = match of {
                    Schema::Verdict => schemars::schema_for!(json::Document<'_>),
                    Schema::Policy => schemars::schema_for!(Organisation),
                    Schema::Pack => schemars::schema_for!(PackContent),
                };
                let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
                print(&(text + "\n"))?;
                Ok(Outcome::Passes)
            }
        }
    }
}

/// Rules by pack, with what they find.
fn list(policy: &Policy, language: Language) -> String {
    let mut out = String::new();
    let width = policy.rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut pack = "";
    for rule in &policy.rules {
        if rule.pack != pack {
            pack = &rule.pack;
            let title =
                policy::shipped().iter().find(|shipped| shipped.id() == pack).map(|s| s.title().clone());
            let title = title.map(|title| format!("  {}", title.get(language))).unwrap_or_default();
            let gap = if out.is_empty() { "" } else { "\n" };
            let _ = writeln!(out, "{gap}{pack}{title}");
        }
        let _ = writeln!(
            out,
            "  {:width$}  {:9}  {}",
            rule.id,
            kind_name(&rule.kind),
            rule.message.get(language)
        );
    }
    out
}

fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Lexicon { .. } => "lexicon",
        Kind::Weighted { .. } => "weighted",
        Kind::Marking(_) => "marking",
        Kind::Entity { .. } => "entity",
        Kind::Structure { .. } => "structure",
    }
}

/// A rule as a manual page.
fn show(rule: &Rule, policy: &Policy, language: Language) -> String {
    let mut page = Page { out: String::new(), language };
    page.section("name", &format!("{} - {}", rule.id, rule.message.get(language)));
    page.section("why", rule.why.get(language));
    let promotion = if rule.needs_promotion { page.say("needs-promotion", &[]) } else { String::new() };
    let finds = match &rule.kind {
        Kind::Lexicon { terms, strong, allow, exempt } => {
            let pairs: Vec<String> =
                rule.replacements.iter().map(|(term, instead)| format!("{term} → {instead}")).collect();
            let listed = [
                ("terms", terms),
                ("strong", strong),
                ("allow", allow),
                ("exempt", exempt),
                ("replacements", &pairs),
            ];
            listed.map(|(name, list)| page.words(name, list)).concat() + &promotion
        }
        Kind::Weighted { terms } => {
            let mut terms = terms.clone();
            terms.sort_by(|a, b| b.weight.total_cmp(&a.weight));
            let list: Vec<String> =
                terms.iter().map(|term| format!("{} {:+}", term.term, term.weight)).collect();
            page.words("weighted", &list)
        }
        Kind::Marking(marking) => {
            let listed = [
                ("markings", &marking.terms),
                ("open", &marking.open),
                ("weak", &marking.weak),
                ("labels", &marking.labels),
                ("fields", &marking.fields),
                ("released", &marking.released),
                ("topics", &marking.topics),
                ("allow", &marking.allow),
            ];
            page.say("marking-form", &[]) + &listed.map(|(name, list)| page.words(name, list)).concat()
        }
        Kind::Entity { entity, .. } => ENTITIES
            .iter()
            .find(|known| known.name == entity)
            .map_or(String::new(), |known| known.about.to_owned()),
        Kind::Structure { values, .. } => page.words("values", values) + &promotion,
    };
    page.section("finds", &finds);
    page.section("evidence", &evidence(rule, &policy.scoring.evidence, &page));
    let (weight, cap) = (format!("{:+}", rule.weight), format!("{:+}", rule.cap));
    let action = format!("{:?}", rule.action).to_lowercase();
    let weight = page.say("log-odds", &[("weight", &weight), ("cap", &cap), ("action", &action)]);
    page.section("weight", &weight);
    page.section("fix", rule.fix.get(language));
    let samples =
        |list: &[String]| list.iter().map(|sample| sample.replace('\n', "\n    ") + "\n").collect::<String>();
    page.section("match", &samples(&rule.matches));
    page.section("no-match", &samples(&rule.no_matches));
    page.section("pack", &rule.pack);
    page.out
}

/// How the evidence for a value adds up; nothing for rules of other kinds.
fn evidence(rule: &Rule, e: &Evidence, page: &Page) -> String {
    let Kind::Entity { keywords, hints, negative, counts, needs_context, public, .. } = &rule.kind else {
        return String::new();
    };
    let sums = [
        ("near", e.near),
        ("header", e.header),
        ("far", e.far),
        ("hint", e.hint),
        ("negative", e.negative),
        ("other", e.other),
        ("list", e.list),
    ];
    let marks =
        [("low", e.low_at), ("medium", e.medium_at), ("high", e.high_at), ("disguised", e.disguised_at)];
    let size = [("size", e.list_size.to_string())];
    let numbers = sums.map(|(name, number)| (name, format!("{number:+}")));
    let marks = marks.map(|(name, number)| (name, number.to_string()));
    let all: Vec<(&str, &str)> =
        numbers.iter().chain(&marks).chain(&size).map(|(name, number)| (*name, number.as_str())).collect();
    let mut text = page.say("sum", &all);
    if *needs_context {
        text += &page.say("needs-context", &[]);
    }
    if *public {
        text += &page.say("public", &[]);
    }
    if !counts.is_empty() {
        let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
        text += &page.say("counts", &[("counts", &counts.join(", "))]);
    }
    text += &page.words("keywords", keywords);
    text += &page.words("hints", hints);
    text + &page.words("negative", negative)
}

/// A manual page being written. Its words are in `[page]` of policies/messages.toml.
struct Page {
    out: String,
    language: Language,
}

impl Page {
    /// A line of the page.
    fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        say(self.language, "page", key, values) + "\n"
    }

    /// A list of words, with its length.
    fn words(&self, name: &str, list: &[String]) -> String {
        if list.is_empty() {
            return String::new();
        }
        let name = say(self.language, "page", name, &[]);
        let (count, words) = (list.len().to_string(), list.join(", "));
        self.say("list", &[("name", &name), ("count", &count), ("words", &words)])
    }

    fn section(&mut self, heading: &str, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let gap = if self.out.is_empty() { "" } else { "\n" };
        let _ = write!(self.out, "{gap}{}", self.say(heading, &[]));
        for line in text.trim_end().lines() {
            for piece in crate::report::text::wrap(line.trim(), super::width().saturating_sub(4)) {
                let _ = writeln!(self.out, "    {piece}");
            }
        }
    }
}

/// Runs samples, and says which fail.
fn test(files: &[PathBuf]) -> Result<Outcome, Error> {
    let mut packs = Vec::new();
    let mut policies = 0;
    for file in files {
        let text = fs::read_to_string(file).map_err(|error| Error::io(file, error))?;
        let document = Document::new(&file.display().to_string(), &text);
        if text.lines().any(|line| line.trim() == "[pack]") {
            packs.push(PackFile::parse(document)?);
        } else {
            let policy = load_policy(Some(file))?;
            for warning in &policy.warnings {
                complain(warning);
            }
            crate::Filter::new(policy, crate::verdict::Detail::Excerpts)?;
            policies += 1;
        }
    }
    if files.is_empty() {
        packs = policy::shipped();
    }
    let mut out = String::new();
    let (mut samples, mut failed) = (0, 0);
    for pack in &packs {
        for outcome in samples::run(pack)? {
            samples += 1;
            if let Some(problem) = outcome.problem {
                failed += 1;
                let _ = writeln!(
                    out,
                    "{}: {}: {problem}: {}",
                    pack.document.name,
                    outcome.rule,
                    outcome.sample.replace('\n', "⏎")
                );
            }
        }
    }
    let _ = writeln!(
        out,
        "{} packs, {samples} samples, {failed} failed; {policies} policies checked",
        packs.len()
    );
    print(&out)?;
    Ok(if failed > 0 { Outcome::Failed } else { Outcome::Passes })
}
