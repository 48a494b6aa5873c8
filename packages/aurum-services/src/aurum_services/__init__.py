"""Async domain services of the Aurum API: what the API means."""
