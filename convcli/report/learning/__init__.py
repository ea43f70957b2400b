"""What is reported of a learned kernel."""
