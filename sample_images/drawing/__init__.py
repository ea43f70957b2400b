"""The code that draws the sample pictures: noise, shapes, letters, and a module per picture or part of one.

It uses no random generator, font or rasterizer of the system. Noise is a hash of integer coordinates, shapes are
distances, letters are strokes, and all arithmetic is float64, so every machine draws the same pixels.
"""
