"""Datasets: what ingestion teams write and what readers expect."""
