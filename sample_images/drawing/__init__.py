"""How the sample pictures are drawn: noise, shapes, letters, then one module per picture or part of it.

Nothing here asks the machine for chance, fonts or a rasteriser. Noise is a hash of whole coordinates, shapes are
distances, letters are strokes, and all of it is float64 arithmetic, so that every machine draws the same pixels.
"""
