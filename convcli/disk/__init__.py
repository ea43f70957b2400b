"""Files written whole or not at all."""

from convcli.disk.atomic import atomic_write, write_error

__all__ = ["atomic_write", "write_error"]
