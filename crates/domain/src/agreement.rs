//! Who may receive which fields of whom.
