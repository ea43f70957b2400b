"""The interface for Python: arguments in the forms that people have, to the rooms below and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.api.comparing import compare
    from convcli.api.filtering import apply, correlate
    from convcli.api.filters import load_filter, save_filter
    from convcli.api.learning import learn
    from convcli.api.pictures import read_picture, write_picture
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "comparing": "compare",
            "filtering": "apply correlate",
            "filters": "load_filter save_filter",
            "learning": "learn",
            "pictures": "read_picture write_picture",
        },
    )
