"""The end of the command at a signal while little is imported, before `ending` takes over.

Everything imported here is a part of Python's own start, so that this comes as early as it can: `typing` takes 5 ms,
`signal` 3 for its `enum`, and `importlib` half of one. What is left is Python's own: a signal within its first 10 to 20
ms, while it imports `site`, ends in a traceback of its own; so does one while a script of an older pip imports `re`,
which newer ones do not.
"""

import os

_ENDINGS = {2: b"interrupted\n", 15: b"terminated\n"}  # SIGINT and SIGTERM everywhere


def _leave(number: int, _frame: object) -> None:
    try:
        os.write(2, b"\r" * os.isatty(2) + _ENDINGS[number])
    finally:
        os._exit(128 + number)


def _prepare() -> None:
    signals = __import__("_signal")
    for number in _ENDINGS:
        if signals.getsignal(number) in (signals.SIG_DFL, signals.default_int_handler):
            signals.signal(number, _leave)


_prepare()
