//! Taking turns, counting allocations, reading the peak memory.

use std::alloc::System;
use std::hint::black_box;
use std::time::{Duration, Instant};

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use crate::Result;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Time per run of `work`.
pub(crate) fn time<T>(runs: u32, mut work: impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..runs {
        black_box(work());
    }
    start.elapsed() / runs
}

/// Time per run of the future that `work` makes.
pub(crate) async fn time_async<T, F: Future<Output = T>>(
    runs: u32,
    mut work: impl FnMut() -> F,
) -> Duration {
    let start = Instant::now();
    for _ in 0..runs {
        black_box(work().await);
    }
    start.elapsed() / runs
}

/// Ratios of pairs of times, and what came out of them.
#[derive(Default)]
pub(crate) struct Pairs {
    ratios: Vec<f64>,
    ours: Vec<Duration>,
    baseline: Vec<Duration>,
}

impl Pairs {
    pub(crate) fn push(&mut self, ours: Duration, baseline: Duration) {
        self.ratios.push(ours.as_secs_f64() / baseline.as_secs_f64());
        self.ours.push(ours);
        self.baseline.push(baseline);
    }

    /// The median of the ratios.
    pub(crate) fn ratio(&mut self) -> f64 {
        self.ratios.sort_by(f64::total_cmp);
        self.ratios[self.ratios.len() / 2]
    }

    /// The median times, for reading along.
    pub(crate) fn times(&mut self) -> String {
        self.ours.sort();
        self.baseline.sort();
        let middle = self.ours.len() / 2;
        format!("{:.2?} against {:.2?}", self.ours[middle], self.baseline[middle])
    }
}

/// Allocations and reallocations per run of `work`, once warm. Rounded down: a buffer that
/// grows now and then is not a cost of each run.
pub(crate) async fn allocations<T, F: Future<Output = T>>(mut work: impl FnMut() -> F) -> usize {
    const RUNS: usize = 200;
    for _ in 0..20 {
        black_box(work().await);
    }
    let region = Region::new(ALLOCATOR);
    for _ in 0..RUNS {
        black_box(work().await);
    }
    let stats = region.change();
    (stats.allocations + stats.reallocations) / RUNS
}

/// The resident memory of this process: now, and at its peak since the last reset; MiB.
pub(crate) fn memory() -> Result<(f64, f64)> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let mebibytes = |name: &str| -> Result<f64> {
        let line = status.lines().find(|line| line.starts_with(name)).ok_or("no such figure")?;
        let kibibytes: f64 = line.split_whitespace().nth(1).ok_or("no figure")?.parse()?;
        Ok(kibibytes / 1024.0)
    };
    Ok((mebibytes("VmRSS:")?, mebibytes("VmHWM:")?))
}

/// Makes the present memory the peak.
pub(crate) fn reset_peak() -> Result {
    Ok(std::fs::write("/proc/self/clear_refs", "5")?)
}
