"""Programs in Python: code that defines ``apply`` and needs one library besides NumPy."""
