"""The options of ``apply`` by their words, for command lines that need no Typer: see `convcli.cli.application.words`.

Made from the options by `python docs/generate.py`.
"""

# ruff: noqa: PIE808
from typing import Any

from convcli.cli.apply.options import EngineOptions, FileOptions, OutputOptions, ValueOptions
from convcli.cli.options.common import VoiceOptions
from convcli.cli.options.kernel import KernelOptions

# fmt: off
BUNDLES: dict[str, Any] = {
    'kernel': KernelOptions,
    'values': ValueOptions,
    'outputs': OutputOptions,
    'files': FileOptions,
    'engine': EngineOptions,
    'voice': VoiceOptions,
}

# The bundle, the option in it, and its values: of a flag the one it sets, texts, whole numbers, or some words.
WORDS: dict[str, tuple[str, str, Any]] = {
    '-o': ('', 'output', str),
    '--output': ('', 'output', str),
    '--border': ('kernel', 'border', str),
    '--padding': ('kernel', 'padding', str),
    '--stride': ('kernel', 'stride', range(1, 65536)),
    '--dilation': ('kernel', 'dilation', range(1, 65536)),
    '--divisor': ('kernel', 'divisor', str),
    '--bias': ('kernel', 'bias', str),
    '--anchor': ('kernel', 'anchor', str),
    '--normalize': ('kernel', 'normalize', ('none', 'sum', 'l1')),
    '--flip': ('kernel', 'flip', True),
    '--convolve': ('kernel', 'flip', True),
    '--input': ('kernel', 'input', str),
    '--range': ('values', 'range', ('clip', 'abs', 'stretch', 'center')),
    '--channels': ('values', 'channels', str),
    '--alpha': ('values', 'alpha', ('keep', 'filter', 'drop')),
    '--background': ('values', 'background', str),
    '--linear': ('values', 'linear', True),
    '--frame': ('values', 'frame', range(0, 1000000000)),
    '--depth': ('outputs', 'depth', ('8', '16', 'float')),
    '--format': ('outputs', 'format', str),
    '--quality': ('outputs', 'quality', range(1, 101)),
    '--png-effort': ('outputs', 'png_effort', ('fast', 'balanced', 'small')),
    '--overviews': ('outputs', 'overviews', True),
    '--metadata': ('outputs', 'metadata', ('keep', 'color', 'strip')),
    '--sheet': ('outputs', 'sheet', True),
    '--each': ('outputs', 'each', True),
    '--name': ('outputs', 'name', str),
    '--files-from': ('files', 'files_from', str),
    '-r': ('files', 'recursive', True),
    '--recursive': ('files', 'recursive', True),
    '-f': ('files', 'force', True),
    '--force': ('files', 'force', True),
    '--in-place': ('files', 'in_place', True),
    '--no-backup': ('files', 'no_backup', True),
    '--skip-existing': ('files', 'skip_existing', True),
    '--resume': ('files', 'resume', True),
    '--strict': ('files', 'strict', True),
    '-n': ('files', 'dry_run', True),
    '--dry-run': ('files', 'dry_run', True),
    '--keep-going': ('files', 'keep_going', True),
    '--fail-fast': ('files', 'keep_going', False),
    '--preview': ('files', 'preview', True),
    '--watch': ('files', 'watch', True),
    '-j': ('files', 'jobs', str),
    '--jobs': ('files', 'jobs', str),
    '--engine': ('engine', 'engine', ('auto', 'numpy', 'numba')),
    '--threads': ('engine', 'threads', range(1, 1000000000)),
    '--scheduler': ('engine', 'scheduler', str),
    '--memory': ('engine', 'memory', str),
    '--max-pixels': ('engine', 'max_pixels', range(1, 1000000000)),
    '--json': ('', 'json', True),
    '-q': ('voice', 'quiet', True),
    '--quiet': ('voice', 'quiet', True),
    '-v': ('voice', 'verbose', True),
    '--verbose': ('voice', 'verbose', True),
    '--debug': ('voice', 'debug', True),
}
# fmt: on
