"""One job: a file read, filtered and written, and its outcome."""
