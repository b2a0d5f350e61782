//! The listings scored last, so that one can be scored again when a post changes what is known about it.
//!
//! Not here: scoring again (`rescoring.rs`). Kept true: memory is bounded by the number of places; keeping one costs a lock that
//! nobody else waits for and no copy, because the content was done with anyway.
//!
//! Why listings that nobody mentions are kept too: the post comes after the listing as often as before it, and an allowed listing
//! is in no record.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use crate::domain::{Action, Listing, Risk};

/// Listings kept: some 30 MB of ordinary ones.
const PLACES: usize = 8192;

/// A listing and what was said of it.
#[derive(Clone, Debug)]
pub(super) struct Scored {
    pub(super) listing: Listing,
    pub(super) action: Action,
    pub(super) risk: Risk,
}

/// Listings by the hash of their identifier: a new one takes the place of the one before.
#[derive(Debug)]
pub(super) struct RecentListings {
    places: Box<[Mutex<Option<Box<Scored>>>]>,
    hasher: RandomState,
}

impl Default for RecentListings {
    fn default() -> Self {
        let places = std::iter::repeat_with(Mutex::default).take(PLACES).collect();
        RecentListings { places, hasher: RandomState::new() }
    }
}

impl RecentListings {
    /// Keeps a listing.
    pub(super) fn put(&self, scored: Scored) {
        if let Some(place) = self.place(&scored.listing.listing_id) {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(scored));
        }
    }

    /// The listing, if it is still here.
    pub(super) fn get(&self, listing_id: &str) -> Option<Scored> {
        let place = self.place(listing_id)?.lock().unwrap_or_else(PoisonError::into_inner);
        place.as_deref().filter(|scored| scored.listing.listing_id == listing_id).cloned()
    }

    fn place(&self, listing_id: &str) -> Option<&Mutex<Option<Box<Scored>>>> {
        self.places.get(self.hasher.hash_one(listing_id) as usize % PLACES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_listings_are_here_and_no_more_than_there_are_places() {
        let recent = RecentListings::default();
        let listing = |at: usize| Listing { listing_id: format!("l-{at}"), ..Listing::default() };
        for at in 0..3 * PLACES {
            recent.put(Scored { listing: listing(at), action: Action::Allow, risk: Risk::default() });
        }
        let here = (0..3 * PLACES).filter(|at| recent.get(&format!("l-{at}")).is_some()).count();
        assert!(here <= PLACES && here > PLACES / 2, "{here}");
        assert!(recent.get(&format!("l-{}", 3 * PLACES - 1)).is_some());
        assert!(recent.get("never").is_none());
    }
}
