//! What reading the files of a message has cost, against what it may cost.
//!
//! All numbers are those of [`Limits`]; what is over is given up, never what was read before.

use std::{io::Read, time::Duration};

use crate::message::{Limits, Unread};

/// Bytes that are read at a time.
const CHUNK: usize = 64 << 10;

/// What is left of the limits.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) limits: Limits,
    bytes: usize,
    text: usize,
    members: usize,
    started: Option<Duration>,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Budget {
        Budget {
            bytes: limits.unpacked_bytes,
            text: limits.text_bytes,
            members: limits.members,
            started: limits.clock.map(|now| now()),
            limits: *limits,
        }
    }

    /// Bytes that may still be unpacked, of one file.
    pub(super) fn bytes_left(&self) -> usize {
        if self.is_late() { 0 } else { self.bytes.min(self.limits.member_bytes) }
    }

    /// Bytes of text that may still be read, of one file.
    pub(super) fn text_left(&self) -> usize {
        if self.is_late() { 0 } else { self.text.min(self.limits.piece_bytes) }
    }

    /// Counts bytes that were unpacked.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// Counts bytes of text.
    pub(super) fn spend_text(&mut self, bytes: usize) {
        self.text = self.text.saturating_sub(bytes);
    }

    /// Counts a member; `false` where it is one too many.
    pub(super) fn take_member(&mut self) -> bool {
        let is_left = self.members > 0 && !self.is_late();
        self.members = self.members.saturating_sub(1);
        is_left
    }

    /// Whether the time is up.
    pub(super) fn is_late(&self) -> bool {
        match (self.limits.clock, self.started) {
            (Some(now), Some(started)) => now().saturating_sub(started) > self.limits.time,
            _ => false,
        }
    }

    /// Reads what a decoder gives, which was packed in `packed` bytes: all, or what came before an error or a limit, and which.
    pub(super) fn unpack(&mut self, from: &mut dyn Read, packed: usize) -> (Vec<u8>, Result<(), Unread>) {
        let most = self.bytes_left();
        let (mut bytes, mut chunk) = (Vec::new(), vec![0; CHUNK]);
        let result = loop {
            let room = (most - bytes.len()).saturating_add(1).min(CHUNK);
            match from.read(&mut chunk[..room]) {
                Ok(0) => break Ok(()),
                Ok(read) if bytes.len() + read > most => {
                    bytes.extend_from_slice(&chunk[..most - bytes.len()]);
                    break Err(Unread::OverLimit);
                }
                Ok(read) => bytes.extend_from_slice(&chunk[..read]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => break Err(Unread::Broken),
            }
            let is_bomb =
                bytes.len() > self.limits.ratio_from && bytes.len() / packed.max(1) >= self.limits.ratio;
            if is_bomb || self.is_late() {
                break Err(Unread::OverLimit);
            }
        };
        self.spend(bytes.len());
        (bytes, result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_is_given_up_and_what_came_before_is_kept() {
        let limits = Limits {
            member_bytes: 100_000,
            unpacked_bytes: 150_000,
            ratio: 50,
            ratio_from: 80_000,
            ..Limits::default()
        };
        let mut budget = Budget::new(&limits);
        for (size, packed, kept, result) in [
            (70_000, 70_000, 70_000, Ok(())),
            (90_000, 90_000, 80_000, Err(Unread::OverLimit)),
            (10, 10, 0, Err(Unread::OverLimit)),
        ] {
            let (bytes, got) = budget.unpack(&mut std::io::repeat(7).take(size), packed);
            assert_eq!((bytes.len(), got), (kept, result), "{size} of {packed}");
        }
        let (bytes, got) = Budget::new(&limits).unpack(&mut std::io::repeat(7), 10);
        assert!(bytes.len() <= 100_000 && got == Err(Unread::OverLimit));
    }

    #[test]
    fn time_is_a_limit_too() {
        fn later() -> Duration {
            use std::sync::atomic::{AtomicU64, Ordering};
            static SECONDS: AtomicU64 = AtomicU64::new(0);
            Duration::from_secs(SECONDS.fetch_add(3, Ordering::Relaxed))
        }
        let limits = Limits { clock: Some(later), time: Duration::from_secs(5), ..Limits::default() };
        let mut budget = Budget::new(&limits);
        assert!(budget.take_member());
        assert!(!budget.take_member());
        assert_eq!(budget.unpack(&mut std::io::repeat(7), 10).1, Err(Unread::OverLimit));
    }
}
