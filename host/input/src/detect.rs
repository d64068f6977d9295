//! What a file is.
