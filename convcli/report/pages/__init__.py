"""Pages in HTML, each one file without a network: the report on a filter, and the gallery of many."""
