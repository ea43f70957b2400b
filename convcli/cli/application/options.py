"""Options of other tools, and what to write here, by the commands that they are given to."""

from __future__ import annotations

from convcli.cli.application.habits import PARAMETERS

_EVERYWHERE = {
    "convcli computes on the processor, on all of it: leave it out": "--gpu --cuda --device --opencl --metal",
    "-v prints details, --debug a traceback": "--log --loglevel --log-level --verbosity --trace",
    "--force overwrites existing outputs": "--overwrite --yes -y --replace --clobber",
}
_TEXTS = {
    "apply": {
        "inputs follow the filter, without an option: convcli apply sharpen photo.jpg -o sharp.jpg": (
            "-i --input --in --inputs --image --file --source"
        ),
        "-o names the output: convcli apply sharpen photo.jpg -o sharp.jpg": (
            "--out --output-file --outfile --outdir --output-dir --dest --destination --to --save -d"
        ),
        "parameters follow the name of the filter: gaussian:sigma=2, median:size=5": PARAMETERS,
        "a size is a filter: convcli apply resize:50% photo.jpg -o small.jpg": (
            "--resize --scale --width --height --thumbnail"
        ),
        "gray is a filter: convcli apply grayscale photo.jpg -o gray.jpg": "--gray --grey --grayscale --bw --mono",
        'a filter is repeated by bars: convcli apply "sharpen | sharpen" photo.jpg -o sharp.jpg': (
            "--iterations --iter --repeat --times --passes --count"
        ),
        "--quality sets it for JPEG, WebP and AVIF, --png-effort for PNG": (
            "--compression --compress --compression-level --level --lossless -z"
        ),
        "--metadata keep, color or strip says which are kept": "--exif --strip --no-metadata --keep-exif --no-exif",
        '--name "{stem}-sharp{suffix}" names the outputs in a folder': (
            "--suffix --prefix --rename --template --filename --name-template"
        ),
        "the shell chooses files, as in photos/*.jpg; --files-from takes a list": (
            "--include --exclude --glob --ext --extension"
        ),
        "--in-place keeps each original as NAME~": "--backup --keep-original",
        "--preview shows before and after in the terminal": "--show --open --view --display",
        "--jobs sets how many files are done at a time": "--workers --parallel --processes -p --num-workers",
        "the list of filters: convcli list": "--list --list-filters -l --filters-list",
        "--background sets the color under what is transparent": "--bg --bgcolor",
        "-r takes the folders below a folder too": "-R --tree --subfolders --recurse",
        "values become the output's depth by --depth 8, 16 or float": "--bits --dtype --bit-depth",
    },
    "learn": {
        "--learning-rate sets it": "--lr --rate --eta --alpha",
        "--size sets the height and width of the kernel": "--kernel --kernel-size --ksize -k --width",
        "--steps sets how many": "--iterations --iters --iter --max-iter -n",
        "--optimizer sets it": "--opt --method --solver --algorithm",
        "--batch sets it": "--batch-size --bs",
        "--holdout sets the share of rows that is kept from learning": "--validation --val --val-split --test-size",
    },
    "gallery": {
        "filters follow the picture: convcli gallery photo.jpg sharpen unsharp:2 -o gallery.html": (
            "--filter --filters --kernels -k"
        ),
    },
    "report": {
        "filter and picture follow without options: convcli report sharpen photo.jpg -o sharpen.html": (
            "--filter --picture --image --input -i --kernel"
        ),
    },
    "list": {"convcli list names all; a word chooses: convcli list edges": "--all -a --full --long -l"},
    "show": {"convcli list names all filters": "--list --all -l"},
}

# By command, and by name.
OPTIONS = {
    command: {
        word: advice
        for texts in (_EVERYWHERE, _TEXTS.get(command, {}))
        for advice, words in texts.items()
        for word in words.split()
    }
    for command in ("apply", "learn", "gallery", "report", "list", "show", "compare", "explain", "export", "import")
}
# Options of which the value is the filter.
FILTERS = ("--filter", "--kernel", "-k", "--filters", "--matrix", "--type", "--effect")
