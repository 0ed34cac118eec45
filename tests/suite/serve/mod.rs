//! The live driver over real sockets.

mod forwarding;
mod life;
mod processes;
mod trouble;
