//! What the black-box tests share.
#![allow(dead_code, reason = "every test file uses its own part of this")]

pub mod callback_failures;
pub mod local_oss;
pub mod native;
pub mod raw_server;
