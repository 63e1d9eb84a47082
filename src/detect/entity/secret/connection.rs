//! Connection strings: `scheme://user:password@host`, and lists of `key=value` with a server and a password. What is marked is the password.

use super::{Classes, Entity, Mask, Reading, Site, Span, Trigger, ahead, behind, is_placeholder};

/// Connection string.
pub(in super::super) const CONNECTION_STRING: Entity = Entity {
    name: "connection-string",
    trigger: Trigger::Literal(|| {
        ["://", ORACLE].into_iter().chain(PASSWORD_KEYS.iter().copied()).map(str::to_owned).collect()
    }),
    examine: |site| match site.value {
        "://" => user_info(site),
        ORACLE => oracle(site),
        _ => key_value(site),
    },
    mask: Mask { head: 0, tail: 0 },
    about: "A URL of a database, queue, directory, mail or web server with user and password in it, or a list such as `Server=...;Password=...`. Mistaken for it: templates and \
        examples (`user:password@`, `${DB_PASS}`), which are dropped; accounts that everyone has (guest:guest, anonymous) and names like example.com make it less likely. \
        Reference: RFC 3986 3.2.1, the drivers' manuals.",
};

/// Schemes whose URLs have passwords.
const SCHEMES: &[&str] = &[
    "mysql",
    "mariadb",
    "postgres",
    "postgresql",
    "mongodb",
    "mongodb+srv",
    "redis",
    "rediss",
    "amqp",
    "amqps",
    "sqlserver",
    "mssql",
    "oracle",
    "clickhouse",
    "cockroachdb",
    "cassandra",
    "couchdb",
    "neo4j",
    "bolt",
    "kafka",
    "nats",
    "mqtt",
    "mqtts",
    "ftp",
    "ftps",
    "sftp",
    "ssh",
    "smtp",
    "smtps",
    "imap",
    "imaps",
    "ldap",
    "ldaps",
    "http",
    "https",
    "ws",
    "wss",
    "git",
    "svn",
    "vnc",
    "rdp",
    "rtsp",
    "socks5",
    "elasticsearch",
    "memcached",
    "cloudinary",
    "smb",
    "snowflake",
    "mysql+pymysql",
    "postgresql+psycopg2",
    "postgresql+asyncpg",
    "mssql+pyodbc",
    "oracle+cx_oracle",
    "db2",
    "dm",
    "kingbase8",
    "opengauss",
    "tidb",
];

const ORACLE: &str = "oracle:thin:";

/// Keys of passwords in lists.
const PASSWORD_KEYS: &[&str] = &["password", "pwd"];

/// Keys of lists that connect to something.
const SERVER_KEYS: &[&str] = &[
    "server=",
    "server =",
    "data source",
    "host=",
    "uid=",
    "user id",
    "userid=",
    "initial catalog",
    "database=",
    "jdbc:",
    "provider=",
    "driver=",
    "dbname=",
    "dsn=",
];

/// No user and password are longer together, bytes.
const LONGEST: usize = 256;

/// The password in `scheme://user:password@host`.
fn user_info(site: &Site<'_>) -> Option<Reading> {
    let folded = &site.text.folded;
    let bytes = folded.as_bytes();
    let start = site.span.end;
    let len = authority(&bytes[start..]);
    let info = bytes[start..start + len].iter().rposition(|byte| *byte == b'@')?;
    let user = bytes[start..start + info].iter().position(|byte| *byte == b':')?;
    let host = &folded[start + info + 1..start + len];
    if !host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') {
        return None;
    }
    let is_scheme = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'+');
    let scheme_len = bytes[..site.span.start].iter().rev().take(24).take_while(is_scheme).count();
    if !SCHEMES.contains(&&folded[site.span.start - scheme_len..site.span.start]) {
        return None;
    }
    let password = Span::new(start + user + 1, start + info);
    let name = &folded[start..start + user];
    reading(site, password, name, host, site.span.start - scheme_len)
}

/// Bytes up to the end of the authority of a URL.
fn authority(rest: &[u8]) -> usize {
    let ends = |byte: &u8| matches!(*byte, b'/' | b'?' | b'#' | b'\\' | b'"' | b'\'' | b'`' | b'<' | b'>' | b',' | 0..=b' ' | 0x80..);
    rest.iter().take(LONGEST).position(ends).unwrap_or(rest.len().min(LONGEST))
}

/// The password in `oracle:thin:user/password@host`.
fn oracle(site: &Site<'_>) -> Option<Reading> {
    let folded = &site.text.folded;
    let rest = ahead(folded, site.span.end, LONGEST);
    let at = rest.find('@')?;
    let slash = rest[..at].find('/')?;
    if rest[..at].contains(char::is_whitespace) {
        return None;
    }
    let password = Span::new(site.span.end + slash + 1, site.span.end + at);
    reading(site, password, &rest[..slash], &rest[at + 1..], site.span.start)
}

/// The password in `Server=...;Password=...;`.
fn key_value(site: &Site<'_>) -> Option<Reading> {
    let folded = &site.text.folded;
    let rest = ahead(folded, site.span.end, LONGEST);
    let value = rest.trim_start_matches(' ').strip_prefix('=')?.trim_start_matches([' ', '"', '\'']);
    let start = site.span.end + rest.len() - value.len();
    let ends =
        |c: char| matches!(c, ';' | '&' | '"' | '\'' | '<' | '>' | ' ' | '\n' | '\t' | ',') || !c.is_ascii();
    let len = value.find(ends).unwrap_or(value.len());
    let around = [behind(folded, site.span.start, LONGEST), ahead(folded, start + len, LONGEST / 2)];
    // A list stands on one line.
    let around = [around[0].rsplit('\n').next()?, around[1].split('\n').next()?];
    let is_list = around[0].trim_end().ends_with([';', '&', '?', ' ', '"']) || value[len..].starts_with(';');
    if !is_list || !around.iter().any(|text| SERVER_KEYS.iter().any(|key| text.contains(key))) {
        return None;
    }
    reading(site, Span::new(start, start + len), "", "", start)
}

/// Weighs a password of a user on a host; the string starts at `from`.
fn reading(site: &Site<'_>, password: Span, user: &str, host: &str, from: usize) -> Option<Reading> {
    let bits = worth(user, site.text.original(password), host)?;
    let whole = Span::new(from, password.end);
    Some(Reading { canonical: site.text.original(whole).to_owned(), bits, span: password })
}

/// What a password of a user on a host is worth; `None` for what is none.
pub(super) fn worth(user: &str, password: &str, host: &str) -> Option<f64> {
    let value = password.to_ascii_lowercase();
    let is_word = GENERIC.contains(&value.as_str());
    if value.len() < 3 || is_word || is_placeholder(password) || (!user.is_empty() && is_placeholder(user)) {
        return None;
    }
    // A port, and what was written for people: `see http://a:80@b`.
    let is_number = value.len() < 6 && value.bytes().all(|byte| byte.is_ascii_digit());
    let is_public = user == value || matches!(user, "anonymous" | "ftp" | "guest");
    let is_example = ["example.", "localhost", "127.0.0.1", "your", "foo.", "host:", "hostname"]
        .iter()
        .any(|word| host.starts_with(word) || host.contains(&format!(".{word}")));
    let classes = Classes::of(password);
    let is_plain = classes.digits == 0 && classes.signs == 0;
    Some(match () {
        () if is_number || is_public => 1.0,
        () if is_example && is_plain => 1.2,
        () if is_plain => 3.3,
        () => 4.0,
    })
}

/// Passwords of templates.
const GENERIC: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "token",
    "pw",
    "mypassword",
    "mypass",
    "userpassword",
    "dbpassword",
    "db_password",
    "db_pass",
    "user_password",
    "pass123",
    "p4ssw0rd",
    "thepassword",
    "somepassword",
    "hunter2",
    "secretpassword",
    "secretpass",
    "null",
    "none",
    "密码",
];
