"""The kernel alone, and verdicts by it for which nothing else is sought."""
