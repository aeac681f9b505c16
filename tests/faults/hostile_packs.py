"""Packed files, workbooks and Parquet that mean harm."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.soak import SOAK

MB = 1 << 20
HEADER = b"id,amount,whole,note,data\n"
SMALL = HEADER + b"a,1,1,,\n"
BOMB = 11_000 if SOAK else 200
"""Million bytes that a bomb unpacks to."""


def gzip_bomb(path: Path) -> None:
    block = gzip.compress(b"x" * 10 * MB)
    path.write_bytes(gzip.compress(HEADER) + block * (BOMB // 10))


def gzip_of_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(gzip.compress(SMALL)))


def gzip_cut_off(path: Path) -> None:
    path.write_bytes(gzip.compress(SMALL * 100)[:-9])


def gzip_with_more(path: Path) -> None:
    path.write_bytes(gzip.compress(SMALL) + b"and more")


def gzip_of_nothing(path: Path) -> None:
    path.write_bytes(gzip.compress(b"") * 1000)


def zstd_bomb(path: Path) -> None:
    path.write_bytes(_zstd(HEADER) + _zstd(b"x" * 10 * MB) * (BOMB // 10))


def zstd_cut_off(path: Path) -> None:
    path.write_bytes(_zstd(SMALL * 1000)[:-5])


def _zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


def _zip(path: Path, *members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)


def zip_bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w", force_zip64=True) as member,
    ):
        for _ in range(BOMB // 10):
            member.write(b"x" * 10 * MB)


def zip_of_two(path: Path) -> None:
    _zip(path, ("a.csv", SMALL), ("b.csv", SMALL))


def zip_of_none(path: Path) -> None:
    _zip(path)


def zip_leads_out(path: Path) -> None:
    _zip(path, ("../../../../../../tmp/trivium-was-here.csv", SMALL))


def _lying(path: Path, data: bytes, says: int, method: int = zipfile.ZIP_DEFLATED) -> None:
    """A member whose directories say another size than it has."""
    _zip(path, ("a.csv", data), method=method)
    made = bytearray(path.read_bytes())
    directory = made.rindex(b"PK\x01\x02")
    made[22:26] = made[directory + 24 : directory + 28] = struct.pack("<I", says)
    path.write_bytes(made)


def zip_says_less(path: Path) -> None:
    _lying(path, SMALL + b"b,1,1,,\n" * 1000, len(SMALL))


def zip_says_more(path: Path) -> None:
    _lying(path, SMALL, (1 << 32) - 2)


def zip_cut_off(path: Path) -> None:
    _zip(path, ("a.csv", SMALL * 100))
    path.write_bytes(path.read_bytes()[:-30])


def zip_password(path: Path) -> None:
    _zip(path, ("a.csv", SMALL))
    made = bytearray(path.read_bytes())
    made[6] |= 1
    made[made.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(made)


def zip_bzip2_bomb(path: Path) -> None:
    """Says that it is small. Of bzip2 a piece of 1 MB may be 20 GB, and comes out all at once."""
    _lying(path, b"x" * (2_000 if SOAK else 50) * MB, 1_000, zipfile.ZIP_BZIP2)


def zip_lzma_damaged(path: Path) -> None:
    _zip(path, ("a.csv", SMALL * 100), method=zipfile.ZIP_LZMA)
    made = bytearray(path.read_bytes())
    made[45:60] = b"\xff" * 15
    path.write_bytes(made)


def zip_names(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(500_000 if SOAK else 20_000):
            archive.writestr(f"{number:0200}", b"")


def zip_wild_name(path: Path) -> None:
    _zip(path, ("\u202egnp.csv\r\x1b[2J" + "x" * 60_000, SMALL), ("b\x00\ud7ff\n", SMALL))


SHEET = "xl/worksheets/sheet1.xml"


def _workbook(path: Path, sheet: bytes | None = None, before: bytes = b"", *, copies: int = 1) -> None:
    """A workbook of one sheet, whose XML is replaced; `before` is said so many times in front of its end."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["id", "amount"])
    book.active.append(["a", 1])
    made = io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            with new.open(name, "w", force_zip64=True) as member:
                if name != SHEET:
                    member.write(data)
                elif sheet is not None:
                    member.write(sheet)
                else:
                    head, end, tail = data.partition(b"</sheetData>")
                    member.write(head)
                    for _ in range(copies):
                        member.write(before)
                    member.write(end + tail)


def excel_bomb(path: Path) -> None:
    _workbook(path, before=b" " * 10 * MB, copies=BOMB // 10)


_CELL = b'<row r="%d"><c r="%s%d" t="inlineStr"><is><t>x</t></is></c></row>'


def excel_far_cell(path: Path) -> None:
    """Two cells, the first and the last that a sheet has: as a full table they are 17 thousand million."""
    _workbook(path, before=_CELL % (1_048_576, b"XFD", 1_048_576))


def excel_many_cells(path: Path) -> None:
    """Small as XML, and as many cells as a table of 5,000 columns and 100,000 rows."""
    rows = b"".join(_CELL % (number, b"GJH", number) for number in range(3, 100_000))
    _workbook(path, before=rows)


def excel_entities(path: Path) -> None:
    """Names that stand for ten of the next, ten times over."""
    names = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 11))
    _workbook(
        path,
        b'<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY a0 "xxxxxxxxxx">' + names + b"]>"
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a10;</t></is></c></row></sheetData></worksheet>',
    )


def excel_old(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 200)


def _parquet(**columns: Any) -> bytes:
    made = io.BytesIO()
    pq.write_table(pa.table(columns), made)
    return made.getvalue()


def parquet_cut_off(path: Path) -> None:
    data = _parquet(id=["x" * 100] * 1000)
    path.write_bytes(data[: len(data) // 2])


def parquet_claims(path: Path) -> None:
    """The header of its first page says that it unpacks to 2 GB."""
    data = bytearray(_parquet(id=[f"x{n}" for n in range(1000)]))
    assert data[4:6] == b"\x15\x04", data[:16]  # the kind of page, then the size that it unpacks to, as a varint
    at = data.index(b"\x15", 6)
    end = at + 1
    while data[end] & 0x80:
        end += 1
    claimed = b"\xfe\xff\xff\xff\x0f"
    path.write_bytes(bytes(data[: at + 1]) + claimed + bytes(data[at + 1 + len(claimed) :]))


def parquet_footer(path: Path) -> None:
    """Says that its footer has 2 GB."""
    path.write_bytes(_parquet(id=["a"])[:-8] + struct.pack("<I", (1 << 31) - 1) + b"PAR1")


def parquet_bomb(path: Path) -> None:
    again: Any = pa.array([0] * (BOMB * 10), pa.int32())
    table = pa.table({"id": pa.DictionaryArray.from_arrays(again, ["x" * 100_000])})
    pq.write_table(table, path, store_schema=False)


def parquet_numbers(path: Path) -> None:
    """Noughts in one row group: of each column a few bytes."""
    noughts = pa.array(np.zeros(BOMB * 1_000, dtype=np.int64))
    pq.write_table(pa.table({f"c{number}": noughts for number in range(200)} | {"id": noughts}), path)


def parquet_nested(path: Path) -> None:
    """A list that is one row and 100 million items long."""
    items = np.zeros(100 * MB if SOAK else 30 * MB, dtype=np.int64)
    lists = pa.ListArray.from_arrays(pa.array([0, len(items)], pa.int32()), pa.array(items))
    pq.write_table(pa.table({"id": ["a"], "data": lists}), path)


def parquet_columns(path: Path) -> None:
    path.write_bytes(_parquet(**{f"c{number}": [1] for number in range(20_000)}))
