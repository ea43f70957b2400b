"""The file formats, each alone in its file or folder."""
