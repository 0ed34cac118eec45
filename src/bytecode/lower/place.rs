//! Places: read, stored, and handed on by reference.

use super::super::op::{Op, Reg};
use super::super::unit::NativeCall;
use super::Lowering;
use crate::dotnet::value::Value;
use crate::typed::ir::{Expr, Place};

impl Lowering<'_, '_, '_> {
    /// A reference to a place, in a register.
    pub(super) fn reference(&mut self, value: &Expr, place: &Place, to: Reg) {
        match place {
            Place::Local(local) => {
                let from = self.local(*local);
                self.out.emit(Op::Move { to, from });
            }
            Place::Captured(at) => {
                let from = self.frame.captures[*at as usize];
                self.out.emit(Op::Move { to, from });
            }
            Place::Deref(reference) => self.expr_into(reference, to),
            Place::ArrayItem { array, index } => {
                let base = self.out.registers(2);
                self.expr_into(array, base);
                self.expr_into(index, base + 1);
                self.at(value.span);
                let native = self.out.native_call(NativeCall::new(
                    crate::dotnet::system::collections::grid::reference,
                    "ref",
                    value.ty,
                ));
                self.out.emit(Op::CallNative { native, base, count: 2, to });
            }
            Place::TupleField { tuple, at } => {
                let base = self.out.registers(2);
                self.reference(value, tuple, base);
                let number = self.out.plain(Value::Int32(*at as i32));
                self.out.emit(Op::LoadValue { to: base + 1, at: number });
                let native =
                    self.out.native_call(NativeCall::new(crate::dotnet::system::tuple::reference, "ref", value.ty));
                self.out.emit(Op::CallNative { native, base, count: 2, to });
            }
            Place::Discard => {
                self.read_place(place, to);
                self.out.emit(Op::NewCell { to, a: to });
            }
        }
    }

    /// Whether a place lives where a reference can lead.
    pub(super) fn has_reference(&self, place: &Place) -> bool {
        match place {
            Place::Local(local) => self.in_cell(*local),
            Place::TupleField { tuple, .. } => self.has_reference(tuple),
            Place::Captured(_) | Place::ArrayItem { .. } | Place::Deref(_) => true,
            Place::Discard => false,
        }
    }

    pub(super) fn assign(&mut self, place: &Place, value: &Expr, to: Reg) {
        match place {
            Place::ArrayItem { array, index } => {
                let array = self.operand(array, &[index, value]);
                let index = self.operand(index, &[value]);
                self.expr_into(value, to);
                self.at(value.span);
                self.out.emit(Op::ArraySet { array, index, a: to });
            }
            Place::Deref(reference) => {
                let cell = self.operand(reference, &[value]);
                self.expr_into(value, to);
                self.at(value.span);
                self.out.emit(Op::CellSet { cell, a: to });
            }
            _ => {
                self.expr_into(value, to);
                self.store(place, to);
            }
        }
    }

    pub(super) fn store(&mut self, place: &Place, from: Reg) {
        match place {
            Place::Local(local) => {
                let reg = self.local(*local);
                let op =
                    if self.in_cell(*local) { Op::CellSet { cell: reg, a: from } } else { Op::Move { to: reg, from } };
                self.out.emit(op);
            }
            Place::Captured(at) => {
                let cell = self.frame.captures[*at as usize];
                self.out.emit(Op::CellSet { cell, a: from });
            }
            Place::ArrayItem { array, index } => {
                let array = self.operand(array, &[index]);
                let index = self.expr(index);
                self.out.emit(Op::ArraySet { array, index, a: from });
            }
            Place::TupleField { tuple, at } => {
                let record = self.out.register();
                self.read_place(tuple, record);
                self.out.emit(Op::WithField { to: record, record, at: *at as u16, a: from });
                self.store(tuple, record);
            }
            Place::Deref(reference) => {
                let cell = self.expr(reference);
                self.out.emit(Op::CellSet { cell, a: from });
            }
            Place::Discard => {}
        }
    }

    pub(super) fn read_place(&mut self, place: &Place, to: Reg) {
        match place {
            Place::Local(local) => {
                let from = self.local(*local);
                let op = if self.in_cell(*local) { Op::CellGet { to, cell: from } } else { Op::Move { to, from } };
                self.out.emit(op);
            }
            Place::Captured(at) => {
                let cell = self.frame.captures[*at as usize];
                self.out.emit(Op::CellGet { to, cell });
            }
            Place::ArrayItem { array, index } => {
                let (array, index) = self.two(array, index);
                self.out.emit(Op::ArrayGet { to, array, index });
            }
            Place::TupleField { tuple, at } => {
                let record = self.out.register();
                self.read_place(tuple, record);
                self.out.emit(Op::Field { to, record, at: *at as u16 });
            }
            Place::Deref(reference) => {
                let cell = self.expr(reference);
                self.out.emit(Op::CellGet { to, cell });
            }
            Place::Discard => self.out.emit(Op::LoadNull { to }),
        }
    }
}
