//! An exchange from the JSON of a context file.
