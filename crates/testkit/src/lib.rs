//! For tests only: databases, clocks, ids, synthetic employers.
