"""Options that more than one command takes, each declared once, and the bundles that commands take them in."""
