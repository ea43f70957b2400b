"""Pictures of kernels, layers and feature maps, drawn with Pillow in the font that it ships."""
