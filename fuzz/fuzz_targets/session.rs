//! Anything at all from a mail server, in pieces of any size: the session of a milter connection answers, or ends the connection.
//!
//! The first byte of an input says how it is cut and what a message is answered with. No reply lets a message out unless the answer did, nothing is
//! kept beyond the limit, and a broken connection with a message under way tells it to come again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use presend::gateway::{
    action::Reply,
    protocol::{MAX_PACKET, Replies},
    session::{Session, Step},
};

/// Bytes of a message that are kept.
const LIMIT: usize = 10_000;

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else { return };
    let (size, is_passed) = (usize::from(choice >> 2) + 1, choice & 1 == 1);
    let answer = if is_passed { Reply::Hold("rule".into()) } else { Reply::later("50% busy") };
    let mut session = Session::new(LIMIT);
    let (mut input, mut replies) = (Vec::new(), Vec::new());
    for piece in bytes.chunks(size) {
        input.extend_from_slice(piece);
        match take(&mut session, &mut input, &answer, choice & 2 == 2) {
            Step::More => assert!(input.len() < MAX_PACKET + 4, "bytes are piled up"),
            Step::Broken => {
                replies.extend(codes(&session.replies));
                break;
            }
            _ => break,
        }
        replies.extend(codes(&session.replies));
        session.replies = Replies::default();
    }
    // Never a skip, an accept of all, a discard, a shutdown: only what is known to be understood as it is meant.
    assert!(replies.iter().all(|code| b"Octyq".contains(code)), "{replies:?}");
    assert!(is_passed || !replies.contains(&b'q'), "a message was let out");
});

/// Takes all complete commands; the step that ended it.
fn take(session: &mut Session, input: &mut Vec<u8>, answer: &Reply, admits: bool) -> Step {
    let mut at = 0;
    let end = loop {
        let is_under_way = session.transaction.is_some();
        match session.step(&input[at..]) {
            Step::Next(used) => at += used,
            Step::Begin(used) => {
                at += used;
                if admits { session.admit() } else { session.refuse(&Reply::later("is busy")) }
            }
            Step::Complete(used) => {
                at += used;
                let message = session.take();
                assert!(message.content.len() <= LIMIT && message.kept <= message.size);
                if session.can_hold() {
                    session.answer(answer, Some("x"), 0)
                } else {
                    session.answer(&Reply::later("x"), None, 0)
                }
            }
            end => {
                if end == Step::Broken && is_under_way {
                    assert_eq!(
                        codes(&session.replies).last(),
                        Some(&b't'),
                        "a message is left without an answer"
                    );
                }
                break end;
            }
        }
        if let Some(message) = &session.transaction {
            assert!(message.content.len() <= LIMIT, "more is kept than may be");
        }
    };
    input.drain(..at);
    end
}

/// Codes of whole packets.
fn codes(replies: &Replies) -> Vec<u8> {
    let (mut codes, mut rest) = (Vec::new(), &replies.bytes[..]);
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        // Tagging adds a header field; what it looks like is tested elsewhere.
        codes.extend(after.first().filter(|code| !b"hm".contains(code)));
        rest = after.get(length..).expect("a whole packet");
    }
    assert!(rest.is_empty(), "half a packet");
    codes
}
