"""Build the wheel, install it in a clean environment outside the checkout, and use it there.

With ``--release FOLDER`` the wheel has compiled loops for all processors, and goes to a folder once it was found to be
fit: it is small, and filters pictures where Numba is not installed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
SAMPLE = CHECKOUT / "sample_images" / "harbour.jpg"
LARGEST = 5_000_000  # bytes of a wheel with loops
# Filters of each kind of loop for pictures of 8 bits, an outer product, a dense kernel and a box among them.
FILTERS = ("sharpen", "gaussian:2", "box:9", "unsharp", "sobel", "motion:9,30")


def run(*words: str | Path, folder: Path, **variables: str) -> str:
    """Run a command in a folder and return what it prints."""
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def main(release: str = "") -> None:
    """Raise SystemExit with a message where the wheel does not do what the checkout does."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build = (sys.executable, "-m", "build", "--wheel", "--outdir", folder, CHECKOUT)
        run(*build, folder=folder, CONVCLI_LOOPS="1" if release else "0")
        (wheel,) = folder.glob("*.whl")
        venv.create(folder / "venv", with_pip=True)
        programs = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
        run(programs / "python", "-m", "pip", "install", "--quiet", wheel, folder=folder)
        listed = run(programs / "convcli", "list", "--json", folder=folder)
        if '"sharpen"' not in listed or '"gaussian"' not in listed:
            sys.exit(f"the wheel does not list its filters: {listed}")
        sample = CHECKOUT / "sample_images" / "logo.png"
        run(programs / "convcli", "apply", "sharpen", sample, "-o", folder / "sharp.png", folder=folder)
        if not (folder / "sharp.png").stat().st_size:
            sys.exit("the wheel wrote an empty picture")
        check_manual(folder / "venv", programs)
        print(f"{wheel.name}: lists its filters and filters a picture")
        if release:
            check_loops(wheel, programs, folder)
            Path(release).mkdir(parents=True, exist_ok=True)
            print(shutil.copy(wheel, release))


def check_manual(venv: Path, programs: Path) -> None:
    """Raise SystemExit where `man convcli` would not show the page that came with the wheel."""
    page = venv / "share" / "man" / "man1" / "convcli.1"
    if not page.exists():
        sys.exit("the wheel brings no page for man")
    if shutil.which("man"):
        found = run("man", "-w", "convcli", folder=venv, PATH=f"{programs}{os.pathsep}{os.environ['PATH']}").strip()
        if Path(found).resolve() != page.resolve():
            sys.exit(f"man shows {found}, not the page that came with the wheel")


def check_loops(wheel: Path, programs: Path, folder: Path) -> None:
    """Raise SystemExit where the wheel is too large, or its loops do not filter without the compiler."""
    size = wheel.stat().st_size
    if size > LARGEST:
        sys.exit(f"the wheel has {size / 1e6:.1f} MB, more than {LARGEST / 1e6:.0f}")
    run(programs / "python", "-m", "pip", "uninstall", "--quiet", "--yes", "numba", "llvmlite", folder=folder)
    cache = {"NUMBA_CACHE_DIR": str(folder / "cache")}
    for each in FILTERS:
        words = (programs / "convcli", "apply", each, SAMPLE, "-o", folder / "out.png", "--force", "--json")
        done = json.loads(run(*words, "--engine", "numba", folder=folder, **cache))
        if done["engine"] != "numba":
            sys.exit(f"{each} is computed by {done['engine']}: its loop did not come with the wheel")
    print(f"{size / 1e6:.2f} MB; the loops of {', '.join(FILTERS)} filter without Numba")


if __name__ == "__main__":
    main(*sys.argv[2:] if sys.argv[1:2] == ["--release"] else ())
