//! Panics on demand, for the tests which prove that none gets through. Without the feature `panic-hooks`, and so in
//! everything that is shipped, nothing of it is compiled in.

#[cfg(feature = "panic-hooks")]
static ARMED: std::sync::Mutex<Option<String>> = std::sync::Mutex::new(None);

/// The next pass of `site` panics.
#[cfg(feature = "panic-hooks")]
pub fn arm(site: String) {
    *ARMED.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(site);
}

/// Panics if `site` is armed, once.
#[cfg(feature = "panic-hooks")]
#[allow(clippy::panic, reason = "this is what it is for")]
pub fn trip(site: &str) {
    let hit = {
        let mut armed = ARMED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        armed.take_if(|armed| armed == site).is_some()
    };
    if hit {
        panic!("a test asked for a panic at {site}");
    }
}

/// Does nothing: the feature is off.
#[cfg(not(feature = "panic-hooks"))]
#[inline]
pub fn trip(_site: &str) {}
