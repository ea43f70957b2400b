"""What is reported of batches, of compiling and of the installation."""
