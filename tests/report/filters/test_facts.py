"""The facts of a filter."""

from __future__ import annotations

import pytest

from convcli.errors import UsageError
from convcli.filters import Conv, Pipeline
from convcli.filters.kernel import Kernel
from convcli.report.filters.facts import kernel_facts


def test_figures_of_more_than_one_kernel_are_refused() -> None:
    conv = Conv(Kernel([[1]]))
    with pytest.raises(UsageError, match="2 layers"):
        kernel_facts(Pipeline((conv, conv), name="two"))
