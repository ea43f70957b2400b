"""Declarations of settings: each once, as data, for every door that takes it."""
