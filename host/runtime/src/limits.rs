//! What a guest may use, and the limiter that holds it to its memory.

use std::time::Duration;

use wasmtime::ResourceLimiter;

use crate::fault::Breach;

/// What one guest call may use. Every number is an upper bound; reaching past it is a
/// [fault](verdikt_model::Fault), never a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of linear memory, all memories of the guest together.
    pub memory: usize,
    /// Time of one call. A call for inventory rules gets this much again for every
    /// [`Limits::INVENTORY_DOCUMENTS`] documents of the set.
    pub time: Duration,
    /// Time of the one call in which a pack describes itself.
    pub describe_time: Duration,
    /// Bytes of a pack file. It bounds the time that compiling can take, which nothing can
    /// interrupt.
    pub component_size: usize,
    /// Findings that one call may return.
    pub findings: usize,
    /// Bytes of each string that a guest returns. Longer log lines are cut.
    pub string_length: usize,
    /// Elements of each list inside a finding or a rule's description.
    pub list_length: usize,
    /// Rules that a pack may describe.
    pub rules: usize,
    /// Bytes that a guest may move to the host at once: its result, or the arguments of one call
    /// of `log` or `inventory`.
    pub hostcall_bytes: usize,
    /// Log lines of one call.
    pub log_lines: usize,
    /// Faults after which a pack is stopped. The runtime only reports each of them; whoever
    /// spreads the work over threads counts, and says stop.
    pub faults: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            memory: 64 << 20,
            time: Duration::from_secs(2),
            describe_time: Duration::from_secs(2),
            component_size: 32 << 20,
            findings: 20_000,
            string_length: 64 << 10,
            list_length: 256,
            rules: 1_000,
            hostcall_bytes: 16 << 20,
            log_lines: 1_000,
            faults: 20,
        }
    }
}

impl Limits {
    /// Documents of a set for which a call for inventory rules gets [`Limits::time`] once more. At
    /// the default of two seconds that is 2 ms a document, a hundred times what a rule needs.
    pub const INVENTORY_DOCUMENTS: u32 = 1024;

    /// The time of a call for inventory rules: `time * (1 + documents / 1024)`.
    pub fn inventory_time(&self, documents: usize) -> Duration {
        let documents = u32::try_from(documents).unwrap_or(u32::MAX);
        self.time.saturating_add(self.time.saturating_mul(documents) / Self::INVENTORY_DOCUMENTS)
    }
}

/// Elements of all tables of a guest together. Language runtimes that are compiled to WebAssembly
/// have some 10,000 functions in their tables.
pub(crate) const TABLE_ELEMENTS: usize = 100_000;
/// Core instances of a guest: a componentized core module has three, a guest that is linked from
/// shared libraries a few dozen.
pub(crate) const CORE_INSTANCES: u32 = 64;
pub(crate) const MEMORIES: u32 = 4;
pub(crate) const TABLES: u32 = 8;

/// Holds one store to its memory.
///
/// A growth that is refused traps at once with a typed error. Answering `false` instead would hand
/// the guest a -1, which it could swallow and then look like a pass.
#[derive(Debug)]
pub(crate) struct Guard {
    memory_limit: usize,
    /// What all memories of the store hold.
    memory: usize,
    table: usize,
    /// The growth that is under way, for the message if the operating system refuses it.
    wanted: usize,
}

impl Guard {
    pub(crate) fn new(limits: &Limits) -> Self {
        Guard { memory_limit: limits.memory, memory: 0, table: 0, wanted: 0 }
    }
}

impl ResourceLimiter for Guard {
    fn memory_growing(&mut self, now: usize, wanted: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.wanted = self.memory.saturating_add(wanted.saturating_sub(now));
        if self.wanted > self.memory_limit {
            return Err(Breach::Memory { wanted: self.wanted, limit: self.memory_limit }.into());
        }
        self.memory = self.wanted;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        // The memory's own declared maximum, or the operating system.
        Err(Breach::MemoryRefused { wanted: self.wanted }.into())
    }

    fn table_growing(&mut self, now: usize, wanted: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.table = self.table.saturating_add(wanted.saturating_sub(now));
        if self.table > TABLE_ELEMENTS {
            return Err(Breach::Table { wanted: self.table, limit: TABLE_ELEMENTS }.into());
        }
        Ok(true)
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(Breach::Table { wanted: self.table, limit: TABLE_ELEMENTS }.into())
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES as usize
    }

    fn memories(&self) -> usize {
        MEMORIES as usize
    }

    fn tables(&self) -> usize {
        TABLES as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_inventory_rules_grows_with_the_set() {
        let limits = Limits { time: Duration::from_millis(1024), ..Limits::default() };
        for (documents, millis) in [(0, 1024), (1, 1025), (1024, 2048), (10_240, 11_264)] {
            assert_eq!(limits.inventory_time(documents), Duration::from_millis(millis), "{documents} documents");
        }
        let forever = Limits { time: Duration::MAX, ..Limits::default() };
        assert!(forever.inventory_time(usize::MAX) >= Duration::MAX / 2);
    }

    #[test]
    fn memories_and_tables_are_counted_together() {
        let mut guard = Guard::new(&Limits { memory: 100, ..Limits::default() });
        assert!(guard.memory_growing(0, 60, None).unwrap());
        let error = guard.memory_growing(0, 60, None).unwrap_err();
        assert_eq!(error.downcast_ref::<Breach>(), Some(&Breach::Memory { wanted: 120, limit: 100 }));
        assert!(guard.memory_growing(60, 100, None).unwrap(), "what was refused does not count");
        assert!(guard.table_growing(0, TABLE_ELEMENTS, None).unwrap());
        assert!(guard.table_growing(0, 1, None).is_err());
    }
}
