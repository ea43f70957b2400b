"""The command line: what it takes is told in docs/cli.md, what it does in the rooms below."""

from convcli.cli._app import app

__all__ = ["app"]
