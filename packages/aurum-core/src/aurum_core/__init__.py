"""Settings, errors, DTOs, cursors and market time of the Aurum API: pure values, no I/O."""
