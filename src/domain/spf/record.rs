//! The text of an SPF record, taken apart by the grammar of RFC 7208 12. A term that is wrong is kept with the reason: one is enough to void the whole record.

use std::net::{Ipv4Addr, Ipv6Addr};

/// An SPF record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SpfRecord {
    /// Terms in their order, those that are wrong included.
    pub(super) terms: Vec<Term>,
}

/// A term of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// As it is written.
    pub(super) text: String,
    pub(super) what: What,
}

/// What a term is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The last word: what becomes of mail from elsewhere.
    All(Qualifier),
    Include(String),
    /// `a`, of the domain itself where none is named.
    Address(Option<String>),
    /// `mx`, of the domain itself where none is named.
    Exchange(Option<String>),
    /// `ptr`, which nobody should use.
    Pointer,
    Exists(String),
    /// `ip4` or `ip6` with the share of all addresses that it takes, in bits: 0 is all.
    Network(u8),
    Redirect(String),
    /// `exp` and modifiers that are not known: no effect on the result.
    Modifier,
    /// Voids the record; the key of the reason.
    Broken(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qualifier {
    Pass,
    Fail,
    SoftFail,
    Neutral,
}

/// Whether a TXT record is an SPF record: its version stands alone (RFC 7208 4.5).
pub(super) fn is_spf(text: &str) -> bool {
    let version = text.split(' ').next().unwrap_or_default();
    version.eq_ignore_ascii_case("v=spf1")
}

/// Whether a TXT record was meant to be an SPF record and is none: nobody evaluates it.
pub(super) fn is_almost_spf(text: &str) -> bool {
    let start: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '“' | '”' | '\u{feff}'))
        .take(8)
        .collect::<String>()
        .to_lowercase();
    !is_spf(text)
        && ["v=spf", "spf1", "v:spf1", "v-spf1", "spf=v1"].iter().any(|sign| start.starts_with(sign))
}

impl SpfRecord {
    /// The terms of a record that [`is_spf`].
    pub(super) fn parse(text: &str) -> SpfRecord {
        let mut modifiers = Vec::new();
        let terms = text.split(' ').skip(1).filter(|term| !term.is_empty()).map(|term| {
            let mut what = parse_term(term);
            let name = term.split('=').next().unwrap_or_default().to_ascii_lowercase();
            if matches!(name.as_str(), "redirect" | "exp") && !matches!(what, What::Broken(_)) {
                if modifiers.contains(&name) {
                    what = What::Broken("twice");
                }
                modifiers.push(name);
            }
            Term { text: term.to_owned(), what }
        });
        SpfRecord { terms: terms.collect() }
    }

    /// The terms that are wrong, with the key of the reason.
    pub(super) fn broken(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.terms.iter().filter_map(|term| match term.what {
            What::Broken(why) => Some((term.text.as_str(), why)),
            _ => None,
        })
    }

    /// The terms that are evaluated: those after `all` are not (RFC 7208 5.1), and neither is `redirect` beside `all`.
    pub(super) fn effective(&self) -> impl Iterator<Item = &Term> {
        let end = self.all_at().map_or(self.terms.len(), |at| at + 1);
        let ends_in_all = self.all_at().is_some();
        self.terms[..end].iter().filter(move |term| !(ends_in_all && matches!(term.what, What::Redirect(_))))
    }

    /// What `all` says, where it stands.
    pub(super) fn all(&self) -> Option<Qualifier> {
        self.all_at().and_then(|at| match self.terms[at].what {
            What::All(qualifier) => Some(qualifier),
            _ => None,
        })
    }

    fn all_at(&self) -> Option<usize> {
        self.terms.iter().position(|term| matches!(term.what, What::All(_)))
    }

    /// The record as it was probably meant: mistakes that are made often are corrected, what cannot be understood is left out.
    pub(super) fn mended(&self) -> SpfRecord {
        let mut terms: Vec<Term> = Vec::new();
        let mut rest = self.terms.iter().peekable();
        while let Some(term) = rest.next() {
            if !matches!(term.what, What::Broken(_)) {
                terms.push(term.clone());
                continue;
            }
            // A space behind the colon: the next term is the value of this one.
            let is_begun = term.text.ends_with(':');
            let next = rest.peek().filter(|next| is_begun && matches!(next.what, What::Broken(_)));
            let text = match next {
                Some(next) => format!("{}{}", term.text, next.text),
                None => probable(&term.text),
            };
            let what = parse_term(&text);
            if matches!(what, What::Broken(_)) {
                continue;
            }
            if next.is_some() {
                rest.next();
            }
            terms.push(Term { text, what });
        }
        SpfRecord { terms }
    }

    /// Where the record says to look further if nothing matches.
    pub(super) fn redirect(&self) -> Option<&str> {
        self.terms.iter().find_map(|term| match &term.what {
            What::Redirect(domain) => Some(domain.as_str()),
            _ => None,
        })
    }
}

fn parse_term(term: &str) -> What {
    let name_end = term.find([':', '/', '=']).unwrap_or(term.len());
    if term[name_end..].starts_with('=') {
        return modifier(&term[..name_end], &term[name_end + 1..]);
    }
    let (qualifier, rest) = match term.as_bytes()[0] {
        b'+' => (Qualifier::Pass, &term[1..]),
        b'-' => (Qualifier::Fail, &term[1..]),
        b'~' => (Qualifier::SoftFail, &term[1..]),
        b'?' => (Qualifier::Neutral, &term[1..]),
        _ => (Qualifier::Pass, term),
    };
    let name_end = rest.find([':', '/']).unwrap_or(rest.len());
    let (name, value) = rest.split_at(name_end);
    let broken = What::Broken;
    match name.to_ascii_lowercase().as_str() {
        "all" if value.is_empty() => What::All(qualifier),
        "all" => broken("all-with-value"),
        "include" => with_domain(value, What::Include),
        "exists" => with_domain(value, What::Exists),
        "ptr" if value.is_empty() => What::Pointer,
        "ptr" => with_domain(value, |_| What::Pointer),
        "a" => with_prefixes(value, What::Address),
        "mx" => with_prefixes(value, What::Exchange),
        "ip4" => network::<Ipv4Addr>(value, 32),
        "ip6" => network::<Ipv6Addr>(value, 128),
        "ip" | "ipv4" | "ipv6" => broken("ip-name"),
        "" => broken("space"),
        _ => broken("unknown-mechanism"),
    }
}

/// What a wrong term was probably meant to be.
fn probable(text: &str) -> String {
    let Some((name, value)) = text.split_once([':', '=']) else { return text.to_owned() };
    let address = value.split('/').next().unwrap_or_default();
    let bare = name.trim_start_matches(['+', '-', '~', '?']);
    let qualifier = &name[..name.len() - bare.len()];
    if address.parse::<Ipv4Addr>().is_ok() {
        format!("{qualifier}ip4:{value}")
    } else if address.parse::<Ipv6Addr>().is_ok() {
        format!("{qualifier}ip6:{value}")
    } else {
        format!("{name}:{value}")
    }
}

fn modifier(name: &str, value: &str) -> What {
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let checked = |what: What| match domain_problem(value) {
        Some(why) => What::Broken(why),
        None => what,
    };
    match name.to_ascii_lowercase().as_str() {
        "redirect" => checked(What::Redirect(value.to_owned())),
        "exp" => checked(What::Modifier),
        // A mechanism with the wrong sign behind it passes as an unknown modifier, and does nothing.
        "include" | "ip4" | "ip6" | "a" | "mx" | "exists" | "all" | "ptr" => What::Broken("equals-sign"),
        "v" => What::Broken("version-again"),
        _ if !is_name => What::Broken("unknown-mechanism"),
        _ if macro_problem(value, true).is_some() => What::Broken("macro"),
        _ => What::Modifier,
    }
}

/// A mechanism that needs a domain behind a colon.
fn with_domain(value: &str, what: impl Fn(String) -> What) -> What {
    match value.strip_prefix(':') {
        None | Some("") => What::Broken("no-domain"),
        Some(domain) => match domain_problem(domain) {
            Some(why) => What::Broken(why),
            None => what(domain.to_owned()),
        },
    }
}

/// `a` and `mx`: perhaps a domain, perhaps lengths of prefixes.
fn with_prefixes(value: &str, what: impl Fn(Option<String>) -> What) -> What {
    // A slash within a macro is none of a prefix.
    let macros_end = value.rfind('}').map_or(0, |at| at + 1);
    let slash = value[macros_end..].find('/').map_or(value.len(), |at| macros_end + at);
    let (domain, prefixes) = value.split_at(slash);
    let (four, six) = prefixes.split_once("//").map_or((prefixes, ""), |(four, six)| (four, six));
    let fits = |text: &str, most: u8| length(text).is_some_and(|bits| bits <= most);
    let four_is_right = four.is_empty() || four.strip_prefix('/').is_some_and(|bits| fits(bits, 32));
    if !(four_is_right && (six.is_empty() || fits(six, 128))) || prefixes.ends_with('/') {
        return What::Broken("prefix");
    }
    match domain.strip_prefix(':') {
        None => what(None),
        Some("") => What::Broken("no-domain"),
        Some(domain) => match domain_problem(domain) {
            Some(why) => What::Broken(why),
            None => what(Some(domain.to_owned())),
        },
    }
}

fn network<A: std::str::FromStr>(value: &str, most: u8) -> What {
    let Some(value) = value.strip_prefix(':') else { return What::Broken("no-address") };
    let (address, bits) =
        value.split_once('/').map_or((value, None), |(address, bits)| (address, Some(bits)));
    if address.parse::<A>().is_err() {
        return What::Broken("no-address");
    }
    match bits.map_or(Some(most), length) {
        Some(bits) if bits <= most => What::Network(bits),
        _ => What::Broken("prefix"),
    }
}

/// The length of a prefix.
fn length(text: &str) -> Option<u8> {
    // A sign, which a number may have, is no digit.
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// What is wrong with a domain, which may hold macros (RFC 7208 7.1).
fn domain_problem(domain: &str) -> Option<&'static str> {
    if let Some(why) = macro_problem(domain, false) {
        return Some(why);
    }
    if domain.ends_with('}') {
        return None;
    }
    let Some((_, top)) = domain.trim_end_matches('.').rsplit_once('.') else { return Some("domain") };
    if top.bytes().all(|b| b.is_ascii_digit()) {
        return Some("address-for-domain");
    }
    let is_top = top.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !top.starts_with('-')
        && !top.ends_with('-');
    let has_empty_label = domain.trim_end_matches('.').split('.').any(str::is_empty);
    (!is_top || has_empty_label).then_some("domain")
}

/// What is wrong with the characters and macros of a text.
fn macro_problem(text: &str, is_explanation: bool) -> Option<&'static str> {
    if !text.bytes().all(|b| (0x21..=0x7e).contains(&b)) {
        return Some("character");
    }
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        rest = &rest[at + 1..];
        let Some(body) = rest.strip_prefix('{') else {
            if !rest.starts_with(['%', '_', '-']) {
                return Some("macro");
            }
            rest = &rest[1..];
            continue;
        };
        let Some((name, behind)) = body.split_once('}') else { return Some("macro") };
        let letters = if is_explanation { "slodiphcrtv" } else { "slodiphv" };
        let is_letter =
            name.chars().next().is_some_and(|letter| letters.contains(letter.to_ascii_lowercase()));
        let transformers = name.get(1..).unwrap_or_default().trim_start_matches(|c: char| c.is_ascii_digit());
        let delimiters = transformers.strip_prefix(['r', 'R']).unwrap_or(transformers);
        if !is_letter || !delimiters.chars().all(|c| ".-+,/_=".contains(c)) {
            return Some("macro");
        }
        rest = behind;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_what_the_grammar_says() {
        for (term, want) in [
            ("-all", What::All(Qualifier::Fail)),
            ("ALL", What::All(Qualifier::Pass)),
            ("?all", What::All(Qualifier::Neutral)),
            ("all:x", What::Broken("all-with-value")),
            ("include:spf.example.com", What::Include("spf.example.com".into())),
            ("include:", What::Broken("no-domain")),
            ("include", What::Broken("no-domain")),
            ("include:localhost", What::Broken("domain")),
            ("include:192.0.2.1", What::Broken("address-for-domain")),
            ("include=spf.example.com", What::Broken("equals-sign")),
            ("include:%{ir}.%{v}._spf.%{d2}", What::Include("%{ir}.%{v}._spf.%{d2}".into())),
            ("include:%{x}.example.com", What::Broken("macro")),
            ("exists:%(i).example.com", What::Broken("macro")),
            ("a", What::Address(None)),
            ("a/24", What::Address(None)),
            ("a/24//64", What::Address(None)),
            ("a//64", What::Address(None)),
            ("a:mail.example.com/28", What::Address(Some("mail.example.com".into()))),
            ("a/33", What::Broken("prefix")),
            ("a/", What::Broken("prefix")),
            ("mx//129", What::Broken("prefix")),
            ("mx:example.com", What::Exchange(Some("example.com".into()))),
            ("ptr", What::Pointer),
            ("ip4:192.0.2.0/24", What::Network(24)),
            ("ip4:192.0.2.1", What::Network(32)),
            ("ip4:192.0.2", What::Broken("no-address")),
            ("ip4:192.0.2.0/33", What::Broken("prefix")),
            ("ip4:192.0.2.0/", What::Broken("prefix")),
            ("ip4", What::Broken("no-address")),
            ("ip6:2001:db8::/32", What::Network(32)),
            ("ip6:192.0.2.1", What::Broken("no-address")),
            ("ip:192.0.2.1", What::Broken("ip-name")),
            ("redirect=_spf.example.com", What::Redirect("_spf.example.com".into())),
            ("exp=explain.%{d}", What::Modifier),
            ("moo=anything%{c}", What::Modifier),
            ("v=spf1", What::Broken("version-again")),
            ("spf.example.com", What::Broken("unknown-mechanism")),
            ("include：spf.example.com", What::Broken("unknown-mechanism")),
            (":example.com", What::Broken("space")),
        ] {
            assert_eq!(parse_term(term), want, "{term}");
        }
        let twice = SpfRecord::parse("v=spf1 redirect=a.example redirect=b.example");
        assert_eq!(twice.broken().collect::<Vec<_>>(), [("redirect=b.example", "twice")]);
    }

    #[test]
    fn frequent_mistakes_are_mended() {
        for (record, want) in [
            ("v=spf1 ip:192.0.2.1 ipv6:2001:db8::/32 -all", "ip4:192.0.2.1 ip6:2001:db8::/32 -all"),
            (
                "v=spf1 a:192.0.2.1 mx:192.0.2.0/24 ip6:192.0.2.2 ?ip4:2001:db8::1",
                "ip4:192.0.2.1 ip4:192.0.2.0/24 ip4:192.0.2.2 ?ip6:2001:db8::1",
            ),
            ("v=spf1 include: spf.example.com -all", "include:spf.example.com -all"),
            ("v=spf1 include=spf.example.com a -all", "include:spf.example.com a -all"),
            ("v=spf1 include: -all", "-all"),
            ("v=spf1 spf.example.com ip4:192.0.2.0/33 nonsense v=spf1 mx", "mx"),
        ] {
            let mended = SpfRecord::parse(record).mended();
            let texts: Vec<&str> = mended.terms.iter().map(|term| term.text.as_str()).collect();
            assert_eq!(texts.join(" "), want, "{record}");
            assert_eq!(mended.broken().count(), 0);
        }
    }

    #[test]
    fn the_version_stands_alone() {
        for (text, is, almost) in [
            ("v=spf1", true, false),
            ("V=SPF1 -all", true, false),
            ("v=spf1-all", false, true),
            ("v=spf1;-all", false, true),
            ("\"v=spf1 -all\"", false, true),
            (" v=spf1 -all", false, true),
            ("v=spf2 -all", false, true),
            ("spf1 include:x.example", false, true),
            ("v=spf10 -all", false, true),
            ("v=DKIM1; p=", false, false),
            ("spf2.0/pra -all", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_spf(text), is_almost_spf(text)), (is, almost), "{text}");
        }
    }

    #[test]
    fn what_stands_behind_all_has_no_effect() {
        let record = SpfRecord::parse("v=spf1 redirect=b.example a -all include:c.example");
        let texts: Vec<&str> = record.effective().map(|term| term.text.as_str()).collect();
        assert_eq!(texts, ["a", "-all"]);
        assert_eq!(record.all(), Some(Qualifier::Fail));
    }
}
