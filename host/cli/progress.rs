//! A progress bar for scans that a person waits for.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use verdikt_engine::input::Progress;

use crate::options::Environment;

/// Whoever waits for less is not kept informed.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts what is done, from any thread, and draws once the scan is long.
pub(crate) struct Meter {
    start: Instant,
    files: AtomicUsize,
    parsed: AtomicUsize,
    judged: AtomicUsize,
    bar: OnceLock<ProgressBar>,
}

impl Meter {
    /// A meter, if there is somebody to look at it.
    pub(crate) fn new(environment: &Environment, wanted: bool) -> Option<Self> {
        let watched = wanted && environment.stderr_is_terminal && !environment.dumb && !environment.ci;
        watched.then(|| Meter {
            start: Instant::now(),
            files: AtomicUsize::new(0),
            parsed: AtomicUsize::new(0),
            judged: AtomicUsize::new(0),
            bar: OnceLock::new(),
        })
    }

    pub(crate) fn loading(&self, progress: Progress) {
        match progress {
            Progress::Found(files) => self.files.fetch_add(files, Ordering::Relaxed),
            Progress::Parsed(files) => self.parsed.fetch_add(files, Ordering::Relaxed),
        };
        self.draw();
    }

    pub(crate) fn judging(&self, results: usize) {
        self.judged.fetch_add(results, Ordering::Relaxed);
        self.draw();
    }

    fn draw(&self) {
        if self.start.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_init(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            // The template is ours; should it be wrong, the default does.
            let style = ProgressStyle::with_template("{spinner} {msg} [{elapsed}] {wide_bar} {pos}/{len}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        let judged = self.judged.load(Ordering::Relaxed);
        bar.set_length(self.files.load(Ordering::Relaxed) as u64);
        bar.set_position(self.parsed.load(Ordering::Relaxed) as u64);
        bar.set_message(if judged == 0 { "reading files".to_owned() } else { format!("{judged} documents judged") });
    }

    /// Takes the bar away, so that it never stands between lines of output.
    pub(crate) fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
