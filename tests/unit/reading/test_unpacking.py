"""Packed files: what is in them comes out, no more than may, and damage refuses them."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pytest

from tests.unit.reading.streams import Drip, sound
from trivium.engine.reading import ReadingError, read
from trivium.engine.reading.unpacking import unpacked
from trivium.model.files import parse_files
from trivium.model.formats import Csv

DATA = b"a,b\n" + b"".join(b"%d,x\n" % number for number in range(1000))


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


PACKERS: list[Callable[[bytes], bytes]] = [gzip.compress, zstd, lambda data: zipped(x=data)]


@pytest.mark.parametrize("drip", [7, 1 << 20])
@pytest.mark.parametrize("pack", PACKERS)
def test_packed_records_are_those_that_were_packed(pack: Callable[[bytes], bytes], drip: int) -> None:
    assert sound(read(Csv(), Drip(pack(DATA), drip), chunk_bytes=900)) == sound(read(Csv(), io.BytesIO(DATA)))


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_members_one_behind_the_other(pack: Callable[[bytes], bytes]) -> None:
    assert len(sound(read(Csv(), io.BytesIO(pack(DATA) + pack(b"7,y\n"))))) == 1001


@pytest.mark.parametrize("pack", PACKERS)
def test_more_than_may_come_out_is_refused_with_both_figures(pack: Callable[[bytes], bytes]) -> None:
    data = pack(b"0" * 1_000_000)
    with pytest.raises(ReadingError, match=r"[\d,]+ bytes of (it|x) unpack to more than 100 KB"):
        while_it_is_read(data, 100_000)
    assert while_it_is_read(data, 1_000_000) == 1_000_000


def while_it_is_read(data: bytes, most: int) -> int:
    stream, size = unpacked(io.BytesIO(data), most), 0
    try:
        while part := stream.read(1 << 16):
            size += len(part)
            assert size <= most
    finally:
        stream.close()
    return size


@pytest.mark.parametrize("pack", PACKERS)
def test_every_cut_and_a_changed_byte_refuse_the_file(pack: Callable[[bytes], bytes]) -> None:
    data = pack(DATA)
    for size in range(8, len(data), 97):
        with pytest.raises(ReadingError, match="damaged or cut off"):
            while_it_is_read(data[:size], 1 << 20)
    if pack is zstd:
        return  # pyarrow writes no checksum
    changed = bytearray(data)
    changed[len(data) // 2] ^= 0xFF
    with pytest.raises(ReadingError, match="damaged or cut off"):
        while_it_is_read(bytes(changed), 1 << 20)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (zipped(), "the zip holds no file"),
        (zipped(x=DATA, y=DATA), r"the zip holds 2 files \(x, y\)"),
        (zipped(**{"[Content_Types].xml": b"", "xl": b""}), "that is a workbook: declare format='excel'"),
        (gzip.compress(gzip.compress(DATA, mtime=0), mtime=0), "packed by gzip, twice"),
    ],
)
def test_what_is_no_packed_file_of_text(data: bytes, says: str) -> None:
    with pytest.raises(ReadingError, match=says):
        list(read(Csv(), io.BytesIO(data)))


def test_what_could_not_be_read_is_not_blamed_on_the_packing() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 100:
                raise PermissionError("gone")
            return super().read(min(size or 60, 60))

    for pack in PACKERS:
        with pytest.raises(PermissionError, match="gone"):
            while_it_is_read_from(Broken(pack(DATA)))


def while_it_is_read_from(stream: io.BytesIO) -> None:
    out = unpacked(stream)
    try:
        while out.read(1 << 16):
            pass
    finally:
        out.close()


@pytest.mark.parametrize("ending", ["", ".gz", ".ZST", ".zip"])
def test_the_name_of_a_packed_file_says_the_same(ending: str) -> None:
    pattern = parse_files("o_{day}_r{revision}.csv", "s")
    found = pattern.match(f"o_1_r2.csv{ending}")
    assert found is not None
    assert (found.delivery, found.revision) == ("1", 2)
    whole = parse_files("o.csv", "s").match(f"o.csv{ending}")
    assert whole is not None
    assert whole.delivery == "o.csv"
    assert parse_files("o.csv.gz", "s").match("o.csv") is None
