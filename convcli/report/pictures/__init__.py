"""Pictures of filters: kernels, layers, feature maps. Drawn with Pillow, in the type that it brings."""

from convcli.report.pictures.drawing import draw_filter, drawing_format, write_drawing

__all__ = ["draw_filter", "drawing_format", "write_drawing"]
