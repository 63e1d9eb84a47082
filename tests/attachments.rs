//! Attached files from the outside: what is planted in them is found with its place, what cannot be read is said, and nothing in them costs
//! more than the limits allow. Files are built here, byte by byte where a program would refuse.

#[path = "attachments/bombs.rs"]
mod bombs;
#[path = "attachments/build.rs"]
mod build;
#[path = "attachments/locked.rs"]
mod locked;
#[path = "attachments/sight.rs"]
mod sight;

use std::sync::LazyLock;

use build::{ID, Mail, csv_gbk, eml, gz, sevenz, sevenz_locked, tar, xz, zip, zip_locked, zst};
use presend::{
    Filter,
    message::Unread,
    policy::Policy,
    verdict::{Detail, Envelope, Found, Verdict},
};

static FILTER: LazyLock<Filter> =
    LazyLock::new(|| Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles"));

/// Judges a message.
fn check(mail: &Mail) -> Verdict {
    FILTER.check(&mail.raw(), &Envelope::default())
}

/// The findings of a rule.
fn found<'v>(verdict: &'v Verdict, rule: &str) -> Vec<&'v Found> {
    verdict.findings.iter().filter(|found| found.rule.id == rule).collect()
}

/// Where a resident number was found, names joined.
fn id_at(verdict: &Verdict) -> Vec<String> {
    found(verdict, "pii.cn-resident-id").iter().map(|found| found.place.join(" > ")).collect()
}

fn reasons(verdict: &Verdict) -> Vec<(String, Unread)> {
    verdict.not_inspected.iter().map(|part| (part.place.join(" > "), part.reason)).collect()
}

#[test]
fn a_number_is_found_however_deep_it_is_packed() {
    let csv = csv_gbk();
    let message = eml("附件", "名单.zip", &zip(&[("人事/名单.csv", &csv)]));
    let packed = gz("x.tar", &tar(&[("mail/转发.eml", &message)]));
    let verdict = check(&Mail::new("see attached").with("x.tar.gz", &packed));
    assert_eq!(id_at(&verdict), ["x.tar.gz > x.tar > mail/转发.eml > 名单.zip > 人事/名单.csv > B3"]);
    assert_eq!(found(&verdict, "pii.cn-resident-id")[0].span, None);
    assert!(verdict.not_inspected.is_empty());
    let formats: Vec<&str> = verdict.attachments.iter().map(|file| file.format).collect();
    assert_eq!(formats, ["gz", "tar", "eml", "zip", "csv"]);
}

#[test]
fn every_container_gives_its_members() {
    let text = format!("第一行\n身份证号：{ID}\n");
    let member = [("a.txt", text.as_bytes())];
    let bzip2 = {
        use std::io::Write;
        let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        out.write_all(text.as_bytes()).expect("memory");
        out.finish().expect("memory")
    };
    for (name, bytes, want) in [
        ("m.zip", zip(&member), "m.zip > a.txt > line 2"),
        ("m.tar", tar(&member), "m.tar > a.txt > line 2"),
        ("m.txt.gz", gz("", text.as_bytes()), "m.txt.gz > m.txt > line 2"),
        ("m.txt.bz2", bzip2, "m.txt.bz2 > m.txt > line 2"),
        ("m.txt.xz", xz(text.as_bytes()), "m.txt.xz > m.txt > line 2"),
        ("m.txt.zst", zst(text.as_bytes()), "m.txt.zst > m.txt > line 2"),
        ("m.tzst", zst(&tar(&member)), "m.tzst > m.tar > a.txt > line 2"),
        ("m.7z", sevenz(&member), "m.7z > a.txt > line 2"),
        ("m.tgz", gz("", &tar(&member)), "m.tgz > m.tar > a.txt > line 2"),
        (
            "m.mbox",
            [b"From a@example.com Mon Jan 1\n".as_slice(), &eml(&text, "x.bin", b"\0\x01")].concat(),
            "m.mbox > message 1.eml",
        ),
    ] {
        let verdict = check(&Mail::new("see attached").with(name, &bytes));
        assert_eq!(id_at(&verdict), [want], "{name}");
        // Another name, or none, changes nothing.
        let verdict = check(&Mail::new("see attached").with("file.dat", &bytes));
        let count = id_at(&verdict).len();
        assert_eq!(count, 1, "{name} as file.dat");
    }
}

#[test]
fn names_of_members_are_read() {
    let name = format!("身份证_{ID}.txt");
    let verdict = check(&Mail::new("see attached").with("a.zip", &zip(&[(name.as_str(), b"empty enough")])));
    let names = found(&verdict, "pii.cn-resident-id");
    assert_eq!(names.len(), 1);
    assert_eq!(names[0].zone.as_str(), "filename");
    assert_eq!(verdict.masked_names.len(), 1, "and are masked where they are shown");
}

#[test]
fn text_files_are_read_in_their_charset_and_form() {
    let json = "{\"\\u59d3\\u540d\":\"张三\",\"\\u8eab\\u4efd\\u8bc1\\u53f7\":\"ID\"}".replace("ID", ID);
    let card =
        format!("BEGIN:VCARD\nVERSION:3.0\nN:张;三\nNOTE:身份证号 {}\n {}\nEND:VCARD\n", &ID[..9], &ID[9..]);
    let wide: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(format!("身份证号：{ID}\r\n").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for (name, bytes) in [
        ("a.json", json.clone().into_bytes()),
        ("a.vcf", card.into_bytes()),
        ("a.txt", wide),
        ("a.yaml", format!("身份证号: '{ID}'\n").into_bytes()),
        ("a.xml", format!("<人><身份证号>{ID}</身份证号></人>").into_bytes()),
        ("a.html", format!("<table><tr><td>身份证号<tr><td>11010<b></b>{}</table>", &ID[5..]).into_bytes()),
        ("a.unheard", format!("身份证号：{ID}\n").into_bytes()),
    ] {
        let verdict = check(&Mail::new("see attached").with(name, &bytes));
        assert_eq!(id_at(&verdict).len(), 1, "{name} attached");
        let verdict = check(&Mail::new("see attached").with("a.zip", &zip(&[(name, &bytes)])));
        assert_eq!(id_at(&verdict).len(), 1, "{name} in a zip");
    }
}

#[test]
fn columns_are_named_by_their_heads() {
    // Without the heading nothing says what the numbers are: they fail no check and are as long as many others.
    let rows: String = (0..4).map(|row| format!("张三{row},12345678901234{row}\n")).collect();
    let with = format!("姓名,银行卡号\n{rows}").replace("12345678901234", "62220212345678901");
    let verdict = check(&Mail::new("see attached").with("cards.csv", with.as_bytes()));
    let places: Vec<&[String]> = verdict.findings.iter().map(|found| found.place.as_slice()).collect();
    assert!(places.iter().all(|place| place[0] == "cards.csv" && place[1].starts_with('B')), "{places:?}");
}

#[test]
fn a_password_in_the_message_opens_the_file_and_is_noted() {
    let text = format!("身份证号：{ID}\n");
    let member = [("a.txt", text.as_bytes())];
    let aes = zip_locked(&member, "Kestrel@9", true);
    let old = zip_locked(&member, "Kestrel@9", false);
    let seven = sevenz_locked(&member, "Kestrel@9");
    for (name, bytes) in [("a.zip", &aes), ("a.zip", &old), ("a.7z", &seven)] {
        for body in ["附件已加密，解压密码：Kestrel@9，请查收。", "The password of the file is: Kestrel@9"]
        {
            let verdict = check(&Mail::new(body).with(name, bytes));
            assert_eq!(id_at(&verdict), [format!("{name} > a.txt > line 1")], "{body}");
            assert_eq!(found(&verdict, "structure.password-sent").len(), 1);
            assert!(verdict.not_inspected.is_empty(), "{:?}", verdict.not_inspected);
        }
        for body in ["密码已短信告知", "解压密码：Kestrel@8"] {
            let verdict = check(&Mail::new(body).with(name, bytes));
            assert!(id_at(&verdict).is_empty());
            assert!(found(&verdict, "structure.password-sent").is_empty());
            assert!(reasons(&verdict).iter().any(|(_, reason)| *reason == Unread::Encrypted), "{name}");
        }
    }
}

#[test]
fn encrypted_files_are_told_from_broken_ones() {
    let office = {
        let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).expect("memory");
        file.create_stream("/EncryptedPackage").expect("a stream");
        file.create_stream("/EncryptionInfo").expect("a stream");
        file.into_inner().into_inner()
    };
    let pgp = "-----BEGIN PGP MESSAGE-----\n\nhQEMA0000000\n=abcd\n-----END PGP MESSAGE-----\n";
    for (name, bytes, want) in [
        ("plan.docx", office.as_slice(), Unread::Encrypted),
        ("plan.asc", pgp.as_bytes(), Unread::Encrypted),
        ("smime.p7m", &[0x30, 0x82, 1, 2, 6, 9], Unread::Encrypted),
        ("plan.zip", &zip(&[("a.txt", b"some text that is cut")])[..40], Unread::Broken),
        ("movie.mp4", b"\0\0\0\x20ftypisom\0\0\0\0", Unread::Media),
        ("photo.heic", b"\0\0\0\x20ftypheic\0\0\0\0", Unread::Image),
    ] {
        let verdict = check(&Mail::new("see attached").with(name, bytes));
        let all = reasons(&verdict);
        assert!(all.iter().any(|(_, reason)| *reason == want), "{name}: {all:?}");
        let verdict = check(&Mail::new("see attached").with("in.zip", &zip(&[(name, bytes)])));
        let all = reasons(&verdict);
        assert!(
            all.iter()
                .any(|(place, reason)| place.starts_with(&format!("in.zip > {name}")) && *reason == want),
            "{name} in a zip: {all:?}"
        );
    }
}

#[test]
fn files_written_as_letters_are_read() {
    let text = format!("姓名,身份证号\n张三,{ID}\n李四,{ID}\n");
    let letters = build::base64(&zip(&[("名单.csv", text.as_bytes())]));
    let verdict = check(&Mail::new(&format!("here it is:\n\n{letters}\n\nbye")));
    assert_eq!(id_at(&verdict), ["encoded block > 名单.csv > B2", "encoded block > 名单.csv > B3"]);
    let verdict =
        check(&Mail::new(&format!("here:\n\n{}\nbye", build::uuencode("list.csv", text.as_bytes()))));
    assert_eq!(id_at(&verdict), ["list.csv > B2", "list.csv > B3"]);
}

#[test]
fn files_called_text_are_read_as_what_they_are() {
    let archive = zip(&[("a.txt", format!("身份证号：{ID}").as_bytes())]);
    let verdict = check(&Mail::new("see attached").typed("notes.txt", "text/plain", &archive));
    assert_eq!(id_at(&verdict), ["notes.txt > a.txt > line 1"]);
    assert_eq!(found(&verdict, "structure.misnamed-file").len(), 1);
}

#[test]
fn documents_that_are_zips_are_read_by_their_members() {
    let page = format!("<ofd:Page><ofd:TextCode>身份证号：{ID}</ofd:TextCode></ofd:Page>");
    let ofd = zip(&[("OFD.xml", b"<ofd:OFD/>"), ("Doc_0/Pages/Page_0/Content.xml", page.as_bytes())]);
    let verdict = check(&Mail::new("see attached").with("invoice.ofd", &ofd));
    assert_eq!(id_at(&verdict), ["invoice.ofd > Doc_0/Pages/Page_0/Content.xml > line 1"]);
    assert!(verdict.not_inspected.is_empty());
}
