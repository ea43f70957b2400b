"""Videos through a filter, frame by frame."""
