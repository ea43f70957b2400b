"""Light, tone and channels: a curve beside the kernel, and planes between channels."""
