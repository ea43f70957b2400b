"""What filters, layers and settings take, and how a value of each is read."""
