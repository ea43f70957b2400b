"""CSV: rows of numbers, and the table that is read from them."""

from convcli.image.codecs.csv_rows.codec import CODEC as CODEC
