"""The application: its commands, shared options and errors."""
