use super::*;
use crate::{
    extract,
    message::{Limits, Message},
};

/// The zone of each line of a message's first body text.
fn zones(body: &str) -> Vec<(Zone, String)> {
    let kind = if body.starts_with('<') { "html" } else { "plain" };
    let raw = format!("Subject: x\nContent-Type: text/{kind}; charset=utf-8\n\n{body}");
    let message = Message::parse(raw.as_bytes(), &Limits::default());
    let wording = Wording::embedded();
    let extracted = extract::all(&message, &wording.markup(), &Limits::default());
    let zoned = wording.mark(extracted.segments);
    let text =
        zoned.iter().find(|zoned| matches!(zoned.segment.kind, Kind::Plain | Kind::Html)).expect("a body");
    let mut at = 0;
    text.segment
        .text
        .split_inclusive('\n')
        .map(|line| {
            let zone = text.zone_at(at);
            at += line.len();
            (zone, line.trim().to_owned())
        })
        .filter(|(_, line)| !line.is_empty())
        .collect()
}

#[test]
fn lines_get_their_zones() {
    use Zone::{Authored as A, Disclaimer as D, Forwarded as F, Quoted as Q, Signature as S};
    let cases: &[(&str, &[Zone])] = &[
        ("Hi\n> old\n> older\nmy answer\n", &[A, Q, Q, A]),
        ("On Mon, 5 Jan 2026 at 10:00, Bob <b@x.example> wrote:\n> old\n\nmy answer\n", &[Q, Q, A]),
        ("好的。\n\n在 2026年1月5日，张三 写道：\n\n请确认金额。\n", &[A, Q, Q]),
        ("ok\n\n-----Original Message-----\nFrom: Bob\nold\n", &[A, Q, Q, Q]),
        ("请看下面\n\n---------- 转发的邮件 ----------\n旧邮件\n", &[A, F, F]),
        (
            "收到\n\n发件人: 张三\n发送时间: 2026年1月5日\n收件人: 李四\n主题: 报价\n\n旧邮件\n",
            &[A, Q, Q, Q, Q, Q],
        ),
        ("From: here to there is 5 km\nTo: whom it may concern\n", &[A, A]),
        ("Please find it attached.\n\n-- \nBob\n+1 312 555 0148\n", &[A, S, S, S]),
        ("附件请查收。\n\n此致\n敬礼\n张三\n手机：13900001111\n", &[A, S, S, S, S]),
        ("附件请查收。\n\n张三 销售部\n电话：010-62345678\n手机：13900001111\n", &[A, S, S, S]),
        ("客户如下：\n张三 13900001111\n李四 13900001112\n王五 13900001113\n", &[A, A, A, A]),
        // A card that signs nothing is the message.
        (
            "Ada Moss\nMoss Ltd.\n4 Mill Lane, Leeds\nMobile: 07700 900123\nFax: 0113 496 0001\n",
            &[A, A, A, A, A],
        ),
        ("Ada Moss\n\n4 Mill Lane\nLeeds\n0113 496 0001 Office, 07700 900123 Fax\n", &[A, A, A, A]),
        ("张三\n电话：010-62345678\n手机：13900001111\n", &[A, A, A]),
        ("See attached\n\nAda Moss\nMobile: 07700 900123\nFax: 0113 496 0001\n", &[A, S, S, S]),
        ("请查收\n\n张三\n电话：010-62345678\n手机：13900001111\n", &[A, S, S, S]),
        ("请转给李四，谢谢\n张三\n电话：010-62345678\n手机：13900001111\n", &[A, S, S, S]),
        (
            "Ada Moss\nMobile: 07700 900123\nFax: 0113 496 0001\n\n-----Original Message-----\nFrom: Bob\nold\n",
            &[S, S, S, Q, Q, Q],
        ),
        ("报告见附件\n\n发自我的iPhone\n", &[A, S]),
        (
            "See you.\n\nThis e-mail and any attachments are confidential and intended solely for the addressee. If you have received it in error,\nplease notify the sender and delete it.\n",
            &[A, D, D],
        ),
        (
            "请查收。\n\n本邮件及其附件含有保密信息，仅限于发送给上面地址中列出的个人或群组。禁止任何其他人以任何形式使用。如果您错收了本邮件，请您立即通知发件人并删除本邮件！\n",
            &[A, D],
        ),
        ("Please keep this confidential until Friday.\n", &[A]),
        ("<p>new</p><blockquote type=cite><p>old</p></blockquote>", &[A, Q]),
        (
            "<p>new</p><div class=gmail_signature>Bob</div><div class=gmail_quote>On Monday Bob wrote:<br>old</div>",
            &[A, S, Q, Q],
        ),
    ];
    for (body, want) in cases {
        let got = zones(body);
        let zones: Vec<Zone> = got.iter().map(|(zone, _)| *zone).collect();
        assert_eq!(&zones, want, "{got:?}");
    }
}
