"""Reports on batches, on compiling and on the installation."""
