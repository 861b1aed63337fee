//! Local OSS.
