//! `presend policy`: what the rules are, what each means, whether they do what they say.

use std::{fmt::Write as _, fs, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::{LanguageChoice, Outcome, complain, load_policy, print};
use crate::{
    detect::entity::ENTITIES,
    error::Error,
    policy::{self, Document, Evidence, Kind, Language, Organisation, PackContent, PackFile, Policy, Rule},
    report::json,
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
        Kind::Marking { .. } => "marking",
        Kind::Entity { .. } => "entity",
        Kind::Structure { .. } => "structure",
    }
}

/// A rule as a manual page.
fn show(rule: &Rule, policy: &Policy, language: Language) -> String {
    let zh = language == Language::Chinese;
    let mut page = Page { out: String::new() };
    page.section(if zh { "名称" } else { "NAME" }, &format!("{} - {}", rule.id, rule.message.get(language)));
    page.section(if zh { "为何重要" } else { "WHY IT MATTERS" }, rule.why.get(language));
    let finds = match &rule.kind {
        Kind::Lexicon { terms, strong, allow } => {
            let mut text = words(if zh { "词语" } else { "terms" }, terms);
            text += &words(if zh { "双倍权重" } else { "worth twice" }, strong);
            text + &words(if zh { "不计入的短语" } else { "never counted inside" }, allow)
        }
        Kind::Weighted { terms } => {
            let mut terms = terms.clone();
            terms.sort_by(|a, b| b.weight.total_cmp(&a.weight));
            let list: Vec<String> =
                terms.iter().map(|term| format!("{} {:+}", term.term, term.weight)).collect();
            words(if zh { "词语与权重" } else { "terms and weights" }, &list)
        }
        Kind::Marking { terms, labels, allow } => {
            let form = if zh {
                "仅在标记的位置和形式下计入：主题首尾或括号内、独占一短行、标签之后（如“密级：”）、文件名中。正文叙述不计。\n"
            } else {
                "Counts only as a marking: at the edge of a subject or in brackets, alone on a short line, behind a label, in a file name. Prose never counts.\n"
            };
            let text = words(if zh { "标记词" } else { "markings" }, terms)
                + &words(if zh { "标签" } else { "labels" }, labels);
            form.to_owned() + &text + &words(if zh { "不计入的短语" } else { "never counted inside" }, allow)
        }
        Kind::Entity { entity, .. } => ENTITIES
            .iter()
            .find(|known| known.name == entity)
            .map_or(String::new(), |known| known.about.to_owned()),
        Kind::Structure { values, .. } => words(if zh { "取值" } else { "values" }, values),
    };
    if !finds.is_empty() {
        page.section(if zh { "识别内容" } else { "WHAT IT FINDS" }, &finds);
    }
    if let Kind::Entity { keywords, hints, negative, counts, needs_context, public, .. } = &rule.kind {
        let mut text = evidence(&policy.scoring.evidence, zh);
        if *needs_context {
            text += if zh {
                "没有关键词或提示词时不计为发现。\n"
            } else {
                "Without a keyword or hint nothing is found.\n"
            };
        }
        if *public {
            text += if zh {
                "属于公开信息：识别出来只为避免误判为其他号码，不计入判定。\n"
            } else {
                "Public: recognised so that it is not taken for something else; never counted.\n"
            };
        }
        if !counts.is_empty() {
            let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
            let _ = writeln!(
                text,
                "{}: {}",
                if zh { "低、中、高所需个数" } else { "distinct values for low, medium, high" },
                counts.join(", ")
            );
        }
        text += &words(if zh { "关键词" } else { "keywords" }, keywords);
        text += &words(if zh { "提示词" } else { "hints" }, hints);
        text += &words(if zh { "反面词" } else { "against it" }, negative);
        page.section(if zh { "证据" } else { "EVIDENCE" }, &text);
    }
    let weight = if zh {
        format!("对数几率 {:+}，最多 {:+}；动作 {:?}", rule.weight, rule.cap, rule.action)
    } else {
        format!("log-odds {:+}, at most {:+}; action {:?}", rule.weight, rule.cap, rule.action)
    };
    page.section(if zh { "权重" } else { "WEIGHT" }, &weight.to_lowercase());
    page.section(if zh { "处理办法" } else { "FIX" }, rule.fix.get(language));
    let samples =
        |list: &[String]| list.iter().map(|sample| sample.replace('\n', "\n    ") + "\n").collect::<String>();
    page.section(if zh { "命中示例" } else { "FINDS" }, &samples(&rule.matches));
    page.section(if zh { "不命中示例" } else { "DOES NOT FIND" }, &samples(&rule.no_matches));
    page.section(if zh { "规则包" } else { "PACK" }, &rule.pack);
    page.out
}

/// How evidence adds up.
fn evidence(e: &Evidence, zh: bool) -> String {
    if zh {
        format!(
            "证据以十进制位数相加：附近关键词 {:+}，表头或行首标签 {:+}，较远关键词 {:+}，提示词 {:+}，反面词 {:+}，紧邻其他类别的标签 {:+}，同类值不少于 {} 个 {:+}，无名称时同形式号码未通过校验者每十倍减 1；加上格式与校验位的证据，达到 {} 为低、{} 为中、{} 为高置信度。经过伪装的值须有附近关键词且不少于 {}。\n",
            e.near,
            e.header,
            e.far,
            e.hint,
            e.negative,
            e.other,
            e.list_size,
            e.list,
            e.low_at,
            e.medium_at,
            e.high_at,
            e.disguised_at
        )
    } else {
        format!(
            "Evidence adds up in decimal digits of odds: keyword near by {:+}, table heading or label cell {:+}, keyword further off {:+}, hint {:+}, word against it {:+}, label of another kind directly before it {:+}, list of {} or more {:+}, and without a name as many tens as others of the form fail the check are taken off; with what format and checksum are worth, {} makes low, {} medium, {} high confidence. A disguised value needs a keyword near by and {}.\n",
            e.near,
            e.header,
            e.far,
            e.hint,
            e.negative,
            e.other,
            e.list_size,
            e.list,
            e.low_at,
            e.medium_at,
            e.high_at,
            e.disguised_at
        )
    }
}

/// A manual page being written.
struct Page {
    out: String,
}

impl Page {
    fn section(&mut self, heading: &str, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let gap = if self.out.is_empty() { "" } else { "\n" };
        let _ = writeln!(self.out, "{gap}{heading}");
        for line in text.trim_end().lines() {
            for piece in crate::report::text::wrap(line.trim(), super::width().saturating_sub(4)) {
                let _ = writeln!(self.out, "    {piece}");
            }
        }
    }
}

/// A list of words, with its length.
fn words(name: &str, list: &[String]) -> String {
    match list.len() {
        0 => String::new(),
        count => format!("{name} ({count}): {}\n", list.join(", ")),
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
