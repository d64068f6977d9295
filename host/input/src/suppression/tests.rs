//! What texts say, from a file to directives.
