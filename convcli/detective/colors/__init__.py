"""Changes of colors that neither kernels nor curves make: palettes, and hue and saturation."""
