"""Bytes in, bounded chunks of text columns out, every record with its line and offset.

    for chunk in read(Csv(separator=";"), file):
        ...             # chunk.table, chunk.place; chunk.torn: what could not be told into columns

No value is judged here: a cell is text, null if it is empty. A record that cannot be told into cells is
torn, not lost; only a file of which nobody can say what its records are raises.
"""

from trivium.engine.reading.again import NotOneRecordError, Unfit, read_csv_again, read_json_again
from trivium.engine.reading.chunk import RawChunk
from trivium.engine.reading.csv_file import read_csv
from trivium.engine.reading.cutting import CHUNK_BYTES, MAX_RECORD_BYTES, ByteSource
from trivium.engine.reading.errors import EmptyError, HeaderError, ReadingError, SheetError
from trivium.engine.reading.formats import read, read_again
from trivium.engine.reading.json_file import read_json
from trivium.engine.reading.torn import TORN
from trivium.engine.reading.trailer import LastLine

__all__ = [
    "CHUNK_BYTES",
    "MAX_RECORD_BYTES",
    "TORN",
    "ByteSource",
    "EmptyError",
    "HeaderError",
    "LastLine",
    "NotOneRecordError",
    "RawChunk",
    "ReadingError",
    "SheetError",
    "Unfit",
    "read",
    "read_again",
    "read_csv",
    "read_csv_again",
    "read_json",
    "read_json_again",
]
