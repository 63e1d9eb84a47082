//! China: what leads to a person without being a number of theirs: address, name on a list, plate, ids of messengers.

use std::{collections::HashSet, sync::LazyLock};

use crate::{
    detect::entity::{Entity, Mask, Reading, Site, Trigger},
    span::{Span, floor_boundary},
};

/// Home address.
pub(in crate::detect::entity) const HOME_ADDRESS: Entity = Entity {
    name: "cn-address",
    trigger: Trigger::Pattern(&["[0-9]{1,5}(?:号|弄|栋|幢|单元|室|楼|座)"]),
    examine: address,
    mask: Mask { head: 6, tail: 0 },
    about: "A chain of at least two administrative or street names (省 市 区 县 镇 街道 路 街 巷 村 小区) within forty characters, and a house or room number. A company's address looks the same: the \
        signature and 公司地址 tell it apart. Reference: GB/T 23705.",
};

/// Characters before a house number that belong to the address.
const ADDRESS_REACH: usize = 40;
/// Parts of an address by level; one of a level counts.
const LEVELS: &[&[&str]] = &[
    &["省", "自治区", "特别行政区"],
    &["市", "自治州", "盟"],
    &["区", "县", "旗"],
    &["镇", "乡", "街道", "村"],
    &["路", "街", "大道", "巷", "弄", "胡同", "里", "小区", "花园", "公寓", "苑", "家园", "新村", "社区"],
];

fn address(site: &Site<'_>) -> Option<Reading> {
    let folded = &site.text.folded;
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '#' | '·');
    let head = &folded[..site.span.start];
    let back: usize =
        head.chars().rev().take(ADDRESS_REACH).take_while(|c| is_part(*c)).map(char::len_utf8).sum();
    let start = site.span.start - back;
    let chain = &folded[start..site.span.start];
    let levels = LEVELS.iter().filter(|level| level.iter().any(|name| chain.contains(name))).count();
    if levels < 2 {
        return None;
    }
    // What follows the number is the rest of the address as long as it counts houses, floors and rooms.
    let rest = &folded[site.span.end..];
    let ahead: usize = rest
        .chars()
        .take(ADDRESS_REACH)
        .take_while(|c| c.is_ascii_alphanumeric() || "号院楼栋幢单元室弄座层-#".contains(*c))
        .map(char::len_utf8)
        .sum();
    let span = Span::new(start, site.span.end + ahead);
    Some(Reading { canonical: span.of_str(folded).to_owned(), bits: 0.9, span })
}

/// A person's name on a list, beside a number of that person.
pub(in crate::detect::entity) const NAME: Entity = Entity {
    name: "cn-name",
    trigger: Trigger::Pattern(&["1[3-9][0-9]{9}", "[1-9][0-9]{16}[0-9x]"]),
    examine: name,
    mask: Mask { head: 1, tail: 0 },
    about: "A surname of the Hundred Family Surnames and one or two characters in a field of their own, on a line with a mobile or identity number. One says nothing; five make a list of people.",
};

/// Surnames of one character and of two.
static SURNAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("../../../../policies/data/cn-surnames.txt").lines();
    lines.filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
});

fn name(site: &Site<'_>) -> Option<Reading> {
    let folded = &site.text.folded;
    let from = floor_boundary(folded, site.span.start.saturating_sub(200));
    let line = folded[from..site.span.start].rfind('\n').map_or(from, |at| from + at + 1);
    let mut fields =
        folded[line..site.span.start].split(['\t', ',', ' ', ';', '|', '、', ':', '，', '：', '/']);
    let field = fields.rfind(|field| is_name(field))?;
    let start = field.as_ptr() as usize - folded.as_ptr() as usize;
    let span = Span::new(start, start + field.len());
    Some(Reading { canonical: field.to_owned(), bits: 0.0, span })
}

/// A surname and one or two more characters.
fn is_name(field: &str) -> bool {
    let is_han = field.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let is_known =
        |characters: usize| field.get(..3 * characters).is_some_and(|head| SURNAMES.contains(head));
    is_han
        && match field.chars().count() {
            2 | 3 => is_known(1) || is_known(2),
            4 => is_known(2),
            _ => false,
        }
}

/// Number plate of a vehicle.
pub(in crate::detect::entity) const VEHICLE_PLATE: Entity = Entity {
    name: "cn-vehicle-plate",
    trigger: Trigger::Pattern(&[
        "[a-hj-np-z][a-hj-np-z0-9]{5,6}",
        "[a-hj-np-z][a-hj-np-z0-9]{4}(?:使|领|警|学|挂|港|澳)",
        "[a-hj-np-z0-9]{5,6}",
    ]),
    examine: plate,
    mask: Mask { head: 2, tail: 2 },
    about: "Province, office and five characters without I and O (six for electric vehicles), or four and 警 学 挂 港 澳 使 领. Mistaken for it: 京东, 沪A股, licence numbers such as 苏B2-2010. \
        Reference: GA 36-2018.",
};

/// Provinces as plates write them.
const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

fn plate(site: &Site<'_>) -> Option<Reading> {
    let folded = &site.text.folded;
    let head = &folded[..site.span.start];
    // 京A12345, or 京A·12345 where the run begins behind the dot.
    let dotted = head.strip_suffix(['·', '•']).or(head.strip_suffix(['-', ' ', '.']));
    let (number, before) = match dotted {
        Some(head) => {
            let office = head.chars().next_back().filter(char::is_ascii_lowercase)?;
            (format!("{office}{}", site.value), &head[..head.len() - 1])
        }
        None => (site.value.to_owned(), head),
    };
    let province = before.chars().next_back().filter(|c| PROVINCES.contains(*c))?;
    let tail = &number[1..];
    let digits = tail.bytes().filter(u8::is_ascii_digit).count();
    let letters = tail.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_new_energy = tail.is_ascii()
        && tail.len() == 6
        && (tail[1..].bytes().skip(1).all(|b| b.is_ascii_digit())
            && tail.as_bytes()[0].is_ascii_alphabetic()
            || tail[..5].bytes().all(|b| b.is_ascii_digit()) && tail.as_bytes()[5].is_ascii_alphabetic());
    let is_ordinary = tail.is_ascii() && tail.len() == 5;
    let is_special = !tail.is_ascii() && digits >= 3;
    let begins_with_office =
        number.as_bytes()[0].is_ascii_alphabetic() && !matches!(number.as_bytes()[0], b'i' | b'o');
    if !begins_with_office || digits < 1 || !(is_new_energy || is_ordinary || is_special) {
        return None;
    }
    // Plates have two letters at most among the five, so far.
    let bits = if letters <= 2 && digits >= 2 { 0.9 } else { 0.0 };
    let span = Span::new(before.len() - province.len_utf8(), site.span.end);
    Some(Reading { canonical: format!("{province}{number}").to_uppercase(), bits, span })
}

/// WeChat id.
pub(in crate::detect::entity) const WECHAT: Entity = Entity {
    name: "wechat-id",
    trigger: Trigger::Literal(|| {
        ["微信", "微信号", "加微", "威信", "薇信", "wechat", "weixin", "vx", "wxid_"]
            .map(str::to_owned)
            .into()
    }),
    examine: wechat,
    mask: Mask { head: 2, tail: 0 },
    about: "微信, WeChat or vx, a colon, and six to twenty letters, digits, hyphens and underscores that begin with a letter; or wxid_ and the like. Words such as `wechat group` are none.",
};

fn wechat(site: &Site<'_>) -> Option<Reading> {
    let folded = &site.text.folded;
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let anchored_by_itself = site.value == "wxid_";
    let start = if anchored_by_itself {
        site.span.start
    } else {
        labelled(folded, site.span.end, &["号", "id", "账号"])?
    };
    let len = folded.as_bytes()[start..].iter().take(24).take_while(|byte| is_part(byte)).count();
    let value = &folded[start..start + len];
    let begins = value.starts_with(|c: char| c.is_ascii_lowercase());
    let is_word = value.bytes().all(|byte| byte.is_ascii_lowercase());
    // `微信: zhangsan` may be a word; an id has a digit or a sign, or is at least not short.
    let fits = begins && (6..=20).contains(&len) && (!is_word || len >= 7);
    let is_number = !begins && (5..=11).contains(&len) && value.bytes().all(|byte| byte.is_ascii_digit());
    (fits || is_number).then(|| Reading {
        canonical: value.to_owned(),
        bits: 1.2,
        span: Span::new(start, start + len),
    })
}

/// QQ number.
pub(in crate::detect::entity) const QQ: Entity = Entity {
    name: "qq-number",
    trigger: Trigger::Literal(|| ["qq", "扣扣", "q q"].map(str::to_owned).into()),
    examine: |site| {
        let folded = &site.text.folded;
        let start = labelled(folded, site.span.end, &["号", "号码", "群", "群号"])?;
        let len = folded.as_bytes()[start..].iter().take(12).take_while(|byte| byte.is_ascii_digit()).count();
        let value = &folded[start..start + len];
        let ends = folded
            .as_bytes()
            .get(start + len)
            .is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'@');
        ((5..=11).contains(&len) && !value.starts_with('0') && ends).then(|| Reading {
            canonical: value.to_owned(),
            bits: 1.2,
            span: Span::new(start, start + len),
        })
    },
    mask: Mask { head: 2, tail: 2 },
    about: "QQ, a colon, and five to eleven digits that do not begin with zero.",
};

/// Where the value begins behind a label, one of `more` words and a sign.
fn labelled(folded: &str, label: usize, more: &[&str]) -> Option<usize> {
    let rest = &folded[label..];
    let rest = rest.trim_start_matches(' ');
    let word = more.iter().filter(|word| rest.starts_with(**word)).map(|word| word.len()).max().unwrap_or(0);
    let rest = &rest[word..];
    let value = rest.trim_start_matches([' ', ':', '：', '是', '为', '=', '\t']);
    let signs = &rest[..rest.len() - value.len()];
    (!signs.trim().is_empty() || word > 0 || value.starts_with(|c: char| c.is_ascii_digit()))
        .then(|| folded.len() - value.len())
        .filter(|start| start - label <= 24)
}
