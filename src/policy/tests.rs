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
