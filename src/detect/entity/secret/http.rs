//! User and password as programs send them to a web server: `Authorization: Basic ...` and `curl -u user:password`.

use super::{Entity, Mask, Reading, Site, Span, Trigger, ahead, connection::worth, decoded};

/// User and password for a web server.
pub(in super::super) const HTTP_CREDENTIALS: Entity = Entity {
    name: "http-credentials",
    trigger: Trigger::Literal(|| [BASIC, CURL].map(str::to_owned).to_vec()),
    examine: |site| if site.value == BASIC { basic(site) } else { curl(site) },
    mask: Mask { head: 0, tail: 0 },
    about: "`Basic` and base64 that decodes to a user, a colon and a password, or `-u user:password` in a command of curl. Mistaken for it: templates and examples \
        (`user:password`, `$USER:$PASS`), which are dropped. Reference: RFC 7617 2, the manual of curl.",
};

const BASIC: &str = "basic ";
const CURL: &str = "curl ";

/// No command and no credentials are longer, bytes.
const LONGEST: usize = 400;

fn basic(site: &Site<'_>) -> Option<Reading> {
    let rest = ahead(&site.text.folded, site.span.end, LONGEST);
    let is_part =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    let len = rest.bytes().take_while(is_part).count();
    let span = Span::new(site.span.end, site.span.end + len);
    // Case matters, so the original is read.
    let encoded = site.text.original(span);
    let plain = String::from_utf8(decoded(encoded.trim_end_matches('='))?).ok()?;
    let (user, password) = plain.split_once(':')?;
    if user.is_empty() || plain.chars().any(char::is_control) {
        return None;
    }
    let bits = worth(user, password, "")?;
    Some(Reading { canonical: encoded.to_owned(), bits, span })
}

fn curl(site: &Site<'_>) -> Option<Reading> {
    let rest = ahead(&site.text.folded, site.span.end, LONGEST);
    // A command goes on behind a backslash at the end of its line.
    let end = rest.match_indices('\n').find(|(at, _)| !rest[..*at].trim_end().ends_with('\\'));
    let command = &rest[..end.map_or(rest.len(), |(at, _)| at)];
    let (at, option) = OPTIONS.iter().find_map(|option| Some((find_option(command, option)?, option)))?;
    let value = command[at + option.len()..].trim_start_matches([' ', '=', '"', '\'']);
    let len = value.find([' ', '"', '\'', '\n', '\t']).unwrap_or(value.len());
    let (user, password) = value[..len].split_once(':')?;
    let start = site.span.end + (password.as_ptr() as usize - rest.as_ptr() as usize);
    let span = Span::new(start, start + password.len());
    let bits = worth(user, site.text.original(span), "")?;
    Some(Reading { canonical: format!("{user}:{}", site.text.original(span)), bits, span })
}

/// The options that take user and password.
const OPTIONS: &[&str] = &["--user", "-u", "--proxy-user"];

/// Where an option stands in a command, as a word of its own.
fn find_option(command: &str, option: &str) -> Option<usize> {
    command.match_indices(option).map(|(at, _)| at).find(|at| {
        let is_start = command[..*at].chars().next_back().is_none_or(char::is_whitespace);
        is_start && command[at + option.len()..].starts_with([' ', '=', '"', '\''])
    })
}
