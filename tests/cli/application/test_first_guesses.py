"""The first guesses of somebody new: each ends in success, or in the command that would have worked."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from tests.support.console import run
from tests.support.pictures import save

# The words after convcli, the exit code, and the words that must be in the answer: where it is an error, in its help.
GUESSES: list[tuple[str, int, str]] = [
    # Commands
    ("", 0, "convcli apply sharpen"),
    ("help", 0, "convcli apply sharpen"),
    ("help apply", 0, "Usage: convcli apply"),
    ("help gaussian", 0, "convcli apply gaussian"),
    ("blur a.png", 2, "convcli apply blur a.png -o a-blur.png"),
    ("sharpen a.png out.png", 2, "convcli apply sharpen a.png -o out.png"),
    ("a.png sharpen out.png", 2, "convcli apply sharpen a.png -o out.png"),
    ("aply sharpen a.png -o out.png", 2, "convcli apply sharpen a.png -o out.png"),
    ("run sharpen a.png", 2, "convcli apply sharpen a.png -o a-sharpen.png"),
    ("filters", 2, "convcli list"),
    ("version", 2, "convcli --version"),
    ("rotate a.png", 2, "convcli apply turn:90 a.png -o a-turn.png"),
    # Filters for other programs
    ("export sharpen", 2, "give --to and one of imagemagick"),
    ("export sharpen --to magick", 2, "did you mean imagemagick?"),
    ("export sharpen mine.py", 2, "give --to opencv, scipy, torch or pillow"),
    ("export sharpen a.png --to opencv", 2, "give --to png, or another name"),
    ("convert sharpen --to opencv", 2, "convcli export sharpen --to opencv"),
    ("import", 2, "convcli import kernel.mat -o kernel.yaml"),
    ("show kernel.mat", 2, "check the name"),
    # Words of apply: left out, in another order, without quotes
    ("apply sharpen a.png", 2, "convcli apply sharpen a.png -o a-sharpen.png"),
    ("apply sharpen a.png out.png", 2, "convcli apply sharpen a.png -o out.png"),
    ("apply a.png sharpen -o out.png", 2, "convcli apply sharpen a.png -o out.png"),
    ("apply sharpen a.png out", 2, "convcli apply sharpen a.png -o out.png"),
    ("watch a.png", 2, "convcli apply sharpen a.png -o a-sharpen.png --watch"),
    ("preview sharpen a.png", 2, "convcli apply sharpen a.png -o a-sharpen.png --preview"),
    ("apply sharpen '*.png' -o out/", 1, "leave out the quotes"),
    ("apply a.png sharpen -o", 2, "convcli apply sharpen a.png -o a-sharpen.png"),
    ("apply a.png -o out.png", 2, "convcli apply sharpen a.png -o a-sharpen.png"),
    ("apply 0 -1 0 -1 5 -1 0 -1 0 a.png -o out.png", 2, 'convcli apply "0 -1 0; -1 5 -1; 0 -1 0" a.png -o out.png'),
    ("apply gaussian:1.4", 2, '"gaussian:1.4 | sobel"'),  # what a shell leaves of an unquoted pipeline
    ("apply sharpen my photo.png -o out.png", 2, 'convcli apply sharpen "my photo.png" -o out.png'),
    (
        "apply '0 -1 0' '-1 5 -1' '0 -1 0' a.png -o out.png",
        2,
        'convcli apply "0 -1 0; -1 5 -1; 0 -1 0" a.png -o out.png',
    ),
    ("apply sharpen -o out.png", 2, "convcli apply sharpen photo.jpg -o out.png"),
    ("apply sharpen a.png -o", 2, "convcli apply sharpen a.png -o a-sharpen.png"),
    ("apply sharpen a.png to out.png", 2, "convcli apply sharpen a.png -o out.png"),
    ("apply sharpen a.png none.png new.png", 2, "convcli apply sharpen a.png none.png new.png -o out/"),
    ("apply sharpen a.PNG -o out.png", 1, "did you mean a.png?"),
    ("apply sharpen a.png -o out.png --strenght 5", 2, "gaussian:sigma=2"),
    ("apply gaussian -5 a.png -o out.png", 2, "convcli apply gaussian:5 a.png -o out.png"),
    ("apply 'sharpen 2' a.png -o out.png", 2, "write unsharp:amount=2"),
    ("apply sharpen my photo.png -o out/", 2, 'convcli apply sharpen "my photo.png" -o out/'),
    ("apply gaussian 5 a.png -o out/", 2, "convcli apply gaussian:5 a.png -o out/"),
    ("apply 0 -1 0", 2, '"0 -1 0; -1 5 -1; 0 -1 0"'),  # what a shell leaves before an unquoted semicolon
    ("apply outline a.png", 2, "convcli apply outline a.png -o a-outline.png"),  # there is a folder of that name
    ("apply sharpen https://me:secret@host/a.png?key=secret", 2, '"https://…@host/a.png?…"'),
    ("apply sharpen photos a.png -o out.png", 2, "-o out/"),
    ("apply sharpen non.png -o out.png", 1, "did you mean none.png?"),
    ("apply sharpen a.png missing.png -o out.png", 2, "missing.png does not exist"),
    ("apply sharpen a.png -o a.png", 1, "write to another file"),
    ("apply sharpen a.png -o out", 2, "name it out.png, out/"),
    ("apply --filter sharpen a.png -o out.png", 2, "first word after apply: convcli apply sharpen a.png -o out.png"),
    ("apply a.png --kernel='0 -1 0; -1 5 -1; 0 -1 0' -o out.png", 2, 'apply: convcli apply "0 -1 0; -1 5 -1; 0 -1 0"'),
    ("apply -k mine.yaml a.png -o out.png", 2, "convcli apply mine.yaml a.png -o out.png"),
    ("apply sharpen a.png -o out.png --range streched", 2, "did you mean stretch?"),
    ("apply sharpen a.png -o out.png --stride two", 2, "it is no whole number"),
    ("apply sharpen -i a.png -o out.png", 2, "inputs follow the filter"),
    ("apply gaussian a.png -o out.png --sigma 5", 2, "gaussian:sigma=2"),
    ("apply sharpen a.png -o there.png", 1, "--force"),
    ("apply sharpen a.png -o there.png --overwrite", 2, "--force"),
    ("apply sharpen a.xcf -o out.png", 1, "xcf2png"),
    # The syntax of filters
    ("apply gaussian=5 a.png -o out.png", 2, "gaussian:5"),
    ("apply 'gaussian(5)' a.png -o out.png", 2, "gaussian:5"),
    ("apply 'gaussian 5' a.png -o out.png", 2, "gaussian:5"),
    ("apply gaussian 5 a.png -o out.png", 2, "convcli apply gaussian:5 a.png -o out.png"),
    ("apply gaussian:sigma:5 a.png -o out.png", 2, "gaussian:sigma=5"),
    ("apply 'gaussian, sobel' a.png -o out.png", 2, '"gaussian | sobel"'),
    ("apply median a.png -o out.png", 0, "out.png"),
    ("apply bilateral a.png -o out.png", 2, "median:5"),
    ("apply 'resize 50%' a.png -o out.png", 2, "resize:50%"),
    ("apply resize a.png -o out.png", 2, "resize:0.5"),
    ("apply sharpn a.png -o out.png", 2, "did you mean sharpen?"),
    # Words of other programs for parameters, sizes and values
    ("apply gaussian:radius=5 a.png -o out.png", 2, "write gaussian:sigma=5"),
    ("apply blur:radius=3 a.png -o out.png", 2, "write box:size=7"),
    ("apply unsharp:strength=2 a.png -o out.png", 2, "write unsharp:amount=2"),
    ("apply motion:direction=45 a.png -o out.png", 2, "write motion:angle=45"),
    ("apply gaussian:size=5x5 a.png -o out.png", 2, "write gaussian:size=5"),
    ("apply edgedetection a.png -o out.png", 2, "write sobel"),
    ("apply gaussian_filter:2 a.png -o out.png", 2, "write gaussian:2"),
    ("apply 'Gaussian Filter (sigma=2)' a.png -o out.png", 2, "write gaussian:sigma=2"),
    ("apply medianfilter:5 a.png -o out.png", 2, "write median:5"),
    ("apply crop:100x80 a.png -o out.png", 2, "write crop:0,0,100,80"),
    ("apply resize:2000 a.png -o out.png", 2, "resize:width=2000"),
    ("apply unsharp:150% a.png -o out.png", 2, "write unsharp:amount=1.5"),
    ("apply 'unsharp 2 1.5 3' a.png -o out.png", 2, "write unsharp:2,1.5,3/255"),
    ("apply rotate:45 a.png -o out.png", 2, "magick in.png -rotate 45 out.png"),
    ("apply saturation:130 a.png -o out.png", 2, "magick in.png -modulate 100,130 out.png"),
    ("apply vignette a.png -o out.png", 2, "magick in.png -vignette 0x20 out.png"),
    ("apply sharpen.yaml a.png -o out.png", 2, "write sharpen"),
    ("apply mime.yaml a.png -o out.png", 2, "did you mean mine.yaml?"),
    ("apply sharpen a.png -o out.png --channels red", 2, "did you mean r?"),
    ("apply sharpen a.png -o out.png --channels RGB", 2, "did you mean r,g,b?"),
    ("apply sharpen a.png -o out.png --channels gray", 2, "did you mean luma?"),
    ("apply sharpen a.png -o out.png --channels foo", 2, "write all, luma, some of r,g,b,a"),
    ("apply sharpen a.png -o out.png --depth 16bit", 2, "did you mean 16?"),
    ("apply sharpen a.png -o out.png --depth 32", 2, "did you mean float?"),
    ("apply sharpen a.png -o out.png --metadata none", 2, "did you mean strip?"),
    ("apply sharpen a.png -O out.png", 2, "did you mean -o?"),
    ("apply sharpen a.png -output out.png", 2, "convcli apply sharpen a.png -o out.png"),
    ("apply sharpen a.png -o out.png -border edge", 2, "convcli apply sharpen a.png -o out.png --border edge"),
    ("compare a.png there.png -output out.png", 2, "convcli compare a.png there.png --output out.png"),
    ("apply sharpen missing.png -o there.png", 1, "missing.png does not exist"),
    ("apply sharpen photos -o out/ --name '{filename}.{ext}'", 2, "did you mean {stem}?"),
    ("apply sharpen a.png -o out.png --format jpg", 0, "out.png holds JPEG, by --format, and its name stands for PNG"),
    ("apply sharpen a.png -o out.jpg --format jpg", 0, "a.png → out.jpg"),
    ("apply gaussian a.png -o out.png sigma=3", 2, "convcli apply gaussian:sigma=3 a.png -o out.png"),
    ("apply gaussian, sobel a.png -o out.png", 2, 'convcli apply "gaussian | sobel" a.png -o out.png'),
    ("apply 'gaussian:sigma 3' a.png -o out.png", 2, "write gaussian:sigma=3"),
    ("apply '0 -1 0\\n-1 5 -1\\n0 -1 0' a.png -o out.png", 2, 'write "0 -1 0; -1 5 -1; 0 -1 0"'),
    ("apply '0 -1 0 / -1 5 -1 / 0 -1 0' a.png -o out.png", 2, 'write "0 -1 0; -1 5 -1; 0 -1 0"'),
    ("apply '{0,-1,0},{-1,5,-1},{0,-1,0}' a.png -o out.png", 2, 'write "0,-1,0; -1,5,-1; 0,-1,0"'),
    ("apply 'np.ones((5,5))/25' a.png -o out.png", 2, "write box:5"),
    ("apply sharpen photos -o photos", 1, "--in-place replaces it"),
    ("compare a.png there.png --ssim", 2, "without an option"),
    ("explain sharpen a.png --at 1,1 --channel red", 2, "0 is red"),
    ("help aply", 2, "did you mean convcli help apply?"),
    ("help border", 2, "convcli apply --help-all explains --border"),
    ("help filters", 2, "convcli list"),
    ("help yaml", 2, "convcli show sharpen --yaml"),
    ("list edgs", 0, "did you mean convcli list edges?"),
    ("list blurring", 0, "did you mean convcli list blur?"),
    ("list zzz", 0, "convcli list shows all"),
    ("list --group edges", 2, "convcli list edges"),
    ("explain sharpen a.png --at 10 20", 2, "convcli explain sharpen a.png --at 10,20"),
    ("compare a.png there.png --min-psnr 30dB", 2, "--min-psnr 40"),
    ("check a.png", 2, "convcli import a.png -o kernel.yaml"),
    ("undo a.png", 2, "mv photo.jpg~ photo.jpg"),
    # Repeated filters, amounts, and what has other words here
    ("apply 'sharpen sharpen' a.png -o out.png", 2, 'write "sharpen | sharpen"'),
    ("apply 'sharpen*3' a.png -o out.png", 2, 'write "sharpen | sharpen | sharpen"'),
    ("apply '2x sharpen' a.png -o out.png", 2, 'write "sharpen | sharpen"'),
    ("apply sharpen a.png -o out.png --iterations 3", 2, 'convcli apply "sharpen | sharpen"'),
    ("apply sharpen a.png -o out.png --compression 9", 2, "--png-effort for PNG"),
    ("apply sharpen a.png -o out.png --gpu", 2, "leave it out"),
    ("apply sharpen a.png -o out.png --device cuda", 2, "leave it out"),
    ("apply sharpen a.png -o out.png --log debug", 2, "-v prints details"),
    ("apply sharpen photos -o out/ --suffix _sharp", 2, "{stem}-sharp{suffix}"),
    ("apply sharpen photos -o out/ --include '*.png'", 2, "photos/*.jpg"),
    ("apply sharpen a.png -o out.png --backup", 2, "keeps each original"),
    ("apply sharpen a.png -o out.", 2, "name it out.png, out/ if it is a folder"),
    ("apply sharpen a.png -o out.pdf", 2, "magick out.png out.pdf"),
    ("apply sharpen a.png -o '~/out.png'", 1, "the shell did not expand ~: write "),
    ("apply sharpen a.png,there.png -o out/", 1, "blanks separate files: a.png there.png"),
    ("apply sharpen 'a.png; there.png' -o out/", 1, "blanks separate files: a.png there.png"),
    ("apply @mine.yaml a.png -o out.png", 2, "write mine.yaml"),
    ("apply file:mine.yaml a.png -o out.png", 2, "write mine.yaml"),
    ("apply sharpen a.png -o out.png --max-pixels ten", 2, "write 250M"),
    # Other commands, whose words are left out or behind options
    ("learn a.png --target there.png", 2, "convcli learn a.png there.png"),
    ("learn --input a.png --output there.png --size 3", 2, "convcli learn a.png there.png --size 3"),
    ("learn a.png there.png --lr 0.1", 2, "--learning-rate sets it"),
    ("learn a.png there.png --iterations 9", 2, "--steps sets how many"),
    ("learn a.png there.png -o kernel.txt", 2, "end the name in .yaml: -o kernel.yaml"),
    ("report sharpen a.png", 2, "convcli report sharpen a.png -o report.html"),
    ("report sharpen a.png page.html", 2, "convcli report sharpen a.png -o page.html"),
    ("report sharpen a.png there.png -o r.html", 2, "convcli report sharpen a.png -o r.html"),
    ("report sharpen a.png --border wrap", 2, "convcli report sharpen a.png -o report.html --border wrap"),
    ("report sharpen photos -o r.html", 2, "a page is of one picture, such as photos/one.png"),
    ("gallery a.png page.html", 2, "convcli gallery a.png -o page.html"),
    ("gallery a.png sharpen gaussian", 2, "convcli gallery a.png sharpen gaussian -o gallery.html"),
    ("gallery photos -o g.html", 2, "such as photos/one.png"),
    ("gallery sharpen a.png -o g.html", 2, "convcli gallery a.png sharpen -o g.html"),
    ("gallery a.png --filters sharpen,gaussian -o g.html", 2, "filters follow the picture"),
    ("explain sharpen a.png --at 10x20", 2, "--at 10,20"),
    ("explain sharpen a.png --at '(10;20)'", 2, "--at 10,20"),
    ("list --all", 2, "convcli list names all"),
    ("list 'edge detection'", 0, "did you mean convcli list edge?"),
    ("show all", 2, "convcli list names all"),
    ("show --list", 2, "convcli list names all"),
    ("show crop", 0, "convcli show crop:10,10,200,100"),
    ("import sharpen", 2, "convcli show sharpen --yaml"),
    ("export sharpen --to tensorflow", 2, "did you mean onnx?"),
    ("info", 2, "convcli doctor"),
    ("info a.png", 2, "convcli apply identity a.png --preview"),
    ("open 'my photo.png'", 2, 'convcli apply identity "my photo.png" --preview'),
    ("upgrade", 2, "pip install --upgrade convcli"),
    ("config", 2, "convcli doctor"),
    ("-version", 2, "convcli --version"),
    ("--filters", 2, "convcli list"),
    ("help 'what is sobel?'", 2, "convcli help sobel"),
    ("help convolution", 2, "convcli explain sharpen photo.png --at 10,20"),
    ("help me", 2, "convcli help lists the commands"),
    # Empty words, as an unset variable leaves them, and options without their values
    ("apply sharpen '' --in-place", 2, "an empty text names no file"),
    ("apply sharpen a.png '' -o out/", 2, "an empty text names no file"),
    ("apply sharpen a.png -o ''", 2, "an empty text names no file"),
    ("compare '' a.png", 2, "an empty text names no file"),
    ("learn '' ''", 2, "an empty text names no file"),
    ("gallery '' -o g.html", 2, "an empty text names no file"),
    ("explain sharpen '' --at 1,1", 2, "an empty text names no file"),
    ("apply sharpen a.png -o out.png --normalize", 2, "give --normalize one of none, sum, l1"),
    ("apply sharpen a.png -o out.png --quality", 2, "give --quality a value"),
    ("report sharpen a.png -o", 2, "convcli report sharpen a.png -o report.html"),
    ("learn a.png there.png --size", 2, "convcli learn --help-all explains it"),
    ("apply turn a.png -o out.png", 2, "write turn:90"),
    ("apply crop a.png -o out.png", 2, "write crop:10,10,200,100"),
    ("apply sharpen photos -o out/ --name new", 2, 'write --name "new{suffix}"'),
    ("apply '0 -1 0; -1 5 -1; 0 -1 0 a.png -o out.png'", 2, 'convcli apply "0 -1 0; -1 5 -1; 0 -1 0" a.png -o out.png'),
    ("apply 'sharpen a.png there.png -o out/ --force'", 2, "convcli apply sharpen a.png there.png -o out/ --force"),
    ("apply - a.png -o out.png", 2, "a filter is not read from stdin"),
    ("--help apply", 0, "Usage: convcli apply"),
    ("-h compare", 0, "Usage: convcli compare"),
    # Values in the words of other programs
    ("apply turn:-90 a.png -o out.png", 2, "write turn:270"),
    ("apply mirror:v a.png -o out.png", 2, "write mirror:vertical"),
    ("apply sobel:x a.png -o out.png", 2, "write sobel-x"),
    ("apply sharpen:2 a.png -o out.png", 2, "write unsharp:amount=2"),
    ("apply median:3,5 a.png -o out.png", 2, "write median:3x5"),
    ("apply 'median:[3,5]' a.png -o out.png", 0, "out.png"),
    ("apply resize:20px a.png -o out.png", 2, "write resize:width=20"),
    ("apply gabor:theta=45deg a.png -o out.png", 2, "write gabor:theta=0.785398"),
    # The habits of other programs
    ("--verson", 2, "did you mean convcli --version?"),
    ("--hlep", 2, "did you mean convcli --help?"),
    ("apply a.png -blur 0x2 out.png", 2, "convcli apply gaussian:2 a.png -o out.png"),
    ("apply a.png -edge 1 out.png", 2, "convcli apply sobel a.png -o out.png"),
    ("a.png -resize 50% out.png", 2, "convcli apply resize:50% a.png -o out.png"),
    ("-resize 50% a.png out.png", 2, "convcli apply resize:50% a.png -o out.png"),
    (
        "a.png -sharpen 0x1 -rotate 90 -quality 80 out.jpg",
        2,
        'convcli apply "unsharp:sigma=1 | turn:270" a.png -o out.jpg --quality 80',
    ),
    ("convert a.png -resize 50% -strip out.png", 2, "convcli apply resize:50% a.png -o out.png --metadata strip"),
    ("magick a.png -gaussian-blur 0x2 -negate out.png", 2, 'convcli apply "gaussian:2 | invert" a.png -o out.png'),
    ("magick a.png -morphology Convolve Sobel out.png", 2, "convcli list"),
    ("magick a.png -rotate 45 out.png", 2, "convcli list"),
    ("convert a.png out.png", 2, "convcli apply identity a.png -o out.png"),
    ("-i a.png -vf gblur=2 out.png", 2, "convcli apply gaussian:2 a.png -o out.png"),
    ("ffmpeg -i a.png -vf gblur=2,hflip -y out.png", 2, 'convcli apply "gaussian:2 | mirror" a.png -o out.png --force'),
    ("apply --sharpen a.png -o out.png", 2, "convcli apply sharpen a.png -o out.png"),
    ("apply a.png --blur=5 -o out.png", 2, "convcli apply blur:5 a.png -o out.png"),
    ("apply sharpen a.png --blur 5 -o out.png", 2, 'convcli apply "sharpen | blur:5" a.png -o out.png'),
    ("apply sharpen a.png --resize 50% -o out.png", 2, 'convcli apply "sharpen | resize:50%" a.png -o out.png'),
    ("apply sharpen a.png --normalise sum -o out.png", 2, "did you mean --normalize?"),
    ("apply sharpen --input a.png --output out.png", 2, "convcli apply sharpen a.png -o out.png"),
    ("apply blur 0x2 a.png -o out.png", 2, "convcli apply gaussian:2 a.png -o out.png"),
    ("apply gaussian:2 sobel a.png -o out.png", 2, 'convcli apply "gaussian:2 | sobel" a.png -o out.png'),
    ("apply sharpen a.png -o out.png -q 80", 2, "write --quality 80"),
    ("apply sharpen a.png -o out.png --quality 80%", 2, "write a whole number from 1 to 100"),
    ("apply sharpen a.png -o out.png --dry", 2, "did you mean --dry-run?"),
    ("apply sharpen a.png -o out.png --force=yes", 2, "write --force alone"),
    ("apply sharpen 'photos\\one.png' -o out.png", 1, "did you mean photos/one.png?"),
    # Other commands
    ("help list edge", 2, "convcli help list"),
    ("diff a.png there.png", 2, "convcli compare a.png there.png"),
    ("compare a.png there.png out.png", 2, "convcli compare a.png there.png -o out.png"),
    ("compare a.png there.png none.png more.png", 2, "convcli compare a.png there.png"),
    ("explain sharpen a.png --pixel 1,1", 2, "--at 10,20"),
    ("explain a.png sharpen", 2, "convcli explain sharpen a.png --at 10,20"),
    ("show sharpen --in 3x32x32", 2, "did you mean --input-size?"),
    ("show sharpen gaussian", 2, "convcli show sharpen"),
    ("report a.png", 2, "convcli report sharpen a.png -o report.html"),
    ("report a.png sharpen -o r.html", 2, "convcli report sharpen a.png -o r.html"),
    ("gallery a.png edges -o g.png", 2, "convcli gallery a.png -o g.png --group edges"),
    ("gallery a.png -o g.pdf", 2, "or .html"),
    ("install-completion", 2, "convcli --install-completion"),
    ("list blur", 0, "gaussian"),
    ("show", 2, "convcli show sharpen"),
    ("show sharpn", 2, "did you mean sharpen?"),
    ("show gaussian 2", 2, "convcli show gaussian:2"),
    ("list blur smooth", 2, "convcli list blur"),
    ("compare a.png", 2, "convcli compare a.png other.png"),
    ("report sharpen", 2, "name the page: convcli report sharpen -o report.html"),
    ("gallery a.png", 2, "convcli gallery a.png -o gallery.html"),
    ("explain a.png sharpen --at 1,1", 2, "convcli explain sharpen a.png --at 1,1"),
    ("learn my photo.png a.png", 2, 'convcli learn "my photo.png" a.png'),
    ("help --border", 2, "convcli apply --help-all explains --border"),
    ("learn a.png", 2, "convcli learn a.png after.png"),
    ("learn a.png missing.png", 1, "missing.png does not exist"),
    ("explain sharpen a.png", 2, "convcli explain sharpen a.png --at 10,20"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder: two pictures, one with a blank in its name, a folder, a filter, and one of GIMP's."""
    picture = np.arange(900, dtype=np.uint8).reshape(30, 30)
    (tmp_path / "photos").mkdir()
    (tmp_path / "outline").mkdir()
    for name in ("a.png", "there.png", "none.png", "my photo.png", "photos/one.png", "photos/two.png"):
        save(tmp_path / name, picture)
    (tmp_path / "mine.yaml").write_text("weights: [[2]]\n", encoding="utf-8")
    (tmp_path / "a.xcf").write_bytes(b"gimp xcf v011\0" + bytes(64))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("typed", "code", "wanted"), GUESSES, ids=[typed or "nothing" for typed, _, _ in GUESSES])
@pytest.mark.usefixtures("folder")
def test_a_first_guess_ends_in_the_command_that_works(typed: str, code: int, wanted: str) -> None:
    answer = run(*shlex.split(typed))
    assert (answer.code, wanted in answer.stdout + answer.stderr) == (code, True), answer.stdout + answer.stderr
    assert "should not happen" not in answer.stderr
    assert "secret" not in answer.stderr


# Those whose answer is a line to type again, but for those of a terminal and of a watch, which does not end.
LINES = [
    typed
    for typed, code, wanted in GUESSES
    if code == 2 and wanted.startswith("convcli apply") and not wanted.endswith(("--preview", "--watch"))
]


@pytest.mark.parametrize("typed", LINES)
@pytest.mark.usefixtures("folder")
def test_the_command_that_is_named_works(typed: str) -> None:
    told = run(*shlex.split(typed)).stderr
    line = re.split(r"; convcli |, where |\? convcli ", told.splitlines()[-1])[0].partition("convcli ")[2]
    words = ["a.png" if word == "photo.jpg" else word for word in shlex.split(line)]
    answer = run(*words)
    assert answer.code == ("new.png" in words), answer.stderr  # a file that does not exist
