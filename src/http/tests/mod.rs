//! The transport over real sockets: what ends a wait, which way a connection takes, whom it trusts.

mod cancelling;
mod certificates;
mod happy_eyeballs;
mod heads;
mod keeping;
mod names;
mod proxies;
mod rates;
mod sources;
mod support;
mod time_limits;
mod tls;
