"""Layers that are products of matrices as their pixels lie in memory."""
