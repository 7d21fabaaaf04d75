//! Places for cancel connections: few in a process, and never all of them for one server, so that one which keeps its
//! cancel connections open does not keep the cancels of others waiting.

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

/// Those to one server among them.
const MOST_TO_ONE: usize = 3;

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

/// A session's wait for a place. It stands in line until it has one, or nothing is to be cancelled any more.
#[derive(Default)]
pub(super) struct Line(Option<oneshot::Receiver<Place>>);

impl Line {
    pub(super) fn poll(&mut self, target: &CancelTarget, context: &mut Context<'_>) -> Poll<Place> {
        let waiting = self.0.get_or_insert_with(|| PLACES.ask(target.place.to_string()));
        let Poll::Ready(answer) = Pin::new(waiting).poll(context) else { return Poll::Pending };
        self.0 = None;
        match answer {
            Ok(place) => Poll::Ready(place),
            // Nobody leaves the line but who waits in it.
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
        if self.taken.len() >= MOST {
            return None;
        }
        let count = |server: &str| self.taken.iter().filter(|taken| *taken == server).count();
        let index = self.line.iter().position(|(server, _)| count(server) < MOST_TO_ONE)?;
        let next = self.line.remove(index)?;
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

    #[test]
    fn one_server_leaves_a_place_to_others() {
        let places = places();
        let mut stuck: Vec<_> = (0..10).map(|_| places.ask("stuck".to_owned())).collect();
        let held: Vec<Place> = stuck.iter_mut().map_while(|waiting| waiting.try_recv().ok()).collect();
        assert_eq!(held.len(), MOST_TO_ONE);
        for _ in 0..10 {
            assert!(places.ask("sound".to_owned()).try_recv().is_ok());
        }
    }

    #[test]
    fn the_process_has_no_more_than_its_places() {
        let places = places();
        let mut waiting: Vec<_> = (0..10).map(|server| places.ask(server.to_string())).collect();
        let held: Vec<Place> = waiting.iter_mut().map_while(|waiting| waiting.try_recv().ok()).collect();
        assert_eq!(held.len(), MOST);
    }

    #[test]
    fn a_place_goes_to_the_next_in_line_that_still_waits() {
        let places = places();
        let mut line: VecDeque<_> = (0..20).map(|_| places.ask("one".to_owned())).collect();
        let mut held: VecDeque<Place> =
            line.drain(..MOST_TO_ONE).map(|mut first| first.try_recv().unwrap()).collect();
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
