"""Pictures of every format, kind and depth go through ``convcli apply identity``: they come back, or it is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.formats.corpus import Sample, samples
from tests.formats.further import further
from tests.formats.seen import pixels
from tests.support.console import run

SAMPLES = [*samples(), *further()]


def test_a_kind_comes_once_for_a_format() -> None:
    assert len({each.name + each.suffix for each in SAMPLES}) == len(SAMPLES) > 50


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_it_comes_back(sample: Sample, tmp_path: Path) -> None:
    source, output = tmp_path / f"in{sample.suffix}", tmp_path / f"out{sample.suffix}"
    source.write_bytes(sample.data)
    answer = run("apply", "identity", source, "-o", output)
    warnings = [line for line in answer.lines if line.startswith(("warning:", "error:"))]
    if sample.becomes == "refused":
        assert answer.code == 1
        assert len(warnings) == 1
        assert answer.lines[-1].startswith("help: ")
        assert not output.exists()
        return
    assert answer.code == 0, answer.stderr
    kind, values = pixels(output)
    assert kind == (sample.becomes or sample.kind)
    assert values.dtype == sample.pixels.dtype
    assert values.shape == sample.pixels.shape or kind == "palette"
    difference = np.abs(values.astype(np.float64) - sample.pixels)
    if "transparent" in kind:
        difference = difference * (sample.pixels[:, :, 3:] > 0)  # a palette has one color for all that is not seen
    assert difference.max() <= sample.tolerance
    # What comes back as it was needs no word; what does not is said.
    assert len(warnings) == bool(sample.becomes), answer.stderr
