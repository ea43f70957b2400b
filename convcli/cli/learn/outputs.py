"""The outputs of ``learn``, checked before learning begins."""

import os
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convcli.cli.options.bundles import Bundle
from convcli.cli.options.common import check_output
from convcli.cli.options.declared import Force
from convcli.errors import UsageError
from convcli.jobs import STREAM
from convcli.words import as_word

if TYPE_CHECKING:
    from convcli.image import Format


class Outputs(Bundle):
    """The files that are written; the kernel may go to standard output, ``-``."""

    panel = "Output"

    kernel: Annotated[
        str | None,
        typer.Option(
            *("-o", "--output"),
            metavar="KERNEL.yaml",
            help="Write the kernel as a file that apply takes, or - for stdout.",
            show_default=False,
        ),
    ] = None
    snap: Annotated[
        bool,
        typer.Option(
            "--snap", help="Write the simplest exact form that the errors allow: integers and their divisor, or a name."
        ),
    ] = False
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="PICTURE",
            help="Draw the loss against the steps, the kernel, where the residual is, and the tone curve, if any.",
            show_default=False,
        ),
    ] = None
    predict: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Apply the kernel to INPUT, and write what comes out.", show_default=False),
    ] = None
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Write the nearest kernel even where nothing explains the pair.")
    ] = False
    force: Force = False

    @property
    def files(self) -> dict[str, Path]:
        """The files, by the option that names them."""
        given = {
            "-o": None if self.kernel in (None, STREAM) else Path(str(self.kernel)),
            "--plot": self.plot,
            "--predict": self.predict,
        }
        return {option: path for option, path in given.items() if path is not None}

    @property
    def weights(self) -> Path | None:
        """The file of a network's weights, beside its own; None where that is a stream."""
        path = self.files.get("-o")
        if path is None:
            return None
        from convcli.catalog import weights_beside

        return weights_beside(path)

    @property
    def checkpoint(self) -> Path | None:
        """The file from which a training that was interrupted goes on; None where a network goes to a stream."""
        path = self.files.get("-o")
        return None if path is None else path.with_name(f"{path.stem}.checkpoint.npz")

    def check_files(self, inputs: Mapping[str, str | None], *, network: bool = False) -> None:
        """Refuse files that cannot be written, or that would replace others; those of a `network` are one more.

        UsageError: a name's ending is none of a format, or two outputs have one name. FileError: a file exists and
        --force is not given, is one of the `inputs`, or its folder is missing or read-only.
        """
        self._check_names()
        from convcli.disk import is_special

        files = {option: path for option, path in self.files.items() if not is_special(path)}
        if network and "-o" in files and self.weights is not None:
            files["the weights"] = self.weights
        places = {what: name for what, name in inputs.items() if name is not None and name != STREAM}
        for path in files.values():
            check_output(path, places, overwrite=self.force)
        for (option, path), (other, same) in combinations(files.items(), 2):
            if os.path.realpath(path) == os.path.realpath(same):
                raise UsageError(f"{option} and {other} would both write {path}", "give each a name of its own")

    def _check_names(self) -> None:
        from convcli.disk import is_special

        path = self.files.get("-o")
        if path is not None and path.suffix.lower() not in (".yaml", ".yml") and not is_special(path):
            meant = as_word(str(Path(str(self.kernel)).with_suffix(".yaml")))
            raise UsageError(f"-o {self.kernel}: a kernel is written as YAML", f"end the name in .yaml: -o {meant}")
        if self.plot is not None:
            from convcli.report import drawing_format

            drawing_format(self.plot)
        if self.predict is not None:
            self.predict_format()

    def predict_format(self) -> "Format":
        """Return the format that the name of --predict stands for."""
        from convcli.disk import is_special
        from convcli.image import WRITTEN, default_format, format_of

        form = format_of(str(self.predict))
        if form is None and is_special(Path(str(self.predict))):
            return default_format()
        if form is None:
            known = ", ".join(sorted(each.suffixes[0] for each in WRITTEN))
            raise UsageError(f"--predict {self.predict}: its ending stands for no format", f"end it in one of {known}")
        return form
