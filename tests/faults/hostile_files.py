"""Files that mean harm, or are what a broken sender makes: each with what has to become of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults import hostile_packs as packs
from tests.faults.hostile_shop import DAY
from tests.soak import SOAK

MB = 1 << 20
RECORD = 64 * MB
"""What a record may have, with its line end."""

HEADER = b"id,amount,whole,note,data\n"
Write = Callable[[Path], object]


@dataclass(frozen=True)
class Hostile:
    """A file: which source gets it under which name, how it is made, the state it comes to, and a part of what is said
    of it. `account`: what was received, accepted, rejected of it where it is loaded."""

    source: str
    name: str
    write: Write
    state: str = "refused"
    why: str = ""
    account: tuple[int, int, int] | None = None


def parts(*made: bytes | Iterator[bytes]) -> Write:
    """A file of these bytes, written as they come."""

    def write(path: Path) -> None:
        with path.open("wb") as file:
            for one in made:
                file.writelines((one,) if isinstance(one, bytes) else one)

    return write


def times(piece: bytes, count: int) -> Write:
    return lambda path: parts(iter([piece] * count))(path)


def run(piece: bytes, size: int, *, head: bytes = HEADER, tail: bytes = b"\n") -> Write:
    """So many bytes of one piece again and again, between a head and a tail."""

    def write(path: Path) -> None:
        block = piece * (MB // len(piece))
        with path.open("wb") as file:
            file.write(head)
            left = size
            while left > 0:
                left -= file.write(block[:left])
            file.write(tail)

    return write


def rejected(count: int) -> Write:
    """So many records of which none is one."""

    def write(path: Path) -> None:
        block = b"".join(b"%d,nothing,x,y,\n" % number for number in range(10_000))
        with path.open("wb") as file:
            file.write(HEADER)
            file.writelines(block for _ in range(count // 10_000))

    return write


def record(size: int) -> Write:
    """A record of exactly this size with its line end, between two others."""
    return run(b"x", size - len(b"big,1,1,,\n"), head=HEADER + b"a,1,1,,\nbig,1,1,", tail=b",\nb,1,1,,\n")


def _csv(what: str, write: Write, state: str, why: str = "", account: tuple[int, int, int] | None = None) -> Hostile:
    return Hostile("csv", f"{what}_{DAY}.csv", write, state, why, account)


def _json(what: str, write: Write, state: str, why: str = "", account: tuple[int, int, int] | None = None) -> Hostile:
    return Hostile("json", f"{what}_{DAY}.json", write, state, why, account)


def _of(source: str, what: str, write: Write, why: str, state: str = "refused") -> Hostile:
    return Hostile(source, f"{what}_{DAY}.{'xlsx' if source == 'excel' else source}", write, state, why)


def _wide(what: str, data: bytes, state: str, why: str = "", account: tuple[int, int, int] | None = None) -> Hostile:
    return Hostile("wide", f"{what}_{DAY}.csv", parts(data), state, why, account)


FAR = 1_000 * MB if SOAK else 200 * MB
REJECTED = 10_000_000 if SOAK else 200_000
NULS = MB if SOAK else 100_000
NINES = b"9" * 1_000
MILLION = b"9" * 1_000_000

TEXTS = [
    _csv("one-line", run(b"x", FAR, head=b"", tail=b""), "refused", "the header does not end within"),
    _csv("one-record", run(b"x", FAR), "loaded", account=(1, 0, 1)),
    _csv("many-columns", parts(b",".join(b"c%d" % n for n in range(100_000)), b"\n1\n"), "refused", "at most 10000"),
    _csv(
        "most-columns",
        parts(b"id," + b",".join(b"c%d" % n for n in range(9_999)), b"\n1" + b"," * 9_999, b"\n"),
        "loaded",
        account=(1, 1, 0),
    ),
    _csv("columns-of-a-record", parts(HEADER + b"1" + b"," * 1_000_000 + b"\n2,1,1,,\n"), "loaded", account=(2, 1, 1)),
    _csv("nuls", run(b"\0", 100 * MB, head=b"", tail=b""), "refused", "the header does not end within"),
    _csv("nuls-within", parts(HEADER + b"a\0,1,1,,\nb,1,1,,\n"), "loaded", account=(2, 1, 1)),
    _csv("nul-records", run(b"\0\n", 2 * NULS), "loaded", account=(NULS, 0, NULS)),
    _csv(
        "mixed-encodings",
        parts(HEADER + "a,1,1,é,\n".encode() + "b,1,1,é,\n".encode("latin-1") + "c,1,1,é,\n".encode("utf-16")),
        "loaded",
    ),
    _csv("all-bytes", parts(HEADER, bytes(range(256)) * 100), "loaded", account=(201, 0, 201)),
    _csv("rejected", rejected(REJECTED), "loaded", account=(REJECTED, 0, REJECTED)),
    _csv(
        "header-twice", parts(b"id,amount,id\n1,2,3\n"), "refused", "columns 1 and 3 of the header are both named 'id'"
    ),
    _csv(
        "header-long-twice",
        run(b"x", MB, head=b"", tail=b"," + b"x" * MB + b"\n1,2\n"),
        "refused",
        "are both named 'xxx",
    ),
    _csv("header-70-mb", run(b"x,", 70 * MB, head=b"", tail=b"\n"), "refused", "the header does not end within"),
    _csv("header-60-mb", run(b"x,", 60 * MB, head=b"", tail=b"\n"), "refused", "the header does not end within"),
    _csv("header-of-one-name", run(b"x", 7 * MB, head=b"", tail=b"\n"), "refused", "reads the column 'id'"),
    _csv("open-quote", run(b"x,1,1,,\n", 100 * MB, head=HEADER + b'"'), "refused", "is not closed"),
    _csv("open-quote-at-the-end", parts(HEADER + b'a,1,1,,\nb,1,1,"x\n'), "loaded", account=(2, 1, 1)),
    _csv("open-quote-in-the-header", parts(b'"id,amount\n1,2\n'), "refused", "quote in the header is not closed"),
    _csv("quotes", run(b'"', 100 * MB, head=b"", tail=b""), "refused"),
    _csv("quotes-below-a-header", run(b'"', 100 * MB), "loaded"),
    _csv("quotes-and-lines", run(b'"\n', MB if SOAK else MB // 8, tail=b""), "loaded"),
    _csv("quotes-and-commas", run(b'",', (60 if SOAK else 12) * MB), "loaded"),
    _csv("blank-lines", run(b"\n", MB, head=b"", tail=b""), "refused", "the file is empty"),
    _csv("blank-lines-below-a-header", run(b"\r\n", (100 if SOAK else 20) * MB), "refused", "the file has no records"),
    _csv(
        "long-numbers",
        parts(HEADER + b"a," + NINES + b",1,,\nb,1," + NINES + b",,\nc,0." + NINES + b",1,,\n"),
        "loaded",
        account=(3, 0, 3),
    ),
    _csv(
        "million-digits",
        parts(HEADER + b"a," + MILLION + b",1,,\nb,1," + MILLION + b",,\nc,1,1," + MILLION + b",\n"),
        "loaded",
        account=(3, 1, 2),
    ),
    _csv(
        "digits-to-the-bound",
        run(b"9", RECORD - 20, head=HEADER + b"a,", tail=b",1,,\nb,1,1,,\n"),
        "loaded",
        account=(2, 1, 1),
    ),
    _csv("exponents", parts(HEADER + b"a,1e999999999,1,,\nb,1,1e9999999999999,,\n"), "loaded", account=(2, 0, 2)),
    _csv("record-of-the-bound", record(RECORD), "loaded", account=(3, 3, 0)),
    _csv("record-too-long", record(RECORD + 1), "loaded", account=(3, 2, 1)),
    _csv("marks-within", parts(HEADER + b"a,1,1,\xef\xbb\xbf,\n\xef\xbb\xbfb,1,1,,\n"), "loaded", account=(2, 2, 0)),
    _csv("two-marks", parts(b"\xef\xbb\xbf\xef\xbb\xbf" + HEADER + b"a,1,1,,\n"), "refused", "reads the column 'id'"),
    _csv("surrogates", parts(HEADER + b"\xed\xa0\x80,1,1,,\nb,1,1,,\n"), "loaded", account=(2, 1, 1)),
    _csv("nested-cell", parts(HEADER + b"a,1,1,," + b"[" * 100_000 + b"]" * 100_000 + b"\nb,1,1,,[]\n"), "loaded"),
    _csv("nothing", parts(b""), "refused", "the file is empty"),
    _csv("utf-16", parts((HEADER + b"a,1,1,,\n").decode().encode("utf-16")), "refused", "the file is UTF-16"),
    _csv("program", parts(b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 10), "refused"),
    _wide("odd", (HEADER + b"a,1,1,,\n").decode().encode("utf-16") + b"\x0a", "loaded"),
    _wide(
        "half-pairs",
        (HEADER + b"a,1,1,").decode().encode("utf-16") + b"\x00\xd8" + ",\nb,1,1,,\n".encode("utf-16-le"),
        "loaded",
        account=(2, 1, 1),
    ),
    _wide("mark-alone", b"\xff\xfe", "refused", "the file is empty"),
    _wide("one-byte", b"\xff", "refused"),
    _json("brackets", parts(b"[" * 100_000), "refused"),
    _json("deep-array", parts(b"[" * 100_000 + b"]" * 100_000), "loaded"),
    _json("deep-member", parts(b'{"id":"a","data":' + b"[" * 100_000 + b"]" * 100_000 + b'}\n{"id":"b"}\n'), "loaded"),
    _json(
        "deep-objects",
        parts(b'{"id":"a","data":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b'}\n{"id":"b"}\n'),
        "loaded",
    ),
    _json(
        "very-deep",
        parts(b'{"id":"a","data":' + b"[" * 5_000_000 + b"]" * 5_000_000 + b'}\n{"id":"b"}\n'),
        "refused",
        "more memory to judge",
    ),
    _json("deep-open", parts(b'{"id":' * 100_000), "loaded"),
    _json(
        "million-digits",
        parts(
            b'{"id":"a","amount":'
            + MILLION
            + b'}\n{"id":"b","whole":'
            + MILLION
            + b'}\n{"id":"c","data":'
            + MILLION
            + b"}\n"
        ),
        "loaded",
    ),
    _json("exponents", parts(b'{"id":"a","amount":1e999999999}\n{"id":"b","data":{"x":1e-999999999}}\n'), "loaded"),
    _json(
        "surrogates",
        parts(b'{"id":"\\ud800"}\n{"id":"b","note":"\\udc00\\u0000"}\n{"id":"c","data":["\\ud800"]}\n{"id":"d"}\n'),
        "loaded",
    ),
    _json(
        "million-members",
        parts(b"{", b",".join(b'"m%d":1' % n for n in range(1_000_000)), b',"id":"a"}\n'),
        "refused",
        "more memory to judge",
    ),
    _json("same-member", parts(b"{", b'"id":"a",' * 1_000_000, b'"id":"b"}\n'), "refused", "more memory to judge"),
    _json("commas", parts(b"[", b"," * NULS, b"]"), "loaded", account=(NULS + 1, 0, NULS + 1)),
    _json(
        "record-too-long",
        run(b"x", RECORD, head=b'{"id":"a"}\n{"id":"', tail=b'"}\n{"id":"c"}\n'),
        "loaded",
        account=(3, 2, 1),
    ),
    _json("element-too-long", run(b"x", RECORD, head=b'[{"id":"', tail=b'"}]'), "refused", "does not end within"),
    _json(
        "record-of-the-bound",
        run(b"x", RECORD - 30, head=b'{"id":"a","note":"', tail=b'"}\n{"id":"c"}\n'),
        "refused",
        "more memory to judge",
    ),
    Hostile(
        "envelope",
        f"surrogate-name_{DAY}.json",
        parts(b'{"\\ud800":1,"\\u0000\\u202e":1}'),
        "refused",
        "there is no list",
    ),
    Hostile(
        "envelope",
        f"long-names_{DAY}.json",
        run(b"x", 10 * MB, head=b'{"', tail=b'":1}'),
        "refused",
        "there is no list",
    ),
    Hostile("envelope", f"deep_{DAY}.json", parts(b'{"a":' * 1_000_000), "refused", "not closed"),
    Hostile(
        "envelope",
        f"many-names_{DAY}.json",
        parts(b"{", b",".join(b'"m%d":1' % n for n in range(NULS)), b"}"),
        "refused",
        "there is no list",
    ),
    Hostile(
        "envelope",
        f"deep-before_{DAY}.json",
        parts(b'{"a":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b',"data":{"items":[{"id":"a"}]}}'),
        "loaded",
    ),
]

PACKED = [
    _csv("gzip-bomb", packs.gzip_bomb, "refused", "unpack to more than"),
    _csv("gzip-of-gzip", packs.gzip_of_gzip, "refused", "packed by gzip, twice"),
    _csv("gzip-cut-off", packs.gzip_cut_off, "refused", "damaged or cut off"),
    _csv("gzip-with-more", packs.gzip_with_more, "refused", "damaged or cut off"),
    _csv("gzip-of-nothing", packs.gzip_of_nothing, "refused", "the file is empty"),
    _csv("zstd-bomb", packs.zstd_bomb, "refused", "unpack to more than"),
    _csv("zstd-cut-off", packs.zstd_cut_off, "refused", "damaged or cut off"),
    _csv("zip-bomb", packs.zip_bomb, "refused", "unpack to more than"),
    _csv("zip-of-two", packs.zip_of_two, "refused", "the zip holds 2 files"),
    _csv("zip-of-none", packs.zip_of_none, "refused", "the zip holds no file"),
    _csv("zip-leads-out", packs.zip_leads_out, "loaded", account=(1, 1, 0)),
    _csv("zip-says-less", packs.zip_says_less, "refused"),
    _csv("zip-says-more", packs.zip_says_more, "refused", "unpack to more than"),
    _csv("zip-cut-off", packs.zip_cut_off, "refused", "damaged or cut off"),
    _csv("zip-password", packs.zip_password, "refused", "has a password"),
    _csv("zip-bzip2-bomb", packs.zip_bzip2_bomb, "refused", "is packed by bzip2"),
    _csv("zip-lzma-damaged", packs.zip_lzma_damaged, "refused"),
    _csv("zip-names", packs.zip_names, "refused", "the zip holds"),
    _csv("zip-wild-name", packs.zip_wild_name, "refused", "the zip holds 2 files"),
    _of("excel", "bomb", packs.excel_bomb, "unpack to more than"),
    _of("excel", "far-cell", packs.excel_far_cell, ""),
    _of("excel", "wide-cells", packs.excel_many_cells, ""),
    _of("excel", "entities", packs.excel_entities, ""),
    _of("excel", "not-a-workbook", packs.zip_of_two, ""),
    _of("excel", "old-damaged", packs.excel_old, ""),
    _of("excel", "nothing", parts(b""), "the file is no workbook"),
    _of("parquet", "cut-off", packs.parquet_cut_off, "cut off or damaged"),
    _of("parquet", "claims", packs.parquet_claims, "cut off or damaged"),
    _of("parquet", "footer", packs.parquet_footer, "cut off or damaged"),
    _of("parquet", "bomb", packs.parquet_bomb, "unpack to more than"),
    _of("parquet", "bomb-of-numbers", packs.parquet_numbers, "unpack to more than"),
    _of("parquet", "nested", packs.parquet_nested, ""),
    _of("parquet", "columns", packs.parquet_columns, "at most 10000"),
    _of("parquet", "nothing", parts(b""), "cut off or damaged"),
    _of("parquet", "noise", parts(b"PAR1", bytes(range(256)) * 1000, b"PAR1"), "cut off or damaged"),
]

FILES = [*TEXTS, *PACKED]
