"""Reports on filters: the list of them, and the figures and layers of one."""
