//! How an archive is cut into chunks, and which of them have arrived.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::SystemTime;

use ruapi_core::Error;
use serde::{Deserialize, Serialize};

use crate::edition::Edition;
use crate::order_id::OrderId;

/// Where an upload stands. Keep it, as JSON for example, and
/// [`resume`](crate::Upload::resume) goes on from there, within the same five minutes.
///
/// For an example see the [guide](crate::guide#retries-and-money).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadState {
    order: OrderId,
    length: u64,
    /// What tells the archive from another one of the same length.
    list_crc: u32,
    chunk_size: u64,
    /// The numbers of the chunks that arrived.
    sent: BTreeSet<u32>,
    /// When the first chunk was sent.
    started: Option<SystemTime>,
    /// The last chunk was sent, and nobody knows whether it arrived.
    #[serde(default)]
    doubtful: bool,
}

impl UploadState {
    /// An upload that is not begun. Refused: an empty archive, and a size that the edition forbids.
    pub(super) fn new(
        order: OrderId,
        (length, list_crc): (u64, u32),
        chunk_size: Option<u64>,
        edition: &Edition,
    ) -> Result<Self, Error> {
        let wrong = |detail: String| Err(Error::input("upload", detail));
        let (least, most) = edition.chunk;
        let chunk_size = chunk_size.unwrap_or(most);
        if length == 0 {
            return wrong("the archive is empty".to_owned());
        }
        if !(least..=most).contains(&chunk_size) {
            return wrong(format!("chunks have {least} to {most} bytes, not {chunk_size}"));
        }
        if u32::try_from(length.div_ceil(chunk_size)).is_err() {
            return wrong("the archive has too many chunks".to_owned());
        }
        let state = Self { length, list_crc, chunk_size, ..Self::none(order) };
        Ok(state)
    }

    /// An upload that could not begin.
    pub(super) fn none(order: OrderId) -> Self {
        Self {
            order,
            length: 0,
            list_crc: 0,
            chunk_size: 1,
            sent: BTreeSet::new(),
            started: None,
            doubtful: false,
        }
    }

    /// Whether this is how far another one got with the same archive for the same application.
    pub(super) fn is_same_upload(&self, other: &Self) -> bool {
        let archive = |state: &Self| (state.length, state.list_crc);
        self.order == other.order && archive(self) == archive(other)
    }

    /// What to keep of it while it goes on: whoever is stopped once only the last chunk is left cannot
    /// know whether that one was sent.
    pub(super) fn to_keep(&self) -> Self {
        let last = self.last();
        let only_last = self.started.is_some() && !self.is_sent(last) && self.chunks_sent() == last;
        Self { doubtful: self.doubtful || only_last, ..self.clone() }
    }

    /// The size of every chunk but the last.
    pub(super) fn chunk_size(&self) -> u64 {
        self.chunk_size
    }

    /// The application.
    pub fn order(&self) -> OrderId {
        self.order
    }

    /// How many chunks there are.
    pub fn chunks(&self) -> u32 {
        // Checked when it was made; what was made elsewhere ends in a refusal by the service.
        u32::try_from(self.length.div_ceil(self.chunk_size.max(1))).unwrap_or(u32::MAX)
    }

    /// How many of them have arrived.
    pub fn chunks_sent(&self) -> u32 {
        self.sent.len() as u32
    }

    /// How many bytes have arrived.
    pub fn bytes_sent(&self) -> u64 {
        self.sent.iter().map(|chunk| self.length_of(*chunk)).sum()
    }

    /// The archive's size in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// When the first chunk was sent: the time for all of them runs from here.
    pub fn started(&self) -> Option<SystemTime> {
        self.started
    }

    pub(super) fn start(&mut self, now: SystemTime) {
        self.started.get_or_insert(now);
    }

    /// Nothing was sent after all.
    pub(super) fn unstart(&mut self) {
        self.started = None;
    }

    /// Whether the last chunk, which files the application, may have arrived.
    pub fn is_doubtful(&self) -> bool {
        self.doubtful
    }

    pub(super) fn set_doubtful(&mut self, doubtful: bool) {
        self.doubtful = doubtful;
    }

    pub(super) fn is_sent(&self, chunk: u32) -> bool {
        self.sent.contains(&chunk)
    }

    pub(super) fn arrived(&mut self, chunk: u32) {
        self.sent.insert(chunk);
    }

    /// The last chunk, which sets off the application.
    pub(super) fn last(&self) -> u32 {
        self.chunks().saturating_sub(1)
    }

    /// The first chunk that has not arrived; the last one, where all have.
    pub(super) fn next(&self) -> u32 {
        (0..self.last()).find(|chunk| !self.is_sent(*chunk)).unwrap_or(self.last())
    }

    /// The chunks between the first and the last that have not arrived.
    pub(super) fn missing_middle(&self) -> Vec<u32> {
        (1..self.last()).filter(|chunk| !self.is_sent(*chunk)).collect()
    }

    /// Where a chunk is in the archive.
    pub(super) fn range(&self, chunk: u32) -> Range<u64> {
        // What was kept may have been changed.
        let start = u64::from(chunk).saturating_mul(self.chunk_size);
        start..start.saturating_add(self.chunk_size).min(self.length)
    }

    fn length_of(&self, chunk: u32) -> u64 {
        let range = self.range(chunk);
        range.end.saturating_sub(range.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(length: u64, chunk_size: Option<u64>) -> Result<UploadState, Error> {
        UploadState::new(OrderId::new(7).unwrap(), (length, 1), chunk_size, &Edition::v1_12())
    }

    #[test]
    fn the_chunks_are_the_archive() {
        let mb = 1 << 20;
        for length in [1, mb - 1, mb, mb + 1, 5 * mb, 5 * mb + 1, 17 * mb + 3] {
            let state = state(length, Some(mb)).unwrap();
            let ranges: Vec<_> = (0..state.chunks()).map(|chunk| state.range(chunk)).collect();
            assert_eq!(ranges[0].start, 0);
            assert_eq!(ranges.last().unwrap().end, length);
            assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
            let (last, others) = ranges.split_last().unwrap();
            assert!(others.iter().all(|range| range.end - range.start == mb));
            assert!(last.start < last.end && last.end - last.start <= mb);
        }
    }

    #[test]
    fn what_the_edition_forbids_is_refused() {
        assert!(state(0, None).unwrap_err().is_input());
        for size in [0, 1, (1 << 20) - 1, 5_000_001, u64::MAX] {
            assert!(state(10 << 20, Some(size)).unwrap_err().is_input(), "{size}");
        }
        assert_eq!(state(5_000_000, None).unwrap().chunks(), 1);
        assert_eq!(state(5_000_001, None).unwrap().chunks(), 2);
        assert!(state(u64::MAX, None).unwrap_err().is_input());
    }

    #[test]
    fn it_can_be_kept_as_json() {
        let mut state = state(10 << 20, Some(1 << 20)).unwrap();
        state.start(SystemTime::UNIX_EPOCH);
        state.arrived(0);
        state.arrived(4);
        let kept = serde_json::to_string(&state).unwrap();
        let again: UploadState = serde_json::from_str(&kept).unwrap();
        assert_eq!(again, state);
        assert_eq!(again.missing_middle(), [1, 2, 3, 5, 6, 7, 8]);
        assert_eq!((again.chunks_sent(), again.bytes_sent()), (2, 2 << 20));
    }

    #[test]
    fn a_kept_state_that_was_changed_overflows_nothing() {
        for size in [0, u64::MAX] {
            let mut state = state(10 << 20, None).unwrap();
            state.chunk_size = size;
            state.arrived(0);
            state.arrived(u32::MAX);
            assert_eq!((state.chunks_sent(), state.bytes_sent()), (2, size.min(10 << 20)));
        }
    }

    #[test]
    fn whoever_is_stopped_before_the_last_chunk_was_answered_is_in_doubt() {
        for chunks in [1, 3] {
            let mut state = state(chunks << 20, Some(1 << 20)).unwrap();
            assert!(!state.to_keep().is_doubtful(), "nothing was sent yet");
            state.start(SystemTime::UNIX_EPOCH);
            for chunk in 0..chunks as u32 {
                let is_last = chunk == state.last();
                assert_eq!(state.to_keep().is_doubtful(), is_last, "before {chunk} of {chunks}");
                state.arrived(chunk);
            }
            assert!(!state.to_keep().is_doubtful());
        }
    }
}
