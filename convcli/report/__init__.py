"""Report: everything a person looks at. Data and JSON go to stdout, all else to stderr."""
