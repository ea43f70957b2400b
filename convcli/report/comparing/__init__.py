"""Reports on files that were compared: lines for a person, and values for JSON."""
