//! ossbind
