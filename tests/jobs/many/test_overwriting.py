from __future__ import annotations

from pathlib import Path

import pytest

from convcli.errors import UsageError
from convcli.jobs.many.overwriting import refuse_overwritten_inputs
from convcli.jobs.many.planning import plan_batch
from tests.jobs.many.batches import tree


def test_a_batch_that_overwrites_may_not_overwrite_its_inputs(tmp_path: Path) -> None:
    tree(tmp_path, "x/a.png", "a-box.png", "out/old.png")
    planned = plan_batch([f"{tmp_path}/x/a.png", f"{tmp_path}/a-box.png"], str(tmp_path), name="{stem}-box{suffix}")
    with pytest.raises(UsageError, match=r"x/a\.png would become .*a-box\.png, which is an input too"):
        refuse_overwritten_inputs(planned.jobs)
    refuse_overwritten_inputs(plan_batch([f"{tmp_path}/x/a.png"], f"{tmp_path}/x").jobs)  # told by the job
    (tmp_path / "out" / "a.png").symlink_to("old.png")
    (tmp_path / "out" / "a-box.png").symlink_to("old.png")
    linked = plan_batch([f"{tmp_path}/x/a.png", f"{tmp_path}/a-box.png"], f"{tmp_path}/out")
    with pytest.raises(UsageError, match="are one file"):
        refuse_overwritten_inputs(linked.jobs)


def test_a_file_per_channel_may_not_overwrite_an_input_either(tmp_path: Path) -> None:
    tree(tmp_path, "in/a.png", "a-1.png", "b-1.png")
    planned = plan_batch([f"{tmp_path}/in/a.png", f"{tmp_path}/a-1.png", f"{tmp_path}/b-1.png"], str(tmp_path))
    refuse_overwritten_inputs(planned.jobs)
    each = [job._replace(each=True) for job in planned.jobs]
    with pytest.raises(UsageError, match=r"in/a\.png would become .*/a-1\.png, which is an input too"):
        refuse_overwritten_inputs(each)
    refuse_overwritten_inputs([each[0], each[2]])
