//! Who watches a machine: traces, coverage, profilers. Compiled away when nobody does.

use crate::bytecode::unit::Step;
use crate::document::{Scope, Section};
use crate::dotnet::context::{Exchange, LastError};
use crate::dotnet::heap::Heap;

/// Sees each statement before it runs.
pub trait Observer: Send {
    fn step(&mut self, step: &Step, scope: Scope, section: Section, exchange: &Exchange, heap: &Heap);

    /// The pipeline has ended; its response is in the exchange.
    fn responding(&mut self, exchange: &Exchange, heap: &Heap) {
        let _ = (exchange, heap);
    }

    /// A statement or expression failed.
    fn failed(&mut self, error: &LastError) {
        let _ = error;
    }
}

/// Several see the same, in their order.
impl Observer for Vec<Box<dyn Observer>> {
    fn step(&mut self, step: &Step, scope: Scope, section: Section, exchange: &Exchange, heap: &Heap) {
        for observer in self {
            observer.step(step, scope, section, exchange, heap);
        }
    }

    fn responding(&mut self, exchange: &Exchange, heap: &Heap) {
        for observer in self {
            observer.responding(exchange, heap);
        }
    }

    fn failed(&mut self, error: &LastError) {
        for observer in self {
            observer.failed(error);
        }
    }
}
