//! Encrypted office documents: files that msoffcrypto-tool opens with `Kestrel@9` (agile and standard), and one that opens with the word that Excel
//! uses by itself. The documents in them are invented.

use presend::message::Unread;

use crate::{
    build::{Mail, zip},
    check, found, id_at, reasons,
};

const AGILE: &[u8] = include_bytes!("locked/agile.docx");
const STANDARD: &[u8] = include_bytes!("locked/standard.docx");
const OPEN_TO_ALL: &[u8] = include_bytes!("locked/open-to-all.docx");

#[test]
fn a_document_opens_with_the_password_that_travels_with_it() {
    for file in [AGILE, STANDARD] {
        let verdict = check(&Mail::new("附件的打开密码：Kestrel@9，请查收。").with("名单.docx", file));
        assert_eq!(id_at(&verdict), ["名单.docx > paragraph 51"]);
        assert_eq!(found(&verdict, "structure.password-sent").len(), 1);
        assert!(verdict.not_inspected.is_empty(), "{:?}", verdict.not_inspected);
        assert_eq!(verdict.attachments[0].format, "docx");
        let packed = zip(&[("名单.docx", file)]);
        let verdict = check(&Mail::new("The password is Kestrel@9").with("a.zip", &packed));
        assert_eq!(id_at(&verdict), ["a.zip > 名单.docx > paragraph 51"]);
    }
}

#[test]
fn without_its_password_it_is_encrypted_and_nothing_else() {
    for file in [AGILE, STANDARD] {
        for body in ["密码已短信告知", "打开密码：Kestrel@8"] {
            let verdict = check(&Mail::new(body).with("名单.docx", file));
            assert_eq!(reasons(&verdict), [("名单.docx".to_owned(), Unread::Encrypted)]);
            assert!(id_at(&verdict).is_empty());
            assert!(found(&verdict, "structure.password-sent").is_empty());
        }
    }
}

#[test]
fn what_opens_for_everyone_is_read_like_any_other() {
    let verdict = check(&Mail::new("see attached").with("名单.docx", OPEN_TO_ALL));
    assert_eq!(id_at(&verdict), ["名单.docx > paragraph 51"]);
    assert!(found(&verdict, "structure.password-sent").is_empty());
    assert!(verdict.not_inspected.is_empty());
}

#[test]
fn damage_anywhere_ends_in_a_reason() {
    for file in [AGILE, STANDARD] {
        for cut in (0..file.len()).step_by(509) {
            let verdict = check(&Mail::new("password: Kestrel@9").with("a.docx", &file[..cut]));
            // The last sector may be padding.
            let is_cut = (1..file.len() - 512).contains(&cut);
            assert!(!is_cut || !verdict.is_complete(), "cut at {cut}");
        }
        for at in (512..file.len()).step_by(97) {
            let mut changed = file.to_vec();
            changed[at] ^= 0x55;
            check(&Mail::new("password: Kestrel@9").with("a.docx", &changed));
        }
    }
}
