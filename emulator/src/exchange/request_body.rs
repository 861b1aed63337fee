//! The body of a request while it arrives, cut at the places where something shall happen.

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};

use crate::faults::{FaultKind, Position, Taken, WireFault};

pub(crate) struct RequestBody {
    incoming: Incoming,
    /// What has arrived behind a place where something shall happen.
    rest: Bytes,
    consumed: u64,
    arrival: Option<Arrival>,
    damage: Option<(u64, Taken)>,
}

/// What shall go wrong while a body arrives.
#[derive(Clone, Debug)]
struct Arrival {
    taken: Taken,
    fault: WireFault,
    /// `None` is the end of a body that did not say its length.
    at: Option<u64>,
}

impl RequestBody {
    pub(crate) fn new(incoming: Incoming) -> RequestBody {
        RequestBody { incoming, rest: Bytes::new(), consumed: 0, arrival: None, damage: None }
    }

    /// The length, if it was announced.
    pub(crate) fn length(&self) -> Option<u64> {
        self.incoming.size_hint().exact()
    }

    /// Whether nothing is left to read.
    pub(crate) fn is_end(&self) -> bool {
        self.rest.is_empty() && self.incoming.is_end_stream()
    }

    /// Adds a fault, before anything is read.
    pub(crate) fn arm(&mut self, taken: Taken) {
        match taken.kind() {
            FaultKind::Request(fault) => {
                let fault = *fault;
                self.arrival = Some(Arrival { taken, fault, at: self.place(fault) });
            }
            FaultKind::Damage { at } => {
                let place = at.within(0, self.length().unwrap_or(u64::MAX));
                self.damage = place.map(|place| (place, taken));
            }
            _ => {}
        }
    }

    fn place(&self, fault: WireFault) -> Option<u64> {
        let at = match fault {
            WireFault::Reset { at } | WireFault::Close { at } | WireFault::Stall { at, .. } => at,
            WireFault::Trickle { .. } => return None,
        };
        match (at, self.length()) {
            (_, Some(length)) => at.within(0, length),
            (Position::Body(bytes), None) => Some(bytes),
            // The end is seen when it comes.
            (Position::Head(_) | Position::End(_), None) => None,
        }
    }

    /// The next bytes; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, hyper::Error>> {
        let mut piece = std::mem::take(&mut self.rest);
        while piece.is_empty() {
            match self.incoming.frame().await?.map(|frame| frame.into_data()) {
                Ok(Ok(bytes)) => piece = bytes,
                // Trailers are no content.
                Ok(Err(_)) => {}
                Err(error) => return Some(Err(error)),
            }
        }
        if let Some(at) = self.arrival.as_ref().and_then(|arrival| arrival.at) {
            let until = usize::try_from(at.saturating_sub(self.consumed)).unwrap_or(usize::MAX);
            // Behind the place there is nothing to cut.
            if (1..piece.len()).contains(&until) {
                self.rest = piece.split_off(until);
            }
        }
        self.consumed += piece.len() as u64;
        Some(Ok(piece))
    }

    /// The fault whose place has been reached; `ended` tells that there is nothing more to read.
    pub(crate) fn due(&mut self, ended: bool) -> Option<(WireFault, Taken)> {
        let arrival = self.arrival.as_ref()?;
        let reached = match (arrival.fault, arrival.at) {
            (WireFault::Trickle { .. }, _) => false,
            (_, Some(at)) => at == self.consumed,
            (_, None) => ended,
        };
        let arrival = self.arrival.take_if(|_| reached)?;
        Some((arrival.fault, arrival.taken))
    }

    /// How slowly the body is to be read.
    pub(crate) fn trickle(&self) -> Option<(u64, Taken)> {
        match self.arrival.as_ref()? {
            Arrival { fault: WireFault::Trickle { bytes_per_second }, taken, .. } => {
                Some((*bytes_per_second, taken.clone()))
            }
            _ => None,
        }
    }

    /// Damages the piece that was read last, if the place is in it.
    pub(crate) fn damage(&mut self, piece: Bytes) -> (Bytes, Option<Taken>) {
        let start = self.consumed - piece.len() as u64;
        let is_here = |place: u64| (start..self.consumed).contains(&place);
        let Some((place, taken)) = self.damage.take_if(|(place, _)| is_here(*place)) else {
            return (piece, None);
        };
        let mut bytes = Vec::from(piece);
        // It fits, since the piece is in memory.
        bytes[(place - start) as usize] ^= 0x01;
        (bytes.into(), Some(taken))
    }
}
