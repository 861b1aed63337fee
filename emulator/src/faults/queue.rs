//! The faults that wait, in the order in which they were added.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::FaultError;
use super::fault::Fault;
use super::kind::{FaultKind, Stage, TlsFault};
use super::passed::Passed;
use super::selection::Candidate;
use super::taken::Taken;
use super::waiting::{FaultHandle, FaultStatus, Waiting};
use crate::records::{FaultRecord, Ring};

/// Each request looks at all of them.
const MAX_WAITING: usize = 10_000;
/// Those that are used up are shown for a while.
const MAX_SPENT: usize = 1000;

/// The faults of an emulator. Clones speak of the same.
///
/// ```
/// use ossbind_emulator::{Emulator, Options};
///
/// let emulator = Emulator::start(Options::default())?;
/// let slow = emulator.faults().add("delay for=2s operation=PutObject times=3")?;
/// // ... three slow uploads ...
/// assert_eq!(slow.happened(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Faults {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    tls: TlsSide,
    /// Whether anything waits, so that requests without faults pass quickly.
    any: AtomicBool,
    list: Mutex<List>,
    records: Arc<Ring<FaultRecord>>,
}

#[derive(Debug, Default)]
struct List {
    added: u64,
    waiting: Vec<Arc<Waiting>>,
    spent: VecDeque<Arc<Waiting>>,
    /// Where chance matters.
    passed: Passed,
}

/// What an emulator can do about faults of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TlsSide {
    /// Nothing: it serves plain HTTP.
    Plain,
    /// It has one certificate and cannot make others.
    OneCertificate,
    /// It can make certificates with defects.
    Authority,
}

impl Faults {
    pub(crate) fn new(tls: TlsSide, record_limit: usize) -> Faults {
        Faults {
            shared: Arc::new(Shared {
                tls,
                any: AtomicBool::new(false),
                list: Mutex::default(),
                records: Arc::new(Ring::new(record_limit)),
            }),
        }
    }

    /// Adds a fault, or the text of one. The [stages](crate#faults) tell which of several faults
    /// happen to a request.
    pub fn add<F>(&self, fault: F) -> Result<FaultHandle, FaultError>
    where
        F: TryInto<Fault>,
        FaultError: From<F::Error>,
    {
        let fault = fault.try_into()?;
        self.check(&fault)?;
        let mut added = self.add_all(vec![fault])?;
        // One was added.
        Ok(added.swap_remove(0))
    }

    /// Adds the faults of a script, one in each line; all of them or, if one is wrong, none.
    pub fn add_script(&self, script: &str) -> Result<Vec<FaultHandle>, FaultError> {
        let faults = Fault::script(script)?;
        faults.iter().try_for_each(|fault| self.check(fault))?;
        self.add_all(faults)
    }

    /// How far the faults have got, oldest first; of those that are used up, the newest 1000.
    pub fn list(&self) -> Vec<FaultStatus> {
        let list = self.shared.list();
        let mut all: Vec<FaultStatus> =
            list.spent.iter().chain(&list.waiting).map(|waiting| waiting.status()).collect();
        all.sort_by_key(|status| status.id);
        all
    }

    /// Forgets a fault; false if there is none of this number. Requests that it was taken for still
    /// meet it.
    pub fn remove(&self, id: u64) -> bool {
        let mut list = self.shared.list();
        let before = list.waiting.len() + list.spent.len();
        list.waiting.retain(|waiting| waiting.id != id);
        list.spent.retain(|waiting| waiting.id != id);
        self.shared.note_any(&list);
        list.waiting.len() + list.spent.len() < before
    }

    /// Forgets all faults.
    pub fn clear(&self) {
        let mut list = self.shared.list();
        list.waiting.clear();
        list.spent.clear();
        list.passed = Passed::default();
        self.shared.note_any(&list);
    }

    /// The faults that have happened so far, oldest first.
    pub fn records(&self) -> Vec<FaultRecord> {
        self.shared.records.to_vec()
    }

    /// Like [`records`](Faults::records), and forgets them.
    pub fn take_records(&self) -> Vec<FaultRecord> {
        self.shared.records.take()
    }

    fn check(&self, fault: &Fault) -> Result<(), FaultError> {
        fault.check()?;
        let FaultKind::Tls(tls) = &fault.kind else {
            return Ok(());
        };
        match (self.shared.tls, tls) {
            (TlsSide::Plain, _) => Err(FaultError::of_fault(
                fault,
                "it can never happen, since the emulator serves plain HTTP; start it with TLS",
            )),
            (TlsSide::Authority, _) | (_, TlsFault::Cut | TlsFault::Stall { .. }) => Ok(()),
            (TlsSide::OneCertificate, _) => Err(FaultError::of_fault(
                fault,
                "the emulator cannot make such a certificate, since it was given one without its \
                 authority; start it with one that it made itself",
            )),
        }
    }

    fn add_all(&self, faults: Vec<Fault>) -> Result<Vec<FaultHandle>, FaultError> {
        let mut list = self.shared.list();
        if let Some(first) =
            faults.first().filter(|_| list.waiting.len() + faults.len() > MAX_WAITING)
        {
            let message = format!("{} faults are waiting already", list.waiting.len());
            return Err(FaultError::of_fault(first, message));
        }
        let mut handles = Vec::new();
        for fault in faults {
            list.added += 1;
            let waiting = Arc::new(Waiting::new(list.added, fault));
            list.waiting.push(Arc::clone(&waiting));
            handles.push(FaultHandle { waiting });
        }
        self.shared.note_any(&list);
        Ok(handles)
    }

    /// The faults of these stages for a request, at most one of each.
    pub(crate) fn take(&self, stages: &[Stage], candidate: &Candidate<'_>) -> Vec<Taken> {
        if !self.shared.any.load(Ordering::Acquire) {
            return Vec::new();
        }
        let mut list = self.shared.list();
        let number = list.number(stages, candidate);
        self.take_where(list, stages, |waiting| waiting.is_due(candidate, number))
    }

    /// The fault for a connection.
    pub(crate) fn take_for_connection(&self, connection: u64) -> Option<Taken> {
        if !self.shared.any.load(Ordering::Acquire) {
            return None;
        }
        let is_due = |waiting: &Waiting| waiting.is_due_for_connection(connection);
        self.take_where(self.shared.list(), &[Stage::Connection], is_due).pop()
    }

    fn take_where(
        &self,
        mut list: MutexGuard<'_, List>,
        stages: &[Stage],
        is_due: impl Fn(&Waiting) -> bool,
    ) -> Vec<Taken> {
        let mut taken: Vec<Taken> = Vec::new();
        for waiting in &list.waiting {
            let stage = waiting.fault.kind.stage();
            let is_free = taken.iter().all(|taken| taken.stage() != stage);
            // Attempts count also when an older fault has the place.
            let is_asked = is_free || waiting.fault.selection.attempt.is_some();
            let is_due = stages.contains(&stage) && is_asked && is_due(waiting);
            if is_due && is_free && waiting.claim() {
                taken.push(Taken::new(Arc::clone(waiting), Arc::clone(&self.shared.records)));
            }
        }
        if !taken.is_empty() {
            list.sort_out();
            self.shared.note_any(&list);
        }
        taken
    }
}

impl Shared {
    fn list(&self) -> MutexGuard<'_, List> {
        // A panic while the lock was held cannot leave the list half changed.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_any(&self, list: &List) {
        self.any.store(!list.waiting.is_empty(), Ordering::Release);
    }
}

impl List {
    /// Which of its identity a request is, if chance wants to know. Stages are asked for one after the
    /// other, so each of these questions is counted by itself.
    fn number(&mut self, stages: &[Stage], candidate: &Candidate<'_>) -> u32 {
        let is_asked = |waiting: &Arc<Waiting>| {
            let fault = &waiting.fault;
            fault.chance.is_some() && stages.contains(&fault.kind.stage())
        };
        if !self.waiting.iter().any(is_asked) {
            return 1;
        }
        let question = stages.first().map_or(0, |stage| *stage as u64);
        self.passed.count(candidate.identity().wrapping_add(question))
    }

    /// Puts aside what is used up.
    fn sort_out(&mut self) {
        let spent = self.waiting.extract_if(.., |waiting| waiting.is_spent());
        self.spent.extend(spent);
        while self.spent.len() > MAX_SPENT {
            self.spent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Operation;

    fn candidate(operation: Operation) -> Candidate<'static> {
        let length = Some(10);
        Candidate {
            operation,
            bucket: Some("b"),
            key: Some("a"),
            part: None,
            body_length: length,
            token: None,
        }
    }

    fn taken(faults: &Faults, operation: Operation) -> Vec<u64> {
        let taken = faults.take(Stage::OF_REQUEST, &candidate(operation));
        taken.iter().map(Taken::id).collect()
    }

    #[test]
    fn one_fault_of_each_stage_is_taken_and_the_oldest_first() {
        let faults = Faults::new(TlsSide::Plain, 10);
        let script = "error status=500 operation=PutObject\n\
                      error status=503\n\
                      delay for=1s times=2\n\
                      callback-refuse\n\
                      delay for=1s when=after operation=GetObject\n";
        faults.add_script(script).unwrap();
        assert_eq!(taken(&faults, Operation::PutObject), [1, 3]);
        assert_eq!(taken(&faults, Operation::PutObject), [2, 3]);
        assert_eq!(taken(&faults, Operation::PutObject), [] as [u64; 0]);
        assert_eq!(taken(&faults, Operation::GetObject), [5]);
        let left: Vec<(u64, Option<u64>)> =
            faults.list().into_iter().map(|status| (status.id, status.left)).collect();
        assert_eq!(left, [(1, Some(0)), (2, Some(0)), (3, Some(0)), (4, Some(1)), (5, Some(0))]);
        let callback = faults.take(&[Stage::Callback], &candidate(Operation::PutObject));
        assert_eq!(callback[0].id(), 4);
    }

    #[test]
    fn attempts_count_also_behind_another_fault() {
        let faults = Faults::new(TlsSide::Plain, 10);
        faults.add_script("error status=500\nerror status=503 attempt=2").unwrap();
        assert_eq!(taken(&faults, Operation::PutObject), [1]);
        assert_eq!(taken(&faults, Operation::PutObject), [2]);
    }

    #[test]
    fn chance_decides_anew_about_each_attempt_and_the_same_after_clearing() {
        let faults = Faults::new(TlsSide::Plain, 10);
        let mut rounds = Vec::new();
        for _ in 0..2 {
            faults.add("error status=500 p=0.5").unwrap();
            faults.add("callback-refuse p=0.5").unwrap();
            let hits = |_| {
                let candidate = candidate(Operation::PutObject);
                let request = faults.take(Stage::OF_REQUEST, &candidate).len();
                (request, faults.take(&[Stage::Callback], &candidate).len())
            };
            rounds.push((0..64).map(hits).collect::<Vec<_>>());
            faults.clear();
        }
        assert_eq!(rounds[0], rounds[1]);
        for hit in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            assert!(rounds[0].contains(&hit), "{hit:?}");
        }
    }

    #[test]
    fn places_that_a_body_does_not_have_are_waited_for() {
        let faults = Faults::new(TlsSide::Plain, 10);
        faults.add("reset-request at=11").unwrap();
        faults.add("damage at=end-10").unwrap();
        assert_eq!(taken(&faults, Operation::PutObject), [2]);
    }

    #[test]
    fn faults_can_be_removed() {
        let faults = Faults::new(TlsSide::Plain, 10);
        let first = faults.add("wrong-crc").unwrap();
        faults.add("wrong-crc times=always").unwrap();
        assert!(faults.remove(first.id()) && !faults.remove(first.id()));
        assert_eq!(taken(&faults, Operation::PutObject), [2]);
        faults.clear();
        assert!(faults.list().is_empty());
        assert_eq!(taken(&faults, Operation::PutObject), [] as [u64; 0]);
    }

    #[test]
    fn a_script_with_a_mistake_adds_nothing() {
        let faults = Faults::new(TlsSide::Plain, 10);
        assert!(faults.add_script("wrong-crc\ntls-cut\n").is_err());
        assert!(faults.list().is_empty());
    }

    #[test]
    fn the_number_of_faults_is_bounded() {
        let faults = Faults::new(TlsSide::Plain, 10);
        let script = "wrong-crc\n".repeat(MAX_WAITING);
        faults.add_script(&script).unwrap();
        let error = faults.add("wrong-crc").unwrap_err();
        assert!(error.to_string().contains("10000 faults are waiting already"), "{error}");
        for _ in 0..MAX_SPENT + 5 {
            taken(&faults, Operation::PutObject);
        }
        assert_eq!(faults.list().len(), MAX_WAITING - 5);
    }

    #[test]
    fn faults_of_tls_need_tls() {
        let refusal =
            |side, text: &str| Faults::new(side, 1).add(text).err().map(|e| e.to_string());
        let plain = refusal(TlsSide::Plain, "tls-cut").unwrap();
        assert!(plain.contains("serves plain HTTP; start it with TLS"), "{plain}");
        let given = refusal(TlsSide::OneCertificate, "tls-expired").unwrap();
        assert!(given.contains("start it with one that it made itself"), "{given}");
        assert_eq!(refusal(TlsSide::OneCertificate, "tls-stall"), None);
        assert_eq!(refusal(TlsSide::Authority, "tls-untrusted"), None);
    }
}
