//! Passwords that are said: `password: ...`, 密码是……, a label and a value in the next cell or line or below in its column.
//!
//! Most mails that say "password" tell none, so the value must look like one: the more kinds of characters the surer, and words of prose never.

use super::{Classes, Entity, Mask, Reading, Site, Span, Trigger, ahead, behind, is_placeholder, unseen};
use crate::{detect::lexicon::starts_word, extract::Kind};

const ABOUT: &str = "4 to 64 characters behind a keyword of the rule and `:`, `=`, `is`, 是, 为 or the like; or in the next cell, the next line, or below in the column that the keyword \
    heads. Words of prose, lengths, links, addresses, variables and placeholders are dropped. User names and addresses within three lines make it surer. Codes of one use, of \
    meetings, doors and wireless networks are weak. Mistaken for it: rules about passwords. Reference: none; measured on mail.";

/// A password that opens an account.
pub(in super::super) const PASSWORD: Entity = Entity {
    name: "password",
    trigger: Trigger::Words,
    examine: |site| examine(site, false),
    mask: Mask { head: 0, tail: 0 },
    about: ABOUT,
};

/// A password that opens an attached file or a shared one.
pub(in super::super) const ATTACHMENT_PASSWORD: Entity = Entity {
    name: "attachment-password",
    trigger: Trigger::Words,
    examine: |site| examine(site, true),
    mask: Mask { head: 0, tail: 0 },
    about: ABOUT,
};

/// Words near the label by which a password is that of a file.
const FILES: &[&str] = &[
    "附件",
    "解压",
    "压缩",
    "文件",
    "文档",
    "打开",
    "加密包",
    "提取码",
    "访问码",
    "解密",
    "网盘",
    "attach",
    "zip",
    "archive",
    "rar file",
    "rar archive",
    "7z",
    "the file",
    "file password",
    "file is",
    "pdf",
    "document ",
    "documents ",
    "spreadsheet",
    "workbook",
    "unzip",
    "encrypted",
    "anhang",
    "datei",
    "pièce jointe",
    "fichier",
    "adjunto",
    "archivo",
    "添付",
    "パスワード付き",
];

/// Words near the label by which a password is worth little: of one use, or known to every guest.
const PASSING: &[&str] = &[
    "wifi",
    "wi-fi",
    "wlan",
    "ssid",
    "无线",
    "热点",
    "访客",
    "guest",
    "门禁",
    "门锁",
    "door code",
    "door ",
    "gate code",
    "lobby",
    "会议",
    "入会",
    "meeting",
    "webinar",
    "zoom",
    "webex",
    "conference",
    "dial-in",
    "dial in",
    "验证码",
    "校验码",
    "动态",
    "一次性",
    "短信",
    "otp",
    "one-time",
    "one time",
    "verification",
    "conference id",
    "会议号",
];

/// Names of an account, by which a password is surer.
const ACCOUNTS: &[&str] = &[
    "user",
    "login",
    "account",
    "账号",
    "帐号",
    "账户",
    "用户",
    "登录",
    "登陆",
    "http://",
    "https://",
    "www.",
    "benutzer",
    "utilisateur",
    "identifiant",
    "usuario",
    "ユーザ",
    "アカウント",
    "ssh ",
    "vpn",
];

/// Signs and words between label and value. Those of the first list introduce anything; behind the others stands prose as well.
const SIGNS: &[&str] = &[":=", "=>", "->", "==", ":", "=", "→", "=\"", "은 ", "는 "];
const VERBS: &[&str] = &[
    "is now ",
    "is still ",
    "is: ",
    "is \"",
    "is ",
    "are ",
    "was ",
    "will be ",
    "has been reset to ",
    "has been changed to ",
    "has been set to ",
    "was changed to ",
    "was reset to ",
    "reset to ",
    "changed to ",
    "set to ",
    "lautet ",
    "lautet: ",
    "ist ",
    "ist: ",
    "est ",
    "est: ",
    "es ",
    "es: ",
    "é ",
    "è ",
    "- ",
    "是",
    "为",
    "は",
    "がは",
];

/// Words between label and sign that change nothing, Chinese; behind them the sign must follow.
const FILLERS: &[&str] = &[
    "已经", "已", "被", "均", "都", "统一", "默认", "初始", "重置", "修改", "更新", "设置", "设定", "设",
    "变更", "更改", "更换", "改", "现", "暂时", "临时", "如下", "全部", "一律", "目前", "当前", "后", "成",
    "分别", "的",
];
/// Words that go on behind a label to say whose it is.
const WHOSE: &[&str] =
    &["for ", "to ", "of ", "on ", "für ", "zum ", "zur ", "pour ", "du ", "de ", "para ", "del ", "(", "["];

/// A value of prose or of documentation.
const PROSE: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "pass",
    "pwd",
    "passcode",
    "pin",
    "none",
    "null",
    "nil",
    "n/a",
    "na",
    "tbd",
    "tba",
    "undefined",
    "true",
    "false",
    "yes",
    "no",
    "string",
    "text",
    "hidden",
    "secret",
    "blank",
    "empty",
    "same",
    "required",
    "optional",
    "md5",
    "sha1",
    "sha256",
    "sha512",
    "base64",
    "utf8",
    "utf-8",
    "mp3",
    "html5",
    "oauth2",
    "web2",
    "bcrypt",
    "http",
    "https",
    "unchanged",
    "case-sensitive",
    "see",
    "sent",
    "below",
    "above",
    "login/password",
    "user/password",
    "username/password",
    "or",
    "and",
    "sso",
    "ldap",
    "2fa",
    "mfa",
    "10-digit",
    "6-digit",
    "4-digit",
    "8-character",
    "one-time",
];

/// Units behind a number that is a length or a time.
const UNITS: &[&str] = &[
    "位",
    "个",
    "字符",
    "天",
    "日",
    "次",
    "分钟",
    "小时",
    "年",
    "月",
    "秒",
    "character",
    "char",
    "digit",
    "letter",
    "day",
    "hour",
    "minute",
    "time",
    "week",
    "month",
    "or more",
    "to ",
    "bit",
    "%",
];

/// What a keyword near by is worth (policies/scoring.toml).
const KEYWORD: f64 = 2.2;
/// Bytes before and behind that are looked at for names of accounts.
const ACCOUNT_REACH: usize = 200;
/// Characters of a password.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=64;

/// How label and value are joined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// A colon or an equals sign.
    Sign,
    /// A verb.
    Verb,
    /// Nothing: the next line or cell, or digits and letters behind a Chinese label.
    Bare,
    /// The heading of a column.
    Heading,
}

fn examine(site: &Site<'_>, for_file: bool) -> Option<Reading> {
    let folded = &site.text.folded;
    if matches!(site.text.zoned.segment.kind, Kind::Links | Kind::Names) || !is_label(folded, site.span) {
        return None;
    }
    let (joint, start) = joint(folded, site.span)?;
    let (span, bits) = match value(site, joint, start) {
        Some(found) => found,
        None => below(site)?,
    };
    if super::super::in_locator(folded.as_bytes(), span) {
        return None;
    }
    let clause = behind(folded, site.span.start, 60);
    let clause = clause.rsplit(['\n', ',', ';', '。', '!', '?']).next().unwrap_or(clause);
    let label_and_gap = &folded[site.span.start..start];
    let named =
        |words: &[&str]| words.iter().any(|word| clause.contains(word) || label_and_gap.contains(word));
    if (named(FILES) || is_sent_with_file(folded, site.span)) != for_file {
        return None;
    }
    let mut bits = bits + unseen(folded, site.span, KEYWORD);
    let label = site.value.trim_end_matches([':', '=', ' ']);
    let meets = || {
        let around = behind(folded, site.span.start, 300);
        [
            "meeting id",
            "meeting number",
            "会议号",
            "会议id",
            "会议 id",
            "conference id",
            "webinar id",
            "join",
            "入会",
        ]
        .iter()
        .any(|word| around.contains(word))
    };
    if named(PASSING) || (matches!(label, "passcode" | "pin" | "pin code" | "会议密码") && meets()) {
        bits = bits.min(-1.0);
    } else if joint != Joint::Heading && has_account(folded, site.span.start, span.end) {
        bits += 0.7;
    }
    Some(Reading { canonical: site.text.original(span).to_owned(), bits, span })
}

/// Whether the keyword is a label and not part of another word. Within names such as `DB_PASSWORD` it is.
fn is_label(folded: &str, at: Span) -> bool {
    let bytes = folded.as_bytes();
    let goes_on = at.len() > 0
        && bytes[at.end - 1].is_ascii_alphanumeric()
        && bytes.get(at.end).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let is_short = at.len() <= 5 && bytes[at.start].is_ascii_alphabetic();
    let is_inner = is_short && !starts_word(folded, at.start) && bytes[..at.start].last() != Some(&b'_');
    !goes_on && !is_inner
}

/// Where the value starts and how it is joined.
fn joint(folded: &str, label: Span) -> Option<(Joint, usize)> {
    let rest = ahead(folded, label.end, 100);
    let at = |tail: &str| label.end + rest.len() - tail.len();
    let closers = [' ', '"', '\'', '`', '*', ']', ')'];
    // The keyword may end with the sign.
    if folded[..label.end].ends_with([':', '=']) {
        return Some((Joint::Sign, label.end));
    }
    let open = rest.trim_start_matches(closers);
    let sign = |text: &str| {
        SIGNS
            .iter()
            .find_map(|sign| text.strip_prefix(sign))
            .filter(|tail| !tail.starts_with("//"))
            .map(|tail| (Joint::Sign, at(tail)))
    };
    let verb = |text: &str| {
        VERBS.iter().find_map(|verb| text.strip_prefix(verb)).map(|tail| (Joint::Verb, at(tail)))
    };
    // `<password>...</password>`
    let is_element = folded[..label.start].ends_with('<') && open.starts_with('>');
    if is_element && open[1..].find(['<', ' ', '\n']).is_some_and(|end| open[1 + end..].starts_with('<')) {
        return Some((Joint::Sign, at(&open[1..])));
    }
    if let Some(found) = sign(open).or_else(|| verb(open)) {
        return Some(found);
    }
    let mut filled = open;
    while let Some(tail) = FILLERS.iter().find_map(|word| filled.strip_prefix(word)) {
        filled = tail.trim_start_matches(' ');
    }
    if filled.len() < open.len() {
        return sign(filled).or_else(|| verb(filled));
    }
    if WHOSE.iter().any(|word| open.starts_with(word)) {
        let stops = |c: char| matches!(c, '.' | ',' | ';' | '\n' | '?' | '!' | '\t' | '。' | ':' | '=');
        let end = open.find(stops).unwrap_or(open.len());
        if open[end..].starts_with([':', '=']) {
            return sign(&open[end..]);
        }
        let said = [" is ", " ist ", " est ", " es ", "是", "为"]
            .iter()
            .filter_map(|verb| Some((open[..end.max(1).min(open.len())].find(verb)?, verb)));
        let (found, verb) = said.min_by_key(|(found, _)| *found)?;
        return Some((Joint::Verb, at(&open[found + verb.len()..])));
    }
    let is_cjk = !folded[..label.end].ends_with(|c: char| c.is_ascii());
    let bare = open.starts_with(['\t', '\n', '|'])
        || (is_cjk && open.starts_with(|c: char| c.is_ascii_alphanumeric()));
    bare.then(|| (Joint::Bare, at(open)))
}

/// The value from `start` on and what it is worth.
fn value(site: &Site<'_>, joint: Joint, start: usize) -> Option<(Span, f64)> {
    let folded = &site.text.folded;
    let rest = ahead(folded, start, 120);
    let open = rest.trim_start_matches(' ');
    // The value may stand on the next line or in the next cell, even behind an empty line.
    let next = open.trim_start_matches(['\n', '\t', ' ', '|']);
    let breaks = &open[..open.len() - next.len()];
    if breaks.matches('\n').count() > 2 || (joint == Joint::Verb && !breaks.is_empty()) {
        return None;
    }
    let is_elsewhere = !breaks.is_empty();
    let value = next.trim_start_matches(['*', '`', '"', '\'', '“', '「', '【', '[', ' ']);
    let is_quoted = value.len() < next.len();
    let at = start + rest.len() - value.len();
    let bytes = value.as_bytes();
    let is_assigned = folded[..start].ends_with('=');
    let ends = |index: usize, byte: u8| match byte {
        b'!'..=b'~' => {
            (is_quoted && matches!(byte, b'"' | b'`' | b']'))
                || (is_assigned && matches!(byte, b';' | b'&'))
                || byte == b'|'
                || byte == b'<'
                || (matches!(byte, b',' | b';')
                    && bytes.get(index + 1).is_none_or(|next| *next <= b' ' || *next >= 0x80))
        }
        _ => true,
    };
    let len = bytes.iter().enumerate().position(|(index, byte)| ends(index, *byte)).unwrap_or(bytes.len());
    let shown = value[..len].trim_end_matches(['.', ',', ';', ':', ')', '"', '\'', '`', '*', ']', '}']);
    if !LENGTHS.contains(&shown.len()) {
        return None;
    }
    let span = Span::new(at, at + shown.len());
    let behind_it = &value[shown.len()..];
    let original = Some(site.text.original(span)).filter(|original| original.is_ascii()).unwrap_or(shown);
    let bits = worth(original, &Around { joint, is_quoted, is_elsewhere, behind: behind_it })?;
    Some((span, bits))
}

/// The first value below a label that heads a column.
fn below(site: &Site<'_>) -> Option<(Span, f64)> {
    let folded = &site.text.folded;
    let label = site.span;
    let before = behind(folded, label.start, 300);
    let before = before.rsplit('\n').next()?;
    let after = ahead(folded, label.end, 300);
    let after = after.split('\n').next()?;
    let delimiter = ['\t', '|', ',']
        .into_iter()
        .find(|delimiter| before.contains(*delimiter) || after.contains(*delimiter))?;
    // A heading is a cell of its own.
    let is_cell = before.rsplit(delimiter).next()?.trim().len() <= 12
        && after.split(delimiter).next()?.trim().len() <= 12;
    if !is_cell || (delimiter == ',' && before.contains(['.', ':'])) {
        return None;
    }
    let column = before.matches(delimiter).count();
    let start = label.end + after.len() + 1;
    if folded.as_bytes().get(start - 1) != Some(&b'\n') {
        return None;
    }
    let rows = ahead(folded, start, 600);
    rows.split('\n').take(5).find_map(|row| {
        let cell = row.split(delimiter).nth(column)?.trim();
        let at = cell.as_ptr() as usize - folded.as_ptr() as usize;
        let span = Span::new(at, at + cell.len());
        let is_value = LENGTHS.contains(&cell.len()) && cell.is_ascii() && !cell.contains(' ');
        let original = site.text.original(span);
        let around = Around { joint: Joint::Heading, is_quoted: false, is_elsewhere: true, behind: "" };
        is_value.then(|| worth(original, &around)).flatten().map(|bits| (span, bits + 0.8))
    })
}

/// What stands around a value.
struct Around<'t> {
    joint: Joint,
    is_quoted: bool,
    /// It stands in another line or cell than its label.
    is_elsewhere: bool,
    /// What follows.
    behind: &'t str,
}

/// What a value is worth by its characters; `None` for what is no password.
fn worth(value: &str, around: &Around<'_>) -> Option<f64> {
    let lower = value.to_ascii_lowercase();
    let classes = Classes::of(value);
    let bare = lower.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    if is_placeholder(value) || PROSE.contains(&bare) || is_locator(&lower) || is_code(value) {
        return None;
    }
    let follows = around.behind.trim_start_matches([')', '"', '\'', ' ', '-']);
    let is_measure = classes.letters() == 0 && UNITS.iter().any(|unit| follows.starts_with(unit));
    let line_goes_on =
        around.behind.strip_prefix(' ').is_some_and(|tail| tail.starts_with(|c: char| c.is_alphanumeric()));
    let is_alone = !around.behind.starts_with(' ');
    let is_weak_place = matches!(around.joint, Joint::Bare | Joint::Heading) || around.is_elsewhere;
    if is_measure || (around.is_elsewhere && line_goes_on) {
        return None;
    }
    // Signs that words have too.
    let marks = value
        .bytes()
        .filter(|byte| {
            matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'+' | b'?' | b'~')
        })
        .count();
    let inner_marks = value
        .bytes()
        .rev()
        .skip(1)
        .filter(|byte| matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'+' | b'~'))
        .count();
    if classes.letters() == 0 {
        // Dates, times, telephone numbers and ranges have other signs.
        let is_number = marks == 0 && classes.signs == 0 && (4..=12).contains(&classes.digits);
        let is_strong = marks > 0 && classes.digits >= 4 && inner_marks > 0;
        return match around.joint {
            _ if is_strong => Some(0.5),
            Joint::Heading | Joint::Bare => None,
            _ if is_number && !line_goes_on => Some(if around.is_elsewhere { -0.5 } else { 0.0 }),
            _ => None,
        };
    }
    if classes.digits == 0 && inner_marks == 0 {
        // Letters only: a word, unless capitals stand where words have none.
        let capitals = value.bytes().skip(1).filter(u8::is_ascii_uppercase).count();
        let is_odd = capitals >= 2 && classes.lower >= 2 && classes.signs == 0;
        return match around.joint {
            Joint::Heading | Joint::Bare => None,
            _ if is_odd && !around.is_elsewhere => Some(0.4),
            Joint::Verb => around.is_quoted.then_some(-0.9),
            _ if around.is_elsewhere || !is_alone && line_goes_on => None,
            _ => Some(-1.2),
        };
    }
    if classes.digits == 0 && classes.signs > inner_marks + 1 || (is_weak_place && value.len() < 6) {
        return None;
    }
    let kinds = [classes.lower, classes.upper, classes.digits, inner_marks]
        .iter()
        .filter(|count| **count > 0)
        .count();
    let bits = match kinds {
        0 | 1 => return None,
        2 => 0.9,
        3 => 1.3,
        _ => 1.6,
    };
    Some(if around.joint == Joint::Verb && !around.is_quoted && kinds == 2 { bits - 0.4 } else { bits })
}

/// Whether it is a link, an address or a path.
fn is_locator(lower: &str) -> bool {
    let is_address = lower.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && host.rsplit_once('.').is_some_and(|(host, top)| {
                top.len() >= 2
                    && top.bytes().all(|byte| byte.is_ascii_lowercase())
                    && host.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'-'))
            })
    });
    lower.contains("://")
        || lower.starts_with("www.")
        || lower.starts_with(['/', '\\'])
        || lower.starts_with("~/")
        || is_address
}

/// Whether it is an expression or a name of a program.
fn is_code(value: &str) -> bool {
    let calls = value.contains(['(', '[', '{', '\\'])
        || value.contains("->")
        || value.contains("::")
        || value.contains("++");
    let members = value.split('.').count() >= 2
        && value.split('.').all(|name| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        });
    let is_name = value.contains('_') && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        || value.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') && value.contains('_');
    calls || members || is_name || value.starts_with("--") || value.starts_with("==")
}

/// Whether the sentences before say that a file is locked.
fn is_sent_with_file(folded: &str, label: Span) -> bool {
    let before = behind(folded, label.start, 90);
    const LOCKED: &[&str] = &[
        "附件已加密",
        "附件加密",
        "已加密",
        "解压",
        "压缩包",
        "加密附件",
        "is encrypted",
        "encrypted attachment",
        "encrypted file",
        "password-protected",
        "password protected",
        "zip file",
        "verschlüsselt",
        "protégé par",
        ".zip",
        ".rar",
        ".7z",
        "pan.baidu.com",
        "网盘链接",
    ];
    LOCKED.iter().any(|word| before.contains(word))
}

/// Whether a name of an account stands within three lines.
fn has_account(folded: &str, start: usize, end: usize) -> bool {
    let before = behind(folded, start, ACCOUNT_REACH).rsplit('\n').take(4);
    let after = ahead(folded, end, ACCOUNT_REACH).split('\n').take(4);
    before.chain(after).any(|line| ACCOUNTS.iter().any(|word| line.contains(word)))
}
