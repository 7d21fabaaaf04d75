//! Keeps calls going on threads of their own while the main thread measures a window of them.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::connection::{Answer, Connection, Outcome};
use crate::workload::{Expected, Workload};

const STAMP_EVERY: u64 = 16;

pub struct Window {
    pub warmup: Duration,
    pub length: Duration,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    queries: u64,
    elapsed_ms: f64,
    queries_per_second: f64,
    rows_per_second: f64,
    p50_us: Option<f64>,
    p99_us: Option<f64>,
    process_cpu_us: f64,
    rss_mb: f64,
}

#[derive(Default)]
struct Shared {
    stopping: AtomicBool,
    recording: AtomicBool,
    started: AtomicU64,
    completed: AtomicU64,
    rows: AtomicU64,
}

/// How many calls each connection keeps on the wire.
pub fn depths(mode: &str) -> Vec<usize> {
    match mode {
        "inflight" => vec![64],
        // 64 calls over 10 connections.
        "pool" => (0..10).map(|i| if i < 4 { 7 } else { 6 }).collect(),
        _ => vec![1],
    }
}

pub fn verify(workload: &Workload, expected: &Expected) -> Outcome<()> {
    let mut connection = Connection::open(workload)?;
    let (mut rows, mut sum) = (0, 0);
    for n in 0..expected.calls {
        connection.call(workload.argument(n), false)?;
        connection.exchange(&mut Answer::default(), |answer| {
            rows += answer.rows;
            sum += answer.integer_sum;
        })?;
    }
    if (rows, sum) == (expected.rows, expected.integer_sum) {
        Ok(())
    } else {
        Err(format!("wrong result: {rows} rows, sum {sum}").into())
    }
}

pub fn measure(workload: &Workload, depths: &[usize], window: &Window) -> Outcome<Figures> {
    let shared = &Shared::default();
    let one_at_a_time = depths == [1];
    let stamp_every = if one_at_a_time { 1 } else { STAMP_EVERY };
    thread::scope(|scope| {
        let threads: Vec<_> = depths
            .iter()
            .map(|&depth| scope.spawn(move || drive(workload, depth, stamp_every, shared)))
            .collect();
        thread::sleep(window.warmup);
        shared.recording.store(true, Relaxed);
        let begin =
            (Instant::now(), shared.completed.load(Relaxed), shared.rows.load(Relaxed), process_cpu());
        thread::sleep(window.length);
        let elapsed = begin.0.elapsed().as_secs_f64();
        let queries = shared.completed.load(Relaxed) - begin.1;
        let rows = shared.rows.load(Relaxed) - begin.2;
        let cpu = process_cpu() - begin.3;
        shared.stopping.store(true, Relaxed);
        let mut latencies = Vec::new();
        for thread in threads {
            latencies.extend(thread.join().map_err(|_| "a thread panicked")??);
        }
        latencies.sort_by(f64::total_cmp);
        let percentile = |share: f64| {
            let index = (share * latencies.len() as f64) as usize;
            latencies.get(index.min(latencies.len().saturating_sub(1))).copied()
        };
        Ok(Figures {
            queries,
            elapsed_ms: elapsed * 1e3,
            queries_per_second: queries as f64 / elapsed,
            rows_per_second: rows as f64 / elapsed,
            p50_us: percentile(0.5),
            p99_us: percentile(0.99),
            process_cpu_us: cpu * 1e6 / queries.max(1) as f64,
            rss_mb: most_resident(),
        })
    })
}

fn drive(workload: &Workload, depth: usize, stamp_every: u64, shared: &Shared) -> Outcome<Vec<f64>> {
    let mut connection = Connection::open(workload)?;
    let mut pending = Answer::default();
    let mut latencies = Vec::new();
    loop {
        let stopping = shared.stopping.load(Relaxed);
        while !stopping && connection.in_flight() < depth {
            let n = shared.started.fetch_add(1, Relaxed);
            connection.call(workload.argument(n), n.is_multiple_of(stamp_every))?;
        }
        if connection.in_flight() == 0 {
            return Ok(latencies);
        }
        connection.exchange(&mut pending, |answer| {
            shared.completed.fetch_add(1, Relaxed);
            shared.rows.fetch_add(answer.rows, Relaxed);
            if let Some(sent) = answer.sent
                && shared.recording.load(Relaxed)
            {
                latencies.push(sent.elapsed().as_secs_f64() * 1e6);
            }
        })?;
    }
}

/// CPU time of all living threads in seconds, as Linux's scheduler counts it.
fn process_cpu() -> f64 {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return 0.0 };
    let nanoseconds = tasks
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<u64>().ok())
        .sum::<u64>();
    nanoseconds as f64 / 1e9
}

fn most_resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kilobytes.unwrap_or_default() / 1024.0
}
