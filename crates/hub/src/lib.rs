//! Use cases, jobs and connectors.
