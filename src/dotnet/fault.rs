//! Why evaluation stopped: a .NET exception, or a limit of this gateway.

use super::value::Value;
use std::fmt;

/// What a native member or an instruction returns instead of a value.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A new exception; it becomes an object when somebody catches it.
    Throw(Box<Thrown>),
    /// An exception object that is under way (again).
    Rethrow(Value),
    /// A policy failed (`Timeout`, `BackendConnectionFailure`, ...). C# code cannot catch it; `retry` and `<on-error>` see it.
    Policy(Box<PolicyError>),
    /// A limit of the request is used up. Not an exception: C# code cannot catch it.
    Limit(Limit),
}

/// Why a policy failed, as `context.LastError` tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyError {
    /// The machine code: `Timeout`, `HeaderNotFound`, ...
    pub reason: Option<Box<str>>,
    pub message: String,
    /// What the caller gets unless `<on-error>` says otherwise.
    pub status: u16,
    /// The body's message for the caller, where it differs from the standard one of the status.
    pub caller_message: Option<Box<str>>,
    /// The reason phrase of the status, where it is not the standard one.
    pub reason_phrase: Option<Box<str>>,
    /// A source other than the policy's element.
    pub source: Option<Box<str>>,
}

/// An exception that is no object yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thrown {
    /// The .NET name: `System.FormatException`.
    pub type_name: &'static str,
    /// In invariant English, as .NET Core words it.
    pub message: String,
    pub inner: Option<Box<Thrown>>,
}

/// The limits of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Instructions and the work of natives: reported as `Timeout`.
    Fuel,
    /// Bytes of the heap.
    Memory,
    /// Nested calls: reported as `ProcessCrash`, which is what a stack overflow does to .NET.
    Depth,
    /// Steps of one regex match.
    RegexSteps,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Limit::Fuel => "the expression used up its fuel",
            Limit::Memory => "the expression used up its memory",
            Limit::Depth => "calls are nested too deeply",
            Limit::RegexSteps => "a regular expression took too many steps",
        })
    }
}

impl Fault {
    /// A policy failed with this reason; the caller gets 500 unless `<on-error>` says otherwise.
    pub fn policy(reason: &str, message: impl Into<String>) -> Fault {
        let error =
            PolicyError { reason: Some(reason.into()), message: message.into(), status: 500, ..PolicyError::default() };
        Fault::Policy(Box::new(error))
    }

    pub fn throw(type_name: &'static str, message: impl Into<String>) -> Fault {
        Fault::Throw(Box::new(Thrown { type_name, message: message.into(), inner: None }))
    }

    pub fn throw_with(type_name: &'static str, message: impl Into<String>, inner: Thrown) -> Fault {
        Fault::Throw(Box::new(Thrown { type_name, message: message.into(), inner: Some(Box::new(inner)) }))
    }

    pub fn null_reference() -> Fault {
        Fault::throw("System.NullReferenceException", "Object reference not set to an instance of an object.")
    }

    /// `Value cannot be null. (Parameter 'name')`
    pub fn argument_null(name: &str) -> Fault {
        Fault::throw("System.ArgumentNullException", format!("Value cannot be null. (Parameter '{name}')"))
    }

    pub fn argument(message: &str, name: &str) -> Fault {
        Fault::throw("System.ArgumentException", format!("{message} (Parameter '{name}')"))
    }

    pub fn out_of_range(message: &str, name: &str) -> Fault {
        Fault::throw("System.ArgumentOutOfRangeException", format!("{message} (Parameter '{name}')"))
    }

    /// `Index was out of range. Must be non-negative and less than the size of the collection.`
    pub fn index(name: &str) -> Fault {
        Fault::out_of_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            name,
        )
    }

    pub fn index_of_array() -> Fault {
        Fault::throw("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
    }

    pub fn format() -> Fault {
        Fault::throw("System.FormatException", "Input string was not in a correct format.")
    }

    pub fn overflow() -> Fault {
        Fault::throw("System.OverflowException", "Arithmetic operation resulted in an overflow.")
    }

    pub fn divide_by_zero() -> Fault {
        Fault::throw("System.DivideByZeroException", "Attempted to divide by zero.")
    }

    pub fn invalid_operation(message: impl Into<String>) -> Fault {
        Fault::throw("System.InvalidOperationException", message)
    }

    pub fn not_supported(message: impl Into<String>) -> Fault {
        Fault::throw("System.NotSupportedException", message)
    }

    /// Names in .NET form: `System.Int32`.
    pub fn invalid_cast(from: &str, to: &str) -> Fault {
        Fault::throw("System.InvalidCastException", format!("Unable to cast object of type '{from}' to type '{to}'."))
    }
}
