//! Bytes to records and back, for every outside format.
