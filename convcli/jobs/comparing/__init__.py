"""Two pictures compared: brought to one form, and measured, frame by frame and channel by channel."""
