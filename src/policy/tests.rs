use std::path::Path;

use super::*;

/// Loads a policy from text on a fixed day.
fn load(text: &str) -> Result<Policy, String> {
    let read = |path: &Path| Err(Error::Usage(format!("{} is not there", path.display())));
    let context = Context { read: &read, today: "2026-11-23" };
    Policy::load(Path::new("presend.toml"), text, &context).map_err(|error| error.to_string())
}

#[test]
fn shipped_packs_load_and_have_rules_of_every_kind() {
    let policy = Policy::shipped();
    assert!(policy.rules.len() >= 30);
    for kind in ["lexicon", "marking", "entity", "structure"] {
        let is_kind = |rule: &Arc<Rule>| format!("{:?}", rule.kind).to_lowercase().starts_with(kind);
        assert!(policy.rules.iter().any(is_kind), "{kind}");
    }
}

#[test]
fn mistakes_name_their_place_and_the_way_out() {
    for (text, place, words) in [
        ("extend = [\"default\"]", "presend.toml:1:1", "unknown field `extend`"),
        ("extends = [\"defualt\"]", "presend.toml:1:12", "did you mean `default`?"),
        ("[rules.\"pii.cn-mobil\"]\naction = \"off\"", "presend.toml:1:8", "did you mean `pii.cn-mobile`?"),
        ("[rules.\"pii.cn-mobile\"]\naction = \"of\"", "presend.toml:2:10", "use one of the listed values"),
        ("[thresholds]\nreview = 0.7\nreject = 0.6", "presend.toml:1:1", "0 < review <= reject <= 1"),
        ("a = [1,\n", "presend.toml:", "correct the TOML"),
        ("[[keywords]]\nterms = [\" \"]\ncategory = \"pii\"", "presend.toml:1:1", "empty term"),
        ("packs = [\"own.toml\"]", "presend.toml:1:10", "own.toml is not there"),
        ("[not_inspected]\nimages = \"note\"", "presend.toml:2:1", "use one of"),
        (
            "[[waiver]]\nfingerprint = \"12\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2027-01-01",
            "presend.toml:1:1",
            "no fingerprint",
        ),
        ("extends = []", "presend.toml:1:11", "no rule is in effect"),
        (
            "[[senders]]\nfrom = [\"x\"]\nrules = [\"pii\"]",
            "presend.toml:2:9",
            "neither an address nor a domain",
        ),
        (
            "[[senders]]\nfrom = [\"a@example.com\"]\nrules = [\"pii.ibam\"]",
            "presend.toml:3:10",
            "did you mean `pii.iban`?",
        ),
        ("[gateway]\nlisten = [\"tcp:25\"]", "presend.toml:2:11", "write unix:/run"),
        ("[gateway]\nlisten = [\"inet:::1:25\"]", "presend.toml:2:11", "inet6:[::1]:8891"),
        ("[gateway]\nadmin = \"inet:127.0.0.1:99999\"", "presend.toml:2:9", "no place to listen at"),
        ("[gateway]\nsocket_mode = \"999\"", "presend.toml:2:15", "\"0660\""),
        ("[gateway]\nhelp_url = \"帮助\"", "presend.toml:2:12", "web address in ASCII"),
        ("[gateway]\nhelp = \"x\"", "presend.toml:2:1", "unknown field `help`"),
        ("[gateway]\nexempt_senders = [\"*@example.com\"]", "presend.toml:2:19", "name@example.com"),
        ("[gateway.actions]\nreject = \"discard\"", "presend.toml:2:10", "use one of the listed values"),
        ("[gateway.failures]\ndeadline = \"pass\"", "presend.toml:2:12", "use one of the listed values"),
        ("[gateway.limits]\nmessages = 0", "presend.toml:2:12", "from 1 to 100000"),
        ("[gateway.limits]\nmemory_mb = 8", "presend.toml:2:13", "raise `memory_mb`"),
        ("[[gateway.recipients]]\nto = []", "presend.toml:1:1", "empty `to`"),
        ("[gateway.log]\nshow = [\"body\"]", "presend.toml:2:9", "use one of the listed values"),
    ] {
        let error = load(text).expect_err(text);
        assert!(error.starts_with(place) && error.contains(words), "{text:?} gives {error:?}");
    }
}

#[test]
fn an_organisation_changes_and_adds() {
    let policy = load(
        "internal_domains = [\"Example.COM\"]\n[[keywords]]\nterms = [\"Falcon\"]\ncategory = \"confidential\"\naction = \"reject\"\n\
         [thresholds]\nreview = 0.2\n[rules.\"pii.cn-mobile\"]\naction = \"off\"\n[rules.\"pii.iban\"]\nweight = 9.0\n",
    )
    .expect("it loads");
    assert_eq!(policy.internal_domains, ["example.com"]);
    assert_eq!((policy.review_at, policy.reject_at), (0.2, 0.6));
    assert!(policy.rule("pii.cn-mobile").is_none());
    assert_eq!(policy.rule("pii.iban").map(|rule| (rule.weight, rule.cap)), Some((9.0, 9.0)));
    assert_eq!(policy.rule("confidential.keywords-1").map(|rule| rule.action), Some(Action::Reject));
}

#[test]
fn the_gateway_is_set_and_the_rest_is_usual() {
    use gateway::{Answer, Endpoint, Mode};

    let usual = load("").expect("it loads").gateway;
    assert_eq!((usual.actions.review, usual.actions.reject), (Answer::Hold, Answer::Reject));
    assert_eq!((usual.failures.error, usual.failures.deadline), (Answer::Tempfail, Answer::Tempfail));
    let gateway = load(
        "[gateway]\nlisten = [\"inet6:8891@::1\", \"local:/run/x\", \"systemd\"]\nsocket_mode = \"0666\"\n\
         [gateway.actions]\nreview = \"accept\"\n[gateway.limits]\ndeadline_seconds = 7\nmessage_mb = 10\n\
         [[gateway.recipients]]\nto = [\"Partner.Example.org\"]\nmode = \"dry-run\"\nreject = \"hold\"\n",
    )
    .expect("it loads")
    .gateway;
    assert_eq!(
        gateway.listen,
        [Endpoint::Tcp("::1".into(), 8891), Endpoint::Unix("/run/x".into()), Endpoint::Systemd]
    );
    assert_eq!((gateway.socket_mode, gateway.limits.deadline.as_secs()), (Some(0o666), 7));
    assert_eq!(gateway.limits.message, 10 << 20);
    let destination = &gateway.recipients[0];
    assert_eq!((destination.mode, destination.actions.review), (Mode::DryRun, Answer::Accept));
    assert_eq!(destination.actions.reject, Answer::Hold);
    for (address, fits) in [
        ("a@partner.example.org", true),
        ("a@x.partner.example.org", true),
        ("a@xpartner.example.org", false),
        ("partner.example.org", false),
        ("a@example.org", false),
    ] {
        assert_eq!(destination.to[0].matches(address), fits, "{address}");
    }
}

#[test]
fn what_the_starter_shows_of_the_gateway_is_valid_and_usual() {
    let starter = include_str!("../../policies/starter.toml");
    let (_, shown) = starter.split_once("# What some senders").expect("its place");
    let is_setting = |line: &&str| {
        let key = line.split(" = ").next().unwrap_or_default();
        line.starts_with('[')
            || (line.contains(" = ") && key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    };
    let lines: Vec<&str> =
        shown.lines().filter_map(|line| line.strip_prefix("# ")).filter(is_setting).collect();
    assert!(lines.len() > 30, "{lines:?}");
    let policy = load(&lines.join("\n")).expect("it loads");
    let usual = load("").expect("it loads");
    assert_eq!(policy.senders.len(), 1);
    let limits = |policy: &Policy| gateway::Bounds { threads: 0, ..policy.gateway.limits.clone() };
    assert_eq!(format!("{:?}", limits(&policy)), format!("{:?}", limits(&usual)));
    assert_eq!(policy.gateway.actions, usual.gateway.actions);
}

#[test]
fn waivers_expire() {
    let waiver = |day: &str| {
        format!(
            "[[waiver]]\nfingerprint = \"0123456789abcdef01234567\"\nreason = \"hotline\"\nowner = \"legal\"\nexpires = {day}\n"
        )
    };
    let good = load(&waiver("2026-11-23")).expect("it loads");
    assert_eq!((good.waivers.len(), good.warnings.len()), (1, 0));
    let late = load(&waiver("2026-11-22")).expect("it loads");
    assert_eq!((late.waivers.len(), late.warnings.len()), (0, 1));
    assert!(late.warnings[0].contains("expired on 2026-11-22"), "{}", late.warnings[0]);
}

#[test]
fn fingerprints_depend_on_rule_value_and_key() {
    let plain = Policy::shipped();
    let keyed = load("fingerprint_key = \"ours\"").expect("it loads");
    let one = plain.fingerprint("pii.iban", "X");
    assert_eq!(one, plain.fingerprint("pii.iban", "X"));
    for other in [
        plain.fingerprint("pii.iban", "Y"),
        plain.fingerprint("pii.us-ssn", "X"),
        keyed.fingerprint("pii.iban", "X"),
    ] {
        assert_ne!(one, other);
    }
}

#[test]
fn placeholders_are_filled_once() {
    assert_eq!(fill("a {x} b {y}", &[("x", "{y}"), ("y", "2")]), "a {y} b 2");
}
