"""Decoding in a process of its own, with libraries that damaged files crash."""
