"""HTTP: one declaration an operation, one file a use case."""
