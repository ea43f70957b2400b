"""Reports on a learned kernel."""
