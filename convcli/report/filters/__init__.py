"""What is reported of a filter: its figures and its layers."""
