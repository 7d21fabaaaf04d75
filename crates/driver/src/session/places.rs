//! Places for cancel connections. A process has four of them, and a server which keeps its cancel connections open must
//! not keep the cancels of other servers waiting.
//!
//! The server that holds fewest places comes first, and servers that hold as many take turns. A server gets a further place
//! only while at least as many places are free as it will hold. So one stuck server holds two places, and two of them hold
//! three. When four servers are stuck, a fifth one waits until the first of their connections is given up.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use tokio::sync::oneshot;

use crate::cancel::CancelTarget;

/// Cancel connections that the process has open at a time.
const MOST: usize = 4;

static PLACES: Places = Places::new();

struct Places(Mutex<State>);

struct State {
    /// The servers of those that are taken.
    taken: Vec<String>,
    line: VecDeque<(String, oneshot::Sender<Place>)>,
}

/// One of the places, until it is dropped.
pub(super) struct Place {
    server: String,
    places: &'static Places,
}

/// A session's wait for a place. The session stands in line until it has one, or until its call needs no cancel any more.
#[derive(Default)]
pub(super) struct Line(Option<oneshot::Receiver<Place>>);

impl Line {
    pub(super) fn poll(&mut self, target: &CancelTarget, context: &mut Context<'_>) -> Poll<Place> {
        let waiting = self.0.get_or_insert_with(|| PLACES.ask(target.place.to_string()));
        let Poll::Ready(answer) = Pin::new(waiting).poll(context) else { return Poll::Pending };
        self.0 = None;
        match answer {
            Ok(place) => Poll::Ready(place),
            // Does not happen: only the one who waits takes an entry out of the line.
            Err(_) => Poll::Pending,
        }
    }

    pub(super) fn leave(&mut self) {
        self.0 = None;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.free(&self.server);
    }
}

impl Places {
    const fn new() -> Self {
        Self(Mutex::new(State { taken: Vec::new(), line: VecDeque::new() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&'static self, server: String) -> oneshot::Receiver<Place> {
        let (place, waiting) = oneshot::channel();
        self.state().line.push_back((server, place));
        self.give();
        waiting
    }

    fn free(&'static self, server: &str) {
        let mut state = self.state();
        if let Some(index) = state.taken.iter().position(|taken| taken == server) {
            state.taken.swap_remove(index);
        }
        drop(state);
        self.give();
    }

    /// Gives away what can be given, in the order of the line.
    fn give(&'static self) {
        loop {
            let next = self.state().next();
            let Some((server, waiting)) = next else { return };
            // One that left meanwhile gives its place back by dropping it.
            let _ = waiting.send(Place { server, places: self });
        }
    }
}

impl State {
    fn next(&mut self) -> Option<(String, oneshot::Sender<Place>)> {
        self.line.retain(|(_, waiting)| !waiting.is_closed());
        let free = MOST - self.taken.len();
        if free == 0 {
            return None;
        }
        let count = |server: &str| self.taken.iter().filter(|taken| *taken == server).count();
        let counts = self.line.iter().map(|(server, _)| count(server)).enumerate();
        // The first of several that have as few.
        let (index, fewest) = counts.min_by_key(|(_, count)| *count)?;
        if fewest >= free {
            return None;
        }
        let next = self.line.remove(index)?;
        // Its others stand behind everybody now, so that servers take turns.
        self.line.make_contiguous().sort_by_key(|(server, _)| *server == next.0);
        self.taken.push(next.0.clone());
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> &'static Places {
        Box::leak(Box::new(Places::new()))
    }

    type Waiting = oneshot::Receiver<Place>;

    fn ask(places: &'static Places, server: &str, times: usize) -> VecDeque<Waiting> {
        (0..times).map(|_| places.ask(server.to_owned())).collect()
    }

    /// Takes the places that were given, from the front of the line.
    fn given(line: &mut VecDeque<Waiting>) -> VecDeque<Place> {
        let mut given = VecDeque::new();
        while let Some(place) = line.front_mut().and_then(|first| first.try_recv().ok()) {
            line.pop_front();
            given.push_back(place);
        }
        given
    }

    #[test]
    fn servers_that_are_stuck_leave_places_to_others() {
        let places = places();
        let mut lines = Vec::new();
        let mut held = Vec::new();
        for (stuck, holds) in [("one", 2), ("another", 1)] {
            let mut line = ask(places, stuck, 10);
            held.push(given(&mut line));
            assert_eq!(held.last().unwrap().len(), holds, "{stuck}");
            lines.push(line);
            for _ in 0..10 {
                assert!(places.ask("sound".to_owned()).try_recv().is_ok(), "beside {stuck}");
            }
        }
    }

    #[test]
    fn the_process_has_no_more_than_its_places() {
        let places = places();
        let mut line: VecDeque<_> = (0..10).map(|server| places.ask(server.to_string())).collect();
        assert_eq!(given(&mut line).len(), MOST);
    }

    #[test]
    fn a_server_without_a_place_comes_before_those_that_have_one() {
        let places = places();
        let mut lines: Vec<_> = ["a", "b", "c", "d"].map(|server| ask(places, server, 10)).into();
        let mut held: Vec<_> = lines.iter_mut().map(given).collect();
        assert_eq!(held.iter().map(VecDeque::len).collect::<Vec<_>>(), [2, 1, 1, 0]);
        // The second place of the first server goes to the one that has none.
        held[0].pop_front();
        held[3] = given(&mut lines[3]);
        assert_eq!(held.iter().map(VecDeque::len).collect::<Vec<_>>(), [1, 1, 1, 1]);
        // One that comes last waits for one turn of each of those before it, however many wait there.
        let mut sound = places.ask("sound".to_owned());
        for number in 0..4 {
            assert!(sound.try_recv().is_err(), "before server {number}");
            held[number].pop_front();
            held[number] = given(&mut lines[number]);
        }
        held[0].pop_front();
        assert!(sound.try_recv().is_ok());
    }

    #[test]
    fn a_place_goes_to_the_next_in_line_that_still_waits() {
        let places = places();
        let mut line = ask(places, "one", 20);
        let mut held = given(&mut line);
        line.pop_front();
        held.pop_front();
        assert!(line.pop_front().unwrap().try_recv().is_ok());
        // It was dropped at once, and so the one behind it has a place.
        assert!(line.front_mut().unwrap().try_recv().is_ok());
        drop((line, held));
        assert!(places.state().taken.is_empty());
        assert!(places.ask("one".to_owned()).try_recv().is_ok());
        assert!(places.state().line.is_empty());
    }
}
