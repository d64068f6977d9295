//! The engine under all packs: how code is compiled, where instances live, and how one guest call
//! is made.
//!
//! Lifetimes, from long to short: [`Runtime`] (process; it holds the `wasmtime::Engine`, the
//! linkers and the clock) → [`RulePack`](crate::RulePack) (linked once) → store (one guest call,
//! dropped after it whatever the outcome).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use verdikt_model::Fault;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, Memory, MemoryType, PoolingAllocationConfig, Store};

use crate::adapter::Linkers;
use crate::cache::Cache;
use crate::error::{PackError, RuntimeError};
use crate::fault::{Failure, Stage, classify};
use crate::inventory::Access;
use crate::limits::{CORE_INSTANCES, Limits, MEMORIES, TABLE_ELEMENTS, TABLES};
use crate::pack::{self, PackSource, RulePack};
use crate::permits::Permits;
use crate::state::State;
use crate::ticker;

/// How a [`Runtime`] is set up.
#[derive(Clone, Debug)]
pub struct RuntimeOptions {
    pub limits: Limits,
    /// Folder for code that was compiled ahead of time. It is made if it does not exist, and left
    /// alone if anybody else could write to it.
    pub cache: Option<PathBuf>,
    /// How many guests may run at once; more callers than that wait for each other.
    pub concurrency: usize,
}

impl Default for RuntimeOptions {
    /// No cache, as many guests as the machine runs threads.
    fn default() -> Self {
        let concurrency = std::thread::available_parallelism().map_or(1, usize::from);
        RuntimeOptions { limits: Limits::default(), cache: None, concurrency }
    }
}

/// The sandbox. One serves a whole process; it is cheap to share and holds no global state.
///
/// Threads that call guests need stacks of at least 1 MiB: guests run on them, up to half of that.
pub struct Runtime {
    shared: Arc<Shared>,
}

impl Runtime {
    /// # Errors
    /// When the machine has no room for a WebAssembly engine, or no thread for its clock.
    pub fn new(options: RuntimeOptions) -> Result<Runtime, RuntimeError> {
        let concurrency = options.concurrency.clamp(1, MAX_CONCURRENCY);
        let (engine, allocation) = first_that_works(concurrency).map_err(RuntimeError::Engine)?;
        ticker::start(&engine).map_err(RuntimeError::Ticker)?;
        let linkers = Linkers::new(&engine).map_err(RuntimeError::Engine)?;
        let cache = options.cache.and_then(|folder| Cache::open(folder, &engine));
        let permits = Permits::new(concurrency);
        let shared = Shared { engine, allocation, linkers, permits, cache, limits: options.limits };
        Ok(Runtime { shared: Arc::new(shared) })
    }

    /// Makes a pack ready: checks what it is, compiles it or finds it compiled, asks it for its
    /// description under limits, and checks that.
    ///
    /// # Errors
    /// What is wrong with the pack and what to do about it.
    pub fn load(&self, source: PackSource<'_>) -> Result<RulePack, PackError> {
        pack::load(&self.shared, source)
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Where the memories of guests live on this machine.
    pub fn allocation(&self) -> Allocation {
        self.shared.allocation
    }
}

/// Where the memories of guests live: the first of these for which there is address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocation {
    /// In a pool that is mapped once.
    Pooling,
    /// Each mapped when it is needed, with 4 GiB of address space, so that its bounds are checked
    /// by the hardware.
    OnDemand,
    /// Each with little address space and its bounds checked by instructions, a third slower. Under
    /// `ulimit -v`. Code that was compiled for the others does not fit and is compiled again.
    Compact,
}

impl Allocation {
    const BEST_FIRST: [Allocation; 3] = [Allocation::Pooling, Allocation::OnDemand, Allocation::Compact];
}

/// A pool for more would take more than a hundredth of the address space.
const MAX_CONCURRENCY: usize = 64;

/// A guest's stack on top of its caller's. The default of wasmtime, stated since it is a limit.
const GUEST_STACK: usize = 512 << 10;

/// What packs share with their runtime.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    allocation: Allocation,
    pub(crate) linkers: Linkers,
    permits: Permits,
    pub(crate) cache: Option<Cache>,
    pub(crate) limits: Limits,
}

/// A guest call that ended in a fault.
#[derive(Debug)]
pub(crate) struct CallFault {
    pub(crate) fault: Fault,
    /// Whether the guest could not even be started, so that the request is not to blame.
    pub(crate) before_request: bool,
}

impl Shared {
    /// Makes one guest call in a store of its own. The store is dropped after it, also when the
    /// call failed in a way that left the instance callable.
    pub(crate) fn call<T>(
        &self,
        pack: &Arc<str>,
        access: Access,
        time: Duration,
        call: impl FnOnce(&mut Store<State>) -> Result<T, Failure>,
    ) -> Result<T, CallFault> {
        // Declared before the store, so given back after the store's place in the pool is free.
        let _permit = self.permits.acquire();
        let mut store = Store::new(&self.engine, State::new(pack, &self.limits, access));
        store.limiter(|state| &mut state.guard);
        store.set_hostcall_fuel(self.limits.hostcall_bytes);
        store.set_epoch_deadline(ticker::ticks(time));
        call(&mut store).map_err(|failure| CallFault {
            fault: classify(&failure, time, store.data().last_error()),
            before_request: failure.stage == Stage::Instantiate,
        })
    }
}

fn first_that_works(concurrency: usize) -> wasmtime::Result<(Engine, Allocation)> {
    let mut last = None;
    for allocation in Allocation::BEST_FIRST {
        match try_engine(allocation, concurrency) {
            Ok(engine) => return Ok((engine, allocation)),
            Err(error) => {
                tracing::debug!(?allocation, error = format!("{error:#}"), "no room for this way to allocate");
                last = Some(error);
            }
        }
    }
    Err(last.unwrap_or_else(|| wasmtime::format_err!("there is no way to allocate")))
}

fn try_engine(allocation: Allocation, concurrency: usize) -> wasmtime::Result<Engine> {
    let engine = Engine::new(&config(allocation, concurrency, None)?)?;
    if allocation == Allocation::OnDemand {
        // The engine reserves nothing yet. So many empty memories at once show whether it could.
        let mut store = Store::new(&engine, ());
        for _ in 0..concurrency {
            Memory::new(&mut store, MemoryType::new(0, None))?;
        }
    }
    Ok(engine)
}

/// An engine that compiles for the baseline CPU of this machine's kind, not for its own CPU, so
/// that the code runs on every machine of the kind. It only compiles.
pub(crate) fn baseline_engine() -> wasmtime::Result<Engine> {
    Engine::new(&config(Allocation::OnDemand, 1, BASELINE)?)
}

/// The kind of this machine. wasmtime compares architecture and operating system; naming a target
/// at all is what turns the detection of CPU features off.
const BASELINE: Option<&str> = if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
    Some("x86_64-unknown-linux-gnu")
} else if cfg!(all(target_arch = "aarch64", target_os = "linux")) {
    Some("aarch64-unknown-linux-gnu")
} else if cfg!(all(target_arch = "x86_64", target_os = "macos")) {
    Some("x86_64-apple-darwin")
} else if cfg!(all(target_arch = "aarch64", target_os = "macos")) {
    Some("aarch64-apple-darwin")
} else if cfg!(all(target_arch = "x86_64", target_os = "windows")) {
    Some("x86_64-pc-windows-msvc")
} else {
    None
};

/// One place for all that compiled code depends on. Code compiled ahead of time fits an engine
/// only when both agree on it.
fn config(allocation: Allocation, concurrency: usize, target: Option<&str>) -> wasmtime::Result<Config> {
    let mut config = Config::new();
    if let Some(target) = target {
        config.target(target)?;
    }
    config
        .wasm_component_model(true)
        // Guests are called and return; nothing here is asynchronous.
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(GUEST_STACK)
        // One result on every machine: no instruction whose outcome depends on the CPU, and one
        // bit pattern for what is not a number.
        .wasm_relaxed_simd(false)
        .cranelift_nan_canonicalization(true)
        // Faults are told by type; nobody reads offsets into a pack's code.
        .generate_address_map(false);
    match allocation {
        Allocation::Pooling => {
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(concurrency)));
        }
        Allocation::OnDemand => {
            config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
        }
        Allocation::Compact => {
            config
                .allocation_strategy(InstanceAllocationStrategy::OnDemand)
                // Room for the default limit, so that growing seldom means copying.
                .memory_reservation(64 << 20)
                .memory_reservation_for_growth(16 << 20)
                .memory_guard_size(64 << 10);
        }
    }
    Ok(config)
}

/// A pool with room for `concurrency` guests. It costs address space, not memory.
fn pool(concurrency: usize) -> PoolingAllocationConfig {
    let guests = u32::try_from(concurrency).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(guests)
        .total_core_instances(guests.saturating_mul(CORE_INSTANCES))
        .total_memories(guests.saturating_mul(MEMORIES))
        .total_tables(guests.saturating_mul(TABLES))
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_memories_per_module(MEMORIES)
        .max_tables_per_module(TABLES)
        .table_elements(TABLE_ELEMENTS)
        // The limiter is what holds guests to their memory, with an error that has a type. The
        // place is as large as the code expects it.
        .max_memory_size(4 << 30)
        // A batch of documents touches most of what a guest has. Clearing that takes less time than mapping
        // it anew, page by page: with 40 batches of 64 documents there were 37,000 faults, and are 11,000.
        .linear_memory_keep_resident(4 << 20)
        .table_keep_resident(TABLE_ELEMENTS * size_of::<usize>());
    pool
}
