"""Strips: pipelines on pictures of which some rows at a time are in memory."""
