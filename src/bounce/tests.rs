use std::collections::BTreeMap;

use super::*;

#[test]
fn every_pattern_knows_its_samples_and_no_other() {
    let explainer = Explainer::shipped();
    let mut problems = Vec::new();
    for pattern in explainer.patterns() {
        assert!(!pattern.matches.is_empty(), "{:?} has no sample", pattern.phrases);
        for sample in &pattern.matches {
            let found = explainer.explain(sample.as_bytes()).cause;
            if found != pattern.cause {
                problems.push(format!("{sample:?} is {found}, not {}", pattern.cause));
            }
        }
        for sample in &pattern.no_matches {
            let found = explainer.explain(sample.as_bytes()).cause;
            if found == pattern.cause {
                problems.push(format!("{sample:?} is {found}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn every_cause_has_a_pattern() {
    let explainer = Explainer::shipped();
    for cause in Cause::ALL.into_iter().filter(|cause| *cause != Cause::Unknown) {
        assert!(explainer.patterns().iter().any(|pattern| pattern.cause == cause), "{cause}");
    }
}

/// The texts of alimail.md, as a line and as a notice of a mail system.
#[test]
fn the_seven_failures_of_alimail() {
    let explainer = Explainer::shipped();
    for (text, cause) in [
        (
            "554 Reject by behaviour spamANTISPAM_BAT[01201311R6868S2030124234, c01c14424]",
            Cause::SenderThrottled,
        ),
        ("454 Transient reject by behaviour spam at Mail from stage", Cause::SenderThrottled),
        ("454 Transient reject by behaviour spam: too frequently sending", Cause::SenderThrottled),
        ("454 Transient reject by behaviour spam: currently unexpected sending", Cause::SenderThrottled),
        ("550 failed to meet SPF requirements", Cause::Spf),
        ("554 Reject by behaviour spamANTISPAM_BAT[012R196a, c042]: spf check failed", Cause::Spf),
        ("554 Reject by behaviour spam: spf check failedCONTINUE", Cause::Spf),
        ("dd this user doesn't have a e-mailaccount", Cause::Mx),
        ("554 delivery error: dd  this user doesn't have a e-mail account", Cause::Mx),
        ("You are not allowed to send emails to the account", Cause::RecipientBlocklist),
        ("Permission for sending emails to external domains is disabled", Cause::ExternalDenied),
        ("550-5.7.1 The account is restricted from sending to foreign domains", Cause::ExternalDenied),
        ("the auditor does not approve to send this email", Cause::Auditor),
        ("554 5.7.1 (13)ESO_LOCAL_SPAM: spamed by local spam engine", Cause::ContentSpam),
        ("502 Mailfrom account is a local account", Cause::Authentication),
        ("504 the number of RCPT attempts is achieved the maximum threshold", Cause::RateLimited),
        ("505 the total of RCPTs is achieved the maximum threshold", Cause::RateLimited),
        ("510 The length of DATA content is achieved the maximum threshold", Cause::TooLarge),
        ("510 The length of Attach is achieved the maximum threshold", Cause::TooLarge),
        ("510 The number of attachments is achieved the maximum threshold", Cause::TooLarge),
        ("550 User not found", Cause::UnknownAddress),
        ("550 Mailbox not found", Cause::UnknownAddress),
        ("550 Invalid User", Cause::UnknownAddress),
        ("550 Mail content denied", Cause::ContentSpam),
        ("552 Message size exceeds fixed limit", Cause::TooLarge),
        ("552 5.7.0 content and attachment content guidelines", Cause::Attachment),
        ("mailbox is full", Cause::MailboxFull),
        ("Quota exceeded", Cause::MailboxFull),
        ("554 Reject by content spam", Cause::ContentSpam),
        ("550 Mailbox not found. http://service.mail.qq.com/detail/122/169", Cause::UnknownAddress),
        ("550 Ip frequency limited", Cause::RateLimited),
        ("550 Connection frequency limited", Cause::RateLimited),
        ("554 DT:SPM", Cause::ContentSpam),
        ("550 Too many recipients", Cause::RateLimited),
    ] {
        let line = explainer.explain(text.as_bytes());
        assert_eq!(line.cause, cause, "{text}");
        let notice = format!(
            "From: MAILER-DAEMON@mail.example.com\nTo: me@example.com\nSubject: Undelivered Mail Returned to Sender\n\n\
             <you@example.org>: host mx.example.org[192.0.2.1] said: {text}\n"
        );
        let notice = explainer.explain(notice.as_bytes());
        assert_eq!(notice.cause, cause, "a notice with {text}");
        assert_eq!(notice.recipients(), ["you@example.org"], "{text}");
        let own = format!(
            "From: no-reply@mailsupport.aliyun.com\nTo: me@example.com\nSubject: 来自no-reply@mailsupport.aliyun.com的退信\n\
             Content-Type: text/plain; charset=utf-8\n\n很抱歉，你发送的邮件被本系统退回\n收信地址\nyou@example.org\n退信原因\n参考信息 {text}\n"
        );
        let own = explainer.explain(own.as_bytes());
        assert_eq!(own.cause, cause, "the provider's notice with {text}");
        assert_eq!(own.recipients(), ["you@example.org"], "{text}");
    }
}

#[test]
fn what_is_no_bounce_is_said_to_be_none() {
    let explainer = Explainer::shipped();
    for (what, message) in [
        (
            "a mail",
            "From: a@example.com\nTo: b@example.org\nSubject: minutes\n\nHello,\nplease find the minutes attached.\n",
        ),
        (
            "an absence",
            "Return-Path: <>\nFrom: a@example.com\nTo: b@example.org\nSubject: Out of Office: minutes\nAuto-Submitted: auto-replied\n\nI am away until May 5.\n",
        ),
        (
            "自动回复",
            "From: a@example.com\nTo: b@example.org\nSubject: 自动回复：会议纪要\nContent-Type: text/plain; charset=utf-8\n\n我正在休假。\n",
        ),
        (
            "a question about one",
            "From: a@example.com\nTo: b@example.org\nSubject: mail problem\n\nI get `550 5.1.1 user unknown` for c@example.net, can you help?\n",
        ),
        (
            "a report of success",
            "From: MAILER-DAEMON@example.com\nTo: b@example.org\nSubject: Delivery Status Notification (Success)\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.com\n\nFinal-Recipient: rfc822; c@example.net\nAction: delivered\nStatus: 2.0.0\n\n--b--\n",
        ),
        ("a text", "hello world\n"),
        (
            "a delivered line",
            "postfix/smtp[1]: 4A: to=<a@example.org>, relay=mx, dsn=2.0.0, status=sent (250 ok)\n",
        ),
    ] {
        let diagnosis = explainer.explain(message.as_bytes());
        assert_eq!((diagnosis.cause, diagnosis.kind), (Cause::NotABounce, Kind::Other), "{what}");
        assert!(diagnosis.failures.is_empty(), "{what}");
    }
}

/// Notices of Chinese providers: tables of HTML, labels and values, forwarded ones.
#[test]
fn notices_in_chinese() {
    let explainer = Explainer::shipped();
    for (from, subject, kind, body, cause) in [
        (
            "postmaster@mail.example.cn",
            "系统退信",
            "html",
            "<div>抱歉，您的邮件被退回来了……</div><table><tr><td>主　题：</td><td>纪要</td></tr><tr><td>收件人：</td><td>lina@example.org</td></tr></table><p>退信原因：</p><p>收件人邮件地址（lina@example.org）不存在，邮件无法送达。</p>",
            Cause::UnknownAddress,
        ),
        (
            "postmaster@exmail.example.cn",
            "系统退信/Systembounce",
            "plain",
            "很抱歉，您的邮件被退回，未能成功发送到以下收件人：\n\n  lina@example.org\n\n退信原因：发送频率过高\n如有疑问，请联系 help@example.net",
            Cause::RateLimited,
        ),
        (
            "Postmaster@example.cn",
            "系统退信",
            "html",
            "<p>亲爱的用户您好：</p><p>您的邮件投递失败了。</p><p>收件人：lina@example.org</p><p>退信原因：对方邮箱容量已满</p>",
            Cause::MailboxFull,
        ),
        (
            "no-reply@mailsupport.aliyun.com",
            "来自no-reply@mailsupport.aliyun.com的退信",
            "html",
            "<div>很抱歉，你发送的邮件被本系统退回。</div><div>收信地址：lina@example.org</div><div>退信原因：您发送的邮件被系统反垃圾拦截</div>",
            Cause::ContentSpam,
        ),
        (
            "postmaster@example.com",
            "邮件审核",
            "plain",
            "您发送的邮件未通过审核，审核人 zhao@example.com 拒绝了该邮件。\n收件人：lina@example.org\n",
            Cause::Auditor,
        ),
        (
            "wang@example.com",
            "转发: 系统退信",
            "plain",
            "帮我看看这封退信？\n\n----- 原始邮件 -----\n发件人: postmaster@example.cn\n主题: 系统退信\n\n退信原因：550 Ip frequency limited\n收件人：lina@example.org\n",
            Cause::RateLimited,
        ),
    ] {
        let notice = format!(
            "From: {from}\nTo: me@example.com\nSubject: {subject}\nContent-Type: text/{kind}; charset=utf-8\n\n{body}\n"
        );
        let found = explainer.explain(notice.as_bytes());
        assert_eq!((found.cause, found.recipients()), (cause, vec!["lina@example.org"]), "{body}");
    }
}

#[test]
fn what_is_unknown_is_not_guessed() {
    let explainer = Explainer::shipped();
    let diagnosis = explainer.explain(b"550 xyzzy plugh");
    assert_eq!((diagnosis.cause, diagnosis.failures[0].smtp_code), (Cause::Unknown, Some(550)));
    let diagnosis = explainer.explain(b"550 5.2.2 xyzzy plugh");
    assert_eq!((diagnosis.cause, diagnosis.confidence), (Cause::MailboxFull, crate::detect::Confidence::Low));
    assert!(!diagnosis.failures[0].is_known);
}

#[test]
fn the_returned_message_is_kept_whole() {
    let explainer = Explainer::shipped();
    let notice = "From: postmaster@example.com\nTo: me@example.com\nSubject: Undeliverable\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
        --b\nContent-Type: text/plain\n\nthe auditor does not approve to send this email\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.com\n\n\
        Final-Recipient: rfc822; you@example.org\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 the auditor does not approve to send this email\n\n\
        --b\nContent-Type: message/rfc822\n\nFrom: me@example.com\nTo: you@example.org\nSubject: hi\n\nbody\n--b--\n";
    let diagnosis = explainer.explain(notice.as_bytes());
    assert_eq!((diagnosis.kind, diagnosis.cause), (Kind::Bounce, Cause::Auditor));
    assert_eq!(diagnosis.sender.as_deref(), Some("me@example.com"));
    let original = diagnosis.original.expect("it came back");
    assert!(original.starts_with(b"From: me@") && original.ends_with(b"body\n"));
}

/// Notices that are made to cost: their failures are listed up to a limit, and the rest is not looked at.
#[test]
fn endless_notices_end() {
    let explainer = Explainer::shipped();
    let head = "From: MAILER-DAEMON@example.com\nTo: me@example.com\nSubject: failure notice\n\n";
    for body in [
        "a@example.cn ".repeat(100_000),
        "<a@example.org>:\n550 5.1.1 no\n".repeat(20_000),
        (0..20_000).map(|n| format!("<a{n}@example.org>: 550 no\n")).collect(),
        (0..5_000)
            .map(|n| format!("Final-Recipient: rfc822; a{n}@example.org\nAction: failed\nStatus: 5.1.1\n\n"))
            .collect(),
        (0..20_000).map(|n| format!("to=<a{n}@example.org>, status=bounced (no)\n")).collect(),
        "550-".repeat(100_000),
        "550 ".repeat(100_000),
        "@".repeat(200_000),
        "\"@".repeat(100_000),
        "5.1.".repeat(100_000),
    ] {
        for given in [body.clone(), format!("{head}{body}")] {
            let diagnosis = explainer.explain(given.as_bytes());
            assert!(diagnosis.failures.len() <= 600, "{} failures", diagnosis.failures.len());
        }
    }
}

/// Anything at all ends in a diagnosis: cut notices, and notices with bytes replaced.
#[test]
fn broken_notices_end_in_a_diagnosis() {
    let explainer = Explainer::shipped();
    let notice = "Return-Path: <>\nX-Failed-Recipients: a@example.org\nFrom: \"=?utf-8?B?6YCA5L+h?=\" <postmaster@example.com>\nTo: me@example.com\nSubject: =?gb2312?B?zcvQxQ==?=\n\
        Content-Type: multipart/report; boundary=\"b\"\n\n--b\nContent-Type: text/html; charset=gb18030\nContent-Transfer-Encoding: base64\n\nPHA+5ZKM5ZKMPC9wPg==\n--b\n\
        Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; \"x@y\"@example.org\nStatus: 5.1.1\nAction: failed\n\n--b\nContent-Type: message/rfc822\n\nFrom: b\nTo: c@d\n\nx\n--b--\n";
    let bytes = notice.as_bytes();
    for end in 0..bytes.len() {
        explainer.explain(&bytes[..end]);
    }
    let mut seen = BTreeMap::new();
    for at in 0..bytes.len() {
        for byte in [0, b'\n', b'@', b'"', b'.', 0xff, b'5'] {
            let mut broken = bytes.to_vec();
            broken[at] = byte;
            *seen.entry(explainer.explain(&broken).cause).or_insert(0) += 1;
        }
    }
    assert!(seen.len() > 1, "{seen:?}");
}
