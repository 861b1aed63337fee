//! A floor on the speed, over a window that slides.

use std::collections::VecDeque;
use std::time::Duration;

/// Into so many slots the window is divided.
const SLOTS: u32 = 8;

/// A connection that is slower than this for so long is given up.
#[derive(Debug, Clone, Copy)]
pub struct LowSpeed {
    /// The floor.
    pub bytes_per_second: u64,
    /// The average is taken over this time.
    pub window: Duration,
}

/// Only the time counts in which the network was waited for: neither the program's own functions
/// nor a rate limit make a connection slow.
#[derive(Debug)]
pub(super) struct SpeedMeter {
    floor: LowSpeed,
    slots: VecDeque<Slot>,
    current: Slot,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    bytes: u64,
    waited: Duration,
}

impl SpeedMeter {
    pub(super) fn new(floor: LowSpeed) -> Self {
        Self { floor, slots: VecDeque::new(), current: Slot::default() }
    }

    /// Begins anew, as when sending ends and receiving begins.
    pub(super) fn restart(&mut self) {
        *self = Self::new(self.floor);
    }

    pub(super) fn moved(&mut self, bytes: u64) {
        self.current.bytes += bytes;
    }

    /// Waiting time after which to look again.
    pub(super) fn next_look(&self) -> Duration {
        self.slot_length().saturating_sub(self.current.waited)
    }

    /// Says what the speed was when it is below the floor over all of the window.
    pub(super) fn waited(&mut self, time: Duration) -> Option<String> {
        self.current.waited += time;
        if self.current.waited < self.slot_length() {
            return None;
        }
        self.slots.push_back(std::mem::take(&mut self.current));
        if self.slots.len() < SLOTS as usize {
            return None;
        }
        let bytes: u64 = self.slots.iter().map(|slot| slot.bytes).sum();
        let waited: Duration = self.slots.iter().map(|slot| slot.waited).sum();
        self.slots.pop_front();
        let speed = (bytes as f64 / waited.as_secs_f64()) as u64;
        let LowSpeed { bytes_per_second: floor, window } = self.floor;
        (speed < floor).then(|| {
            format!(
                "{speed} bytes/s over {window:?}, less than the {floor} bytes/s that are asked for"
            )
        })
    }

    fn slot_length(&self) -> Duration {
        (self.floor.window / SLOTS).max(Duration::from_millis(1))
    }
}
