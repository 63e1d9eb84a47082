//! Names of domains: as people write them, as the DNS has them, and whose they are.

use hickory_resolver::proto::rr::Name;

/// Second labels under which registries of countries sell names: the owner's part begins one further left.
const SECOND_LEVEL: &[&str] = &["ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"];

/// The domain that a user means: of an address, with or without the last dot, in any script; as the DNS has it.
pub fn domain(written: &str) -> Option<String> {
    let name = written.trim().trim_end_matches('>');
    let name = name.rsplit('@').next().unwrap_or(name).trim_end_matches('.');
    let ascii = Name::from_utf8(name).ok()?.to_ascii().to_lowercase();
    let ascii = ascii.trim_end_matches('.');
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let is_name = ascii.contains('.')
        && ascii.len() <= 253
        && ascii.split('.').all(is_label)
        && !ascii.rsplit('.').next().is_some_and(|top| top.bytes().all(|b| b.is_ascii_digit()));
    is_name.then(|| ascii.to_owned())
}

/// Whether a name is `parent` or below it.
pub(super) fn is_below(name: &str, parent: &str) -> bool {
    name.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The part of a name that somebody registered, as far as it can be told without a list of all registries.
pub(super) fn registered(name: &str) -> &str {
    let mut dots = name.rmatch_indices('.').map(|(at, _)| at);
    let (Some(first), Some(second)) = (dots.next(), dots.next()) else { return name };
    let is_country = name.len() - first == 3;
    if is_country && SECOND_LEVEL.contains(&&name[second + 1..first]) {
        return dots.next().map_or(name, |third| &name[third + 1..]);
    }
    &name[second + 1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_read_as_people_write_them() {
        for (written, want) in [
            ("example.com", Some("example.com")),
            (" Example.COM. ", Some("example.com")),
            ("li@mail.example.cn", Some("mail.example.cn")),
            ("Li Lei <li@example.cn>", Some("example.cn")),
            ("例子.中国", Some("xn--fsqu00a.xn--fiqs8s")),
            ("example", None),
            ("", None),
            ("192.0.2.1", None),
            ("a..example", None),
            ("exa mple.com", None),
            ("https://example.com/", None),
        ] {
            assert_eq!(domain(written).as_deref(), want, "{written}");
        }
    }

    #[test]
    fn owners_of_names() {
        for (name, want) in [
            ("mx1.qiye.aliyun.com", "aliyun.com"),
            ("mail.example.com.cn", "example.com.cn"),
            ("mx.example.co.uk", "example.co.uk"),
            ("example.com", "example.com"),
            ("com.cn", "com.cn"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(registered(name), want, "{name}");
        }
        assert!(is_below("mx1.qiye.aliyun.com", "qiye.aliyun.com"));
        assert!(is_below("a.example", "a.example"));
        assert!(!is_below("notqiye.aliyun.com", "qiye.aliyun.com"));
    }
}
