//! Calls that wait for their turn, found by their number.

use std::collections::{HashMap, VecDeque};

use super::flight::Call;

/// In the order in which the calls were made. A call that is taken out of the middle leaves an empty place behind, so
/// that giving up thousands of many more moves nothing.
#[derive(Default)]
pub(super) struct Queue {
    places: VecDeque<Place>,
    /// Places that are not empty.
    calls: usize,
    /// The order of each call by its request, made when a call is first looked for in a long queue.
    orders: Option<HashMap<u32, u64>>,
}

struct Place {
    order: u64,
    call: Option<Call>,
}

/// An empty queue that has had more places gives them back.
const KEEP: usize = 1024;

/// How many calls can be made in the place of a reservation. No method makes more than a handful; what is beyond goes
/// behind all others.
pub(super) const RESERVED: u64 = 64;

/// Places up to which a call is looked for one by one.
const SHORT: usize = 32;

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.calls
    }

    /// Adds a call at its place: behind all others, unless it is to be run again.
    pub(super) fn add(&mut self, call: Call) {
        if let Some(orders) = &mut self.orders {
            orders.insert(call.request.id, call.order);
        }
        self.calls += 1;
        let order = call.order;
        let place = Place { order, call: Some(call) };
        match self.places.back() {
            Some(last) if last.order > order => {
                let at = self.places.partition_point(|place| place.order < order);
                self.places.insert(at, place);
            }
            _ => self.places.push_back(place),
        }
    }

    /// The next place of those that a reservation holds.
    pub(super) fn order_at(&mut self, reservation: u32) -> Option<u64> {
        let call = self.get_mut(reservation).filter(|call| call.guests < RESERVED)?;
        call.guests += 1;
        Some(call.order - RESERVED + call.guests - 1)
    }

    pub(super) fn front(&self) -> Option<&Call> {
        self.places.front().and_then(|place| place.call.as_ref())
    }

    pub(super) fn pop_front(&mut self) -> Option<Call> {
        self.take_at(0)
    }

    pub(super) fn pop_front_if(&mut self, condition: bool) -> Option<Call> {
        if condition { self.pop_front() } else { None }
    }

    /// Takes the call of a request out.
    pub(super) fn take(&mut self, request: u32) -> Option<Call> {
        let at = self.place_of(request)?;
        self.take_at(at)
    }

    pub(super) fn get_mut(&mut self, request: u32) -> Option<&mut Call> {
        let at = self.place_of(request)?;
        self.places.get_mut(at)?.call.as_mut()
    }

    fn place_of(&mut self, request: u32) -> Option<usize> {
        if self.places.len() <= SHORT {
            let is_it = |place: &Place| place.call.as_ref().is_some_and(|call| call.request.id == request);
            return self.places.iter().position(is_it);
        }
        let places = &self.places;
        let orders = self.orders.get_or_insert_with(|| {
            let calls = places.iter().filter_map(|place| place.call.as_ref());
            calls.map(|call| (call.request.id, call.order)).collect()
        });
        let order = *orders.get(&request)?;
        self.places.binary_search_by_key(&order, |place| place.order).ok()
    }

    /// Takes the call of this order out.
    pub(super) fn take_by_order(&mut self, order: u64) -> Option<Call> {
        let at = self.places.binary_search_by_key(&order, |place| place.order).ok()?;
        self.take_at(at)
    }

    pub(super) fn by_order_mut(&mut self, order: u64) -> Option<&mut Call> {
        let at = self.places.binary_search_by_key(&order, |place| place.order).ok()?;
        self.places.get_mut(at)?.call.as_mut()
    }

    pub(super) fn contains(&self, order: u64) -> bool {
        let at = self.places.binary_search_by_key(&order, |place| place.order);
        at.is_ok_and(|at| self.places.get(at).is_some_and(|place| place.call.is_some()))
    }

    fn take_at(&mut self, at: usize) -> Option<Call> {
        let call = self.places.get_mut(at)?.call.take()?;
        self.calls -= 1;
        if self.calls == 0 {
            self.orders = None;
        } else if let Some(orders) = &mut self.orders {
            orders.remove(&call.request.id);
        }
        // The first place is never an empty one.
        while self.places.front().is_some_and(|place| place.call.is_none()) {
            self.places.pop_front();
        }
        if self.places.is_empty() && self.places.capacity() > KEEP {
            self.places = VecDeque::new();
        }
        Some(call)
    }

    /// Takes all of them, in their order.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Call> + use<> {
        std::mem::take(self).places.into_iter().filter_map(|place| place.call)
    }
}
