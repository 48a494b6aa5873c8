"""DuckDB: a directory of immutable snapshots, one loader, any number of readers."""
