"""Colors: weighed by their alpha, filtered in linear light, or by their brightness alone."""
