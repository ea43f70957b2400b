"""Headers of streams of pixels that files of several formats have inside."""
