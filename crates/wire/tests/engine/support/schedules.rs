//! Random schedules, one for each seed.

use std::time::{Duration, Instant};

/// Runs schedules for so many seconds, or as many as `CORNAC_SCHEDULES` says, from the seed `CORNAC_SEED` on. A failure
/// names the seed of its schedule.
pub(crate) fn run_schedules(seconds: u64, run: fn(u64)) {
    let from = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let (seed, count) = (from("CORNAC_SEED").unwrap_or(0), from("CORNAC_SCHEDULES"));
    let started = Instant::now();
    let mut done = 0;
    for seed in seed..seed + count.unwrap_or(100_000) {
        if count.is_none() && started.elapsed() > Duration::from_secs(seconds) {
            break;
        }
        if let Err(panic) = std::panic::catch_unwind(|| run(seed)) {
            let reason = panic.downcast_ref::<String>().map_or("see above", String::as_str);
            panic!("schedule {seed}: {reason}");
        }
        done += 1;
    }
    assert!(done > 0);
}
