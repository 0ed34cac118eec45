//! `System.Collections`: the collections, their interfaces, and arrays.

pub mod array;
mod bit_array;
pub mod comparer;
mod defaults;
mod dictionary;
pub mod extensions;
pub mod grid;
mod interfaces;
mod linked;
mod list;
mod pair;
mod queue;
pub mod readonly;
mod set;
mod sorted;
mod sorted_views;
pub mod table;

pub use dictionary::{Dictionary, add as dictionary_add, list_of_strings, new_dictionary, put as dictionary_put};
pub use interfaces::{current, move_next};
pub use pair::{new_pair, pair_type};
pub use set::new_set;

use super::super::member::TypeDef;

pub static TYPES: &[&TypeDef] = &[
    &array::ARRAY,
    &comparer::ICOMPARER,
    &comparer::IEQUALITY_COMPARER,
    &comparer::PLAIN_ICOMPARER,
    &defaults::COMPARER,
    &defaults::EQUALITY_COMPARER,
    &defaults::GENERIC_COMPARER,
    &defaults::GENERIC_EQUALITY,
    &defaults::OBJECT_COMPARER,
    &defaults::OBJECT_EQUALITY,
    &defaults::SET_EQUALITY,
    &dictionary::DICTIONARY,
    &dictionary::DICTIONARY_ENUMERATOR,
    &dictionary::KEY_COLLECTION,
    &dictionary::VALUE_COLLECTION,
    &extensions::COLLECTION_EXTENSIONS,
    &interfaces::ICOLLECTION,
    &interfaces::IDICTIONARY,
    &interfaces::IENUMERABLE,
    &interfaces::IENUMERATOR,
    &interfaces::ILIST,
    &interfaces::IREADONLY_COLLECTION,
    &interfaces::IREADONLY_DICTIONARY,
    &interfaces::IREADONLY_LIST,
    &interfaces::ISET,
    &interfaces::PLAIN_ICOLLECTION,
    &interfaces::PLAIN_IENUMERABLE,
    &interfaces::PLAIN_IENUMERATOR,
    &bit_array::BIT_ARRAY,
    &linked::LINKED_LIST,
    &linked::LINKED_LIST_ENUMERATOR,
    &linked::LINKED_LIST_NODE,
    &list::LIST,
    &list::LIST_ENUMERATOR,
    &readonly::READONLY_COLLECTION,
    &pair::KEY_VALUE_PAIR,
    &queue::QUEUE,
    &queue::QUEUE_ENUMERATOR,
    &queue::STACK,
    &queue::STACK_ENUMERATOR,
    &set::HASH_SET,
    &set::HASH_SET_ENUMERATOR,
    &sorted::DICTIONARY,
    &sorted::LIST,
    &sorted::SET,
    &sorted::SET_ENUMERATOR,
    &sorted_views::KEYS,
    &sorted_views::VALUES,
    &sorted_views::KEY_LIST,
    &sorted_views::VALUE_LIST,
];
