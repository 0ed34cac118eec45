//! Portcullis runs Azure API Management policy documents anywhere.
