"""The codec of TIFF: Pillow reads pages of 8 bits, tifffile all others. Without NumPy until pixels become arrays."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import IO, TYPE_CHECKING

from PIL import Image, ImageFile
from PIL.ExifTags import Base as Tag

from convcli.image.codec import Encoding, RowReader, RowWriter, Source
from convcli.image.codecs.tiff.foreign import foreign_tags, further_statements
from convcli.image.codecs.tiff.header import (
    DESCRIPTIVE_TAGS,
    TiffHeader,
    check_pages,
    check_segments,
    found_libtiff,
    has_halved_colors,
    open_tiff_header,
)
from convcli.image.codecs.tiff.pages import further_images, mask_of, pages_of, wanted_pages
from convcli.image.limit import check_index
from convcli.image.memory import Outline
from convcli.image.metadata import LYING, Metadata, take_metadata
from convcli.image.pillow.codec import PillowCodec
from convcli.image.pillow.frames import first_of, frame_count, go_to, outline_of, stored_mode
from convcli.image.pillow.loaded import Loaded
from convcli.image.pillow.silence import without_stderr
from convcli.note import Note

if TYPE_CHECKING:
    from convcli.image.picture import Picture

_YCBCR = 6
_FURTHER_CHANNEL = "X"  # the end of Pillow's name for a mode with one


class TiffCodec(PillowCodec):
    """TIFF."""

    plugin = "Tiff"
    in_rows = True
    rows_held = 2 * 256
    rows_together = 256

    def count(self, source: Source) -> int:
        header = _header(source)
        return header.layers if header.layers > 1 else len(pages_of(header).numbers)

    def load(self, source: Source) -> Loaded | None:
        header = _header(source)
        if header.layers > 1:
            return None
        for page in wanted_pages(header, source.frames):
            go_to(header, source.name, page)
            if mask_of(header, page) is not None:
                return None
            header.seek(page)
            if header.deep or (source.everything and header.has_further_channels):
                return None
        try:
            return super().load(source)
        except (KeyError, TypeError):  # a page behind is none, which Pillow opens to count them
            return None

    def load_opened(self, image: ImageFile.ImageFile, source: Source, coded: int = 0) -> Loaded:
        if isinstance(source.frames, int) or frame_count(image) == 1:
            return super().load_opened(image, source, coded)
        numbers, notes, damage = pages_of(image)
        wanted = numbers[:1] if source.frames == "first" else numbers
        if len(wanted) < len(numbers):
            notes = (first_of(len(numbers)), *notes)
        outlines = []
        for index in wanted:  # the headers alone, before anything is decoded
            image.seek(index)
            outlines.append(outline_of(image))
        source.admit_pages(outlines)
        pages = []
        for index in wanted:
            image.seek(index)
            name = f"page {index} of {source.name}" if len(wanted) > 1 else source.name
            page = self.load_frame(image, replace(source, name=name))
            pages.append(replace(page, image=page.image.copy()))  # the next page takes its place
        return replace(pages[0], pages=tuple(pages[1:]), notes=(*notes, *pages[0].notes), damage=damage)

    def load_frame(self, image: ImageFile.ImageFile, source: Source) -> Loaded:
        source.check_size(image.size)
        notes = self.notes(image)
        is_rotated = getattr(image, "tag_v2", {}).get(Tag.Orientation) in LYING
        if has_halved_colors(image):
            found_libtiff(image)
        check_segments(image, source)
        with without_stderr():
            try:
                image.load()  # which turns it upright and takes the orientation away
            except (OSError, ValueError) as error:
                if getattr(error, "errno", None) is not None or not found_libtiff(image):
                    raise
                check_segments(image, source)
                image.load()
        metadata, turn, more = self.metadata(image, is_rotated=is_rotated)
        return Loaded(image, metadata, turn, (*notes, *more))

    def notes(self, image: ImageFile.ImageFile) -> tuple[Note, ...]:
        tags = getattr(image, "tag_v2", {})
        stored = stored_mode(image)
        notes = []
        # YCbCr has four on the way, of three in the file.
        if stored.endswith(_FURTHER_CHANNEL) and len(stored) == tags.get(Tag.SamplesPerPixel):
            notes.append(Note("channels-left-out", "it has more channels than colors and alpha; they are left out"))
        if stored == "RGBa":
            notes.append(Note("alpha-undone", "its alpha was multiplied into the colors; that is undone"))
        # libtiff converts what is compressed as JPEG by itself.
        if tags.get(Tag.PhotometricInterpretation) == _YCBCR:
            notes.append(Note("converted", "its YCbCr colors are converted to RGB"))
        return (*further_images(image, frame_count(image)), *notes)

    def metadata(
        self, image: ImageFile.ImageFile, *, is_rotated: bool = False
    ) -> tuple[Metadata, Image.Transpose | None, tuple[Note, ...]]:
        """Take the metadata of the page that was turned to."""
        if Tag.XResolution not in getattr(image, "tag_v2", {}):
            image.info.pop("dpi", None)  # Pillow makes 1 of a resolution that is not there
        metadata, turn, notes = take_metadata(image, self.format, describing=DESCRIPTIVE_TAGS, has_stood_up=is_rotated)
        tags = getattr(image, "tag_v2", None)
        found = foreign_tags(tags, tags.tagtype) if tags is not None else ()
        iptc, claims = further_statements(tags) if tags is not None else (b"", ())
        if found or iptc:
            metadata = replace(metadata, tiff=found, iptc=iptc)
        return metadata, turn, (*notes, *claims)

    def read_arrays(self, source: Source) -> Picture:
        header = _header(source)
        if header.layers > 1:
            return self._volume(header, source)
        numbers, notes, damage = pages_of(header)
        wanted = wanted_pages(header, source.frames)
        outlines = []
        for page in wanted:  # the headers alone, before anything is decoded
            go_to(header, source.name, page)
            source.check_size(header.size)
            outlines.append(Outline(header.height, header.width, header.samples, header.itemsize))
        source.admit_pages(outlines)
        first, *others = (self._page(header, source, page) for page in wanted)
        if source.frames == "first" and len(numbers) > 1:
            notes = (first_of(len(numbers)), *notes)
        if not isinstance(source.frames, int):
            first = replace(first, notes=(*first.notes, *notes), damage=(*first.damage, *damage))
        return replace(first, pages=tuple(others))

    def _page(self, header: TiffHeader, source: Source, page: int) -> Picture:
        """Decode one page; with Pillow, from a header of its own, where that decodes it whole."""
        mask = mask_of(header, page)
        header.seek(page)
        if mask is None and not header.deep and not (source.everything and header.has_further_channels):
            image = open_tiff_header(source.stream)
            go_to(image, source.name, page)
            image.find_decoder()
            return self.finish(self.load_frame(image, source), source.name)
        from convcli.image.codecs.tiff.read import tiff_samples  # here, with tifffile
        from convcli.image.pillow.decode import picture_of

        metadata, turn, notes = self.metadata(header)
        notes = (*further_images(header, frame_count(header)), *notes)
        samples = tiff_samples(source, page, metadata.icc, mask)
        damage = tuple(note for note in samples.notes if note.code == "damaged")
        notes = (*(note for note in samples.notes if note not in damage), *notes)
        picture = replace(picture_of([samples], metadata, turn, notes), damage=damage)
        if samples.linear:
            from convcli.image.color_profile import light_profile

            profile = light_profile(gray=picture.colors == 1)
            return replace(picture, linear=True, metadata=replace(picture.metadata, icc=profile))
        return replace(picture, numbers=samples.numbers) if samples.numbers else picture

    def _volume(self, header: TiffHeader, source: Source) -> Picture:
        """Decode the layers of a volume, which become pages."""
        from convcli.image.codecs.tiff.read import tiff_layers  # here, with tifffile
        from convcli.image.pillow.decode import picture_of

        count, frames = header.layers, source.frames
        if isinstance(frames, int):
            check_index(source.name, "layer", count, frames)
        source.check_size(header.size)
        source.admit_pages([Outline(header.height, header.width, header.samples, header.itemsize, count=count)])
        metadata, turn, notes = self.metadata(header)
        layers = tiff_layers(source, 0, metadata.icc)
        wanted = layers if frames == "all" else [layers[0 if frames == "first" else frames]]
        about = first_of(count) if frames == "first" else Note("volume", "the layers of its volume are taken as pages")
        pages = [
            replace(picture_of([each], metadata, turn, (about, *each.notes, *notes)), numbers=each.numbers)
            for each in wanted
        ]
        return replace(pages[0], pages=tuple(pages[1:]))

    def rows(self, source: Source) -> RowReader | None:
        from convcli.image.codecs.tiff.rows import open_rows, open_stack  # here, with tifffile

        header = _header(source)
        if header.layers > 1:
            return None
        numbers, left_out, damage = pages_of(header)
        if source.frames == "first":
            numbers = numbers[:1]
        elif isinstance(source.frames, int):
            numbers, left_out, damage = [source.frames], (), ()
        go_to(header, source.name, numbers[0])
        if any(mask_of(header, page) is not None for page in numbers):
            return None
        header.seek(numbers[0])
        source.check_size(header.size)
        metadata = partial(self.metadata, header)
        if len(numbers) > 1:
            reader = open_stack(source, header, numbers, metadata)
        else:
            reader = open_rows(source, header, numbers[0], metadata)
        if reader is not None:
            reader.picture = replace(reader.picture, notes=(*reader.picture.notes, *left_out), damage=damage)
        return reader

    def row_writer(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> RowWriter:
        from convcli.image.codecs.tiff.tiles import TiffTiles  # here, with NumPy

        return TiffTiles(
            picture,
            self.carried(picture),
            stream,
            encoding.threads,
            overviews=encoding.overviews,
            begun=encoding.begun,
        )

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        from convcli.image.codecs.tiff.stacks import as_stack  # here, as below, with NumPy
        from convcli.image.codecs.tiff.write import as_numbers, write_tiff

        if encoding.overviews and picture.count == 1:
            if picture.numbers:
                picture = picture.with_pixels(as_numbers(picture.frames[0], picture.numbers))
            with self.row_writer(picture, stream, encoding) as writer:
                writer.write(picture.frames[0])
            return
        # The frames of an animation are pages, too.
        pages = [(frame, each) for each in (picture, *picture.pages) for frame in each.frames]
        if picture.stack is not None:
            pages = as_stack(pages, picture.stack)
        write_tiff(
            [
                (as_numbers(frame, each.numbers) if each.numbers else frame, each.has_alpha, self.carried(each))
                for frame, each in pages
            ],
            stream,
        )

    def losses(self, picture: Picture) -> list[Note]:
        lost = super().losses(picture)
        if picture.numbers:
            from convcli.image.codecs.tiff.write import beyond  # here, with NumPy

            count = sum(beyond(frame, picture.numbers) for frame in picture.frames)
            values = sum(frame.size for frame in picture.frames)
            if count:
                share = f"{max(100 * count / values, 0.1):.1f} %"
                lost.append(Note("clipped", f"{share} of the values do not fit {picture.numbers}; --depth float does"))
        return lost


CODEC = TiffCodec


def _header(source: Source) -> TiffHeader:
    """Read the first directory of a file whose pages are not too many."""
    check_pages(source)
    return open_tiff_header(source.stream)
