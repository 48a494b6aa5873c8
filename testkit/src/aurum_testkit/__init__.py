"""Development-only test support: never published, never imported by shipped code."""
