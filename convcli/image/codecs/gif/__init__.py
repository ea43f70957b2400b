"""GIF: frames composed as browsers show them, and palettes."""
