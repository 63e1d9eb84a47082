//! `presend doctor` and `presend check --online` as a user runs them, against a DNS server on loopback with the zones of `doctor/zones.txt`.

#[path = "cli/run.rs"]
mod run;
#[path = "cli/schema.rs"]
mod schema;
#[path = "doctor/server.rs"]
mod server;

use std::{net::SocketAddr, sync::LazyLock};

use run::{Ran, Temp, ran};
use serde_json::Value;

static SERVER: LazyLock<SocketAddr> = LazyLock::new(server::start);

fn doctor(args: &[&str]) -> Ran {
    let folder = Temp::new();
    let resolver = SERVER.to_string();
    ran(&folder, &[&["doctor", "--resolver", &resolver], args].concat())
}

fn examined(domain: &str, options: &[&str]) -> (Option<i32>, Value) {
    let ran = doctor(&[&[domain, "--format", "json", "--lang", "en"], options].concat());
    let value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{domain}: {error}: {}{}", ran.stdout, ran.stderr));
    (ran.exit, value)
}

/// Everything that is said of a domain: `id` of each finding, but those for information.
fn found(value: &Value) -> Vec<&str> {
    let checks = value["checks"].as_array().expect("checks");
    let findings = checks.iter().flat_map(|check| check["findings"].as_array().expect("findings"));
    findings.filter(|finding| finding["status"] != "ok").map(|finding| text(&finding["id"])).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn check<'v>(value: &'v Value, subject: &str) -> &'v Value {
    let checks = value["checks"].as_array().expect("checks");
    checks.iter().find(|check| check["check"] == subject).unwrap_or_else(|| panic!("no check of {subject}"))
}

fn published<'v>(value: &'v Value, subject: &str) -> Vec<&'v str> {
    let values = check(value, subject)["publish"]["values"].as_array();
    values.map(|values| values.iter().map(text).collect()).unwrap_or_default()
}

#[test]
fn every_edition_is_in_order() {
    for (domain, edition, lookups) in [
        ("right.example", "standard", 1),
        ("enterprise.example", "enterprise", 1),
        ("singapore.example", "singapore", 1),
        ("international.example", "international", 2),
        ("directmail.example", "directmail", 2),
        ("big.example", "standard", 1),
        ("behind.example", "standard", 1),
        ("ten.example", "standard", 10),
        ("mail.right.example", "standard", 1),
    ] {
        for options in [&[][..], &["--provider", "alimail"]] {
            let (exit, value) = examined(domain, options);
            assert_eq!(exit, Some(0), "{domain}: {value:#}");
            let told = (text(&value["provider"]), text(&value["edition"]));
            assert_eq!(told, ("alimail", edition), "{domain}");
            assert_eq!(check(&value, "spf")["lookups"], lookups, "{domain}: {value:#}");
            // Before `all`, those terms would cost too much.
            let want: &[&str] = match domain {
                "behind.example" => &["spf.behind-all", "spf.proposal-lookups"],
                _ => &[],
            };
            assert_eq!(found(&value), want, "{domain}");
        }
    }
}

#[test]
fn what_is_wrong_is_found_and_nothing_else() {
    for (domain, exit, want) in [
        ("none.example", 1, &["spf.missing", "mx.implicit", "dmarc.missing"][..]),
        ("bare.example", 1, &["spf.missing", "mx.missing", "dmarc.missing"]),
        ("two.example", 1, &["spf.several"]),
        ("eleven.example", 1, &["spf.lookups"]),
        ("loop.example", 1, &["spf.loop"]),
        ("self.example", 1, &["spf.loop"]),
        ("void.example", 1, &["spf.void-lookups"]),
        ("nothere.example", 1, &["spf.include-no-name"]),
        ("plus.example", 1, &["spf.plus-all"]),
        ("lax.example", 1, &["spf.include-plus-all"]),
        ("syntax.example", 1, &["spf.syntax", "spf.syntax", "spf.syntax"]),
        ("quoted.example", 1, &["spf.version"]),
        ("elsewhere.example", 1, &["spf.missing", "spf.elsewhere"]),
        ("without.example", 1, &["spf.provider-missing"]),
        ("unclear.example", 0, &["spf.provider-unclear"]),
        ("edition.example", 0, &["spf.other-edition"]),
        ("wrongmx.example", 1, &["spf.provider-missing"]),
        ("gateway.example", 0, &["mx.not-of-sender"]),
        ("denied.example", 0, &[]),
        ("mixedmx.example", 1, &["mx.foreign"]),
        ("ownmx.example", 0, &["mx.mixed"]),
        ("cnamemx.example", 1, &["mx.alias"]),
        ("nullmx.example", 1, &["mx.null"]),
        ("order.example", 0, &["mx.preference"]),
        ("numbers.example", 0, &["mx.preference-other"]),
        ("incomplete.example", 0, &["mx.incomplete"]),
        ("deadmx.example", 1, &["mx.no-name", "mx.unresolved", "mx.address", "mx.private"]),
        ("dmarc.example", 1, &["dmarc.several"]),
        ("nopolicy.example", 1, &["dmarc.no-policy", "dmarc.reports"]),
        ("absent.example", 1, &["dns.no-such-name", "dns.no-such-name"]),
    ] {
        let (code, value) = examined(domain, &[]);
        let mut said = found(&value);
        // Several owners are told of once, each host by itself.
        said.retain(|id| domain != "deadmx.example" || *id != "mx.mixed");
        assert_eq!((code, &said[..]), (Some(exit), want), "{domain}: {value:#}");
    }
}

#[test]
fn the_provider_that_the_user_names_counts() {
    let (exit, value) = examined("wrongmx.example", &["--provider", "alimail"]);
    assert_eq!((exit, found(&value)), (Some(1), vec!["mx.other-provider"]), "{value:#}");
    let want = ["5 mx1.qiye.aliyun.com.", "10 mx2.qiye.aliyun.com.", "15 mx3.qiye.aliyun.com."];
    assert_eq!(published(&value, "mx"), want);
    let (exit, value) = examined("unclear.example", &["--provider", "alimail"]);
    assert_eq!((exit, found(&value)), (Some(1), vec!["spf.provider-missing"]), "{value:#}");
    let (exit, value) = examined("right.example", &["--provider", "alimail", "--edition", "directmail"]);
    assert_eq!((exit, found(&value)), (Some(0), vec!["spf.other-edition"]), "{value:#}");
    assert_eq!(
        published(&value, "spf"),
        ["v=spf1 include:spf1.dm.aliyun.com include:spf.qiye.aliyun.com -all"]
    );
    for (options, part) in [
        (&["--provider", "alimial"][..], "did you mean `alimail`?"),
        (&["--provider", "alimail", "--edition", "enterprice"], "did you mean `enterprise`?"),
    ] {
        let ran = doctor(&[&["right.example"], options].concat());
        assert_eq!(ran.exit, Some(2));
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
}

#[test]
fn a_provider_may_be_a_file() {
    let folder = Temp::new();
    let text = "id = \"ours\"\ntitle = { en = \"Ours\", zh = \"自有\" }\nversion = \"1\"\nhosts = [\"ownmx.example\"]\n\
        [[edition]]\nid = \"only\"\ntitle = { en = \"only\", zh = \"唯一\" }\nmx = [{ host = \"mail.ownmx.example\", preference = 10 }]\n\
        spf = \"v=spf1 include:h1.example -all\"\n";
    folder.write("ours.toml", text);
    let resolver = SERVER.to_string();
    let args =
        ["doctor", "ownmx.example", "--provider", "ours.toml", "--resolver", &resolver, "--format", "json"];
    let run = ran(&folder, &args);
    let value: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(found(&value), ["spf.provider-missing", "mx.foreign"], "{value:#}");
    folder.write("ours.toml", &text.replace("hosts", "hots"));
    let run = ran(&folder, &args);
    assert_eq!(run.exit, Some(2));
    assert!(run.stderr.contains("ours.toml:4:1"), "{}", run.stderr);
}

#[test]
fn the_record_to_publish_is_exact() {
    for (domain, want) in [
        ("two.example", "v=spf1 include:spf.qiye.aliyun.com include:spf1.dm.aliyun.com ip4:203.0.113.7 ~all"),
        ("plus.example", "v=spf1 include:spf.qiye.aliyun.com ~all"),
        ("syntax.example", "v=spf1 include:spf.qiye.aliyun.com ip4:203.0.113.7 include:mail.example -all"),
        ("quoted.example", "v=spf1 include:spf.qiye.aliyun.com -all"),
        ("elsewhere.example", "v=spf1 include:spf.qiye.aliyun.com -all"),
        ("without.example", "v=spf1 include:spf.qiye.aliyun.com include:spf.mail.qq.com -all"),
        ("none.example", "v=spf1 mx ~all"),
    ] {
        let (_, value) = examined(domain, &[]);
        assert_eq!(published(&value, "spf"), [want], "{domain}: {value:#}");
        let check = check(&value, "spf");
        assert_eq!(check["publish"]["name"], domain);
        assert!(!text(&check["verify"]).is_empty() && !text(&check["wait"]).is_empty(), "{check:#}");
    }
    let (_, value) = examined("cnamemx.example", &[]);
    assert_eq!(published(&value, "mx"), ["10 mx1.qiye.aliyun.com."]);
    let (_, value) = examined("two.example", &[]);
    assert_eq!(check(&value, "spf")["ttl"], 600);
    assert_eq!(check(&value, "spf")["found"].as_array().map(Vec::len), Some(2));
    let (_, value) = examined("eleven.example", &[]);
    assert_eq!(check(&value, "spf")["lookups"], 11);
}

/// Each way of getting no answer is said by its own name, and none of them counts as in order.
#[test]
fn no_answer_is_never_in_order() {
    for (domain, want) in [
        ("silent.example", "dns.time-out"),
        ("servfail.example", "dns.server-failure"),
        ("refused.example", "dns.refused"),
        ("partly.example", "dns.time-out"),
    ] {
        let (exit, value) = examined(domain, &[]);
        assert_eq!(exit, Some(2), "{domain}: {value:#}");
        let said = found(&value);
        assert!(!said.is_empty() && said.iter().all(|id| *id == want), "{domain}: {said:?}");
        assert_eq!(value["status"], "unknown", "{domain}");
        assert_ne!(check(&value, "spf")["status"], "ok", "{domain}");
    }
    // A port at which nobody listens.
    let folder = Temp::new();
    let port =
        std::net::UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
    let ran = ran(&folder, &["doctor", "right.example", "--resolver", &port.to_string(), "--format", "json"]);
    let value: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(ran.exit, Some(2));
    assert!(found(&value).iter().all(|id| *id == "dns.no-network"), "{value:#}");
}

#[test]
fn keys_of_selectors_are_looked_at() {
    for (selector, exit, want) in [
        ("good", 0, "ok"),
        ("short", 0, "ok"),
        ("weak", 1, "failure"),
        ("revoked", 1, "failure"),
        ("testing", 0, "warning"),
        ("broken", 1, "failure"),
        ("absent", 1, "failure"),
    ] {
        let (code, value) = examined("right.example", &["--selector", selector]);
        assert_eq!(code, Some(exit), "{selector}: {value:#}");
        let check = check(&value, "dkim");
        assert_eq!(check["status"], want, "{selector}: {check:#}");
        assert_eq!(check["name"], format!("{selector}._domainkey.right.example"));
    }
}

#[test]
fn a_person_reads_it_in_their_language() {
    let en = doctor(&["li@two.example", "--lang", "en"]).stdout;
    let zh = doctor(&["two.example", "--lang", "zh"]).stdout;
    for (report, parts) in [
        (
            &en,
            &[
                "two.example: mail is lost or refused",
                "2 SPF records",
                "publish: two.example. TXT \"v=spf1 ",
                "10 min",
            ][..],
        ),
        (
            &zh,
            &[
                "two.example：邮件会丢失或被拒收",
                "有 2 条 SPF 记录",
                "发布：two.example. TXT \"v=spf1 ",
                "阿里邮箱",
            ],
        ),
    ] {
        for part in parts {
            assert!(report.contains(part), "no {part:?} in\n{report}");
        }
    }
    let wrong = doctor(&["https://example.com/"]);
    assert_eq!(wrong.exit, Some(2));
    assert!(wrong.stderr.contains("is no domain"), "{}", wrong.stderr);
}

const CLEAN: &str = "From: li@right.example\nTo: wang@enterprise.example\nDate: Mon, 5 Jan 2026 09:00:00 +0800\n\
    Message-ID: <1@right.example>\nSubject: minutes\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nSee you at three.\n";

fn checked(message: &str, options: &[&str]) -> (Option<i32>, Value) {
    let folder = Temp::new();
    folder.write("draft.eml", message);
    let run = ran(&folder, &[&["check", "draft.eml", "--format", "json", "--lang", "en"], options].concat());
    (run.exit, serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr)))
}

#[test]
fn online_a_check_tells_what_keeps_mail_from_arriving() {
    let resolver = SERVER.to_string();
    let online = ["--online", "--resolver", resolver.as_str()];
    let (exit, value) = checked(CLEAN, &[]);
    assert_eq!((exit, value.get("delivery")), (Some(0), None), "offline nobody is asked");
    let schema: Value =
        serde_json::from_str(&ran(&Temp::new(), &["policy", "schema", "verdict"]).stdout).expect("JSON");
    for (message, exit, decision, want) in [
        (CLEAN.to_owned(), 0, "pass", &[][..]),
        (CLEAN.replace("enterprise", "nullmx"), 1, "review", &[("nullmx.example", "mx.recipient-null")]),
        (CLEAN.replace("enterprise", "absent"), 1, "review", &[("absent.example", "dns.no-such-name")]),
        (CLEAN.replace("enterprise", "none"), 0, "pass", &[("none.example", "mx.recipient-implicit")]),
        (CLEAN.replace("enterprise", "bare"), 1, "review", &[("bare.example", "mx.recipient-none")]),
        (CLEAN.replace("li@right", "li@absent"), 1, "review", &[("absent.example", "dns.no-such-name")]),
        (CLEAN.replace("li@right", "li@two"), 1, "review", &[("two.example", "spf.several")]),
        (CLEAN.replace("enterprise", "servfail"), 2, "pass", &[("servfail.example", "dns.server-failure")]),
    ] {
        let (code, value) = checked(&message, &online);
        assert_eq!((code, text(&value["decision"])), (Some(exit), decision), "{value:#}");
        let delivery = value["delivery"].as_array().expect("the DNS was asked");
        let said: Vec<(&str, &str)> =
            delivery.iter().map(|one| (text(&one["domain"]), text(&one["id"]))).collect();
        assert_eq!(said, want);
        assert_eq!(schema::problems(&value, &schema), [""; 0]);
    }
    let to = [&online[..], &["--from", "li@two.example", "--to", "wang@bare.example"]].concat();
    let (_, value) = checked(CLEAN, &to);
    let domains: Vec<&str> =
        value["delivery"].as_array().expect("asked").iter().map(|one| text(&one["domain"])).collect();
    assert_eq!(domains, ["two.example", "bare.example"], "the envelope counts");
    let folder = Temp::new();
    folder.write("draft.eml", &CLEAN.replace("enterprise", "nullmx"));
    let run = ran(&folder, &[&["check", "draft.eml", "--lang", "zh"], &online[..]].concat());
    assert!(run.stdout.contains("nullmx.example 不接收邮件"), "{}", run.stdout);
}
