"""Build the wheel, install it in a clean environment outside the checkout, and use it there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def run(*words: str | Path, folder: Path) -> str:
    """Run a command in a folder and return what it prints."""
    done = subprocess.run([str(word) for word in words], cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> None:
    """Raise SystemExit with a message where the wheel does not do what the checkout does."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, CHECKOUT, folder=folder)
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
        print(f"{wheel.name}: lists its filters and filters a picture")


if __name__ == "__main__":
    main()
