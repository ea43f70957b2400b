"""Pictures of filters: kernels, layers, feature maps. Drawn with Pillow, in the type that it brings."""
