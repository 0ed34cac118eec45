//! Towards clients. In: connections that were accepted. Out: requests for [`super::exchange`], within the limits.

pub mod activity;
pub mod connection;
pub mod forwarded;
pub mod tls;
pub mod wait;
mod wire;
