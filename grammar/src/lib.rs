//! Tokens, grammar and syntax tree of C# 7.
