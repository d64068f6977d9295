//! The derived workload document. A place holder until the normalizer is merged.
