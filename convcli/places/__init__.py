"""Places of files: paths on this machine, objects in buckets, and pages of the web, read and written alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.lazy import lazy_names

if TYPE_CHECKING:
    from convcli.places.listing import expanded, looked_up, objects_below
    from convcli.places.remote import PLACES_LOGGER, TREE_MARKS, Place, Remote, Status, is_url, place_name, place_of
    from convcli.places.trees import fetch_objects
    from convcli.places.whole import (
        BEGUN,
        FAILED,
        State,
        is_same,
        state_of,
        version_of,
        write_whole,
        write_whole_folder,
    )
else:
    __getattr__, __all__ = lazy_names(
        __name__,
        {
            "listing": "expanded looked_up objects_below",
            "remote": "PLACES_LOGGER TREE_MARKS Place Remote Status is_url place_name place_of",
            "trees": "fetch_objects",
            "whole": "BEGUN FAILED State is_same state_of version_of write_whole write_whole_folder",
        },
    )
