"""How a file of cells is laid out, told by most of its lines and its header."""

from __future__ import annotations

import pytest

from trivium.engine.sketch.dialect import told_dialect

LAMPS = b"1;Lamp;1,50\n2;Chair;2,75\n3;Rug;3,00\n"
HEADER = b"id;name;amount\n"
PADDED = (
    b"Sales;;;;\nfrom;2026-11-20;;;\n;;;;\nid;name;amount;qty;note\n1;Lamp;1,50;1;\n2;Rug;2,75;1;x\nTOTAL;;4,25;2;\n"
)


@pytest.mark.parametrize(
    ("text", "separator", "skip", "last"),
    [
        (HEADER + LAMPS + b"TOTAL;7,25\n", ";", 0, b"TOTAL;7,25"),
        (HEADER + LAMPS + b"TOTAL;7,25", ";", 0, b"TOTAL;7,25"),
        (HEADER + LAMPS + b"TOTAL;3;7,25\r\n\r\n", ";", 0, b"TOTAL;3;7,25"),
        (HEADER + LAMPS + b"TOTAL;7,25\r\n \n\n", ";", 0, b"TOTAL;7,25"),
        (b"id\tn\ta\n1\tx\t2\nTOTAL\t\t\n", "\t", 0, b"TOTAL\t\t"),
        (HEADER + LAMPS + b"END OF FILE\n", ";", 0, b"END OF FILE"),
        (HEADER + LAMPS + b"3;7,25\n", ";", 0, b"3;7,25"),
        (HEADER + LAMPS, ";", 0, None),
        (HEADER + LAMPS + b"4;Ta", ";", 0, None),
        (HEADER + LAMPS + b"4;Total;1,00\n", ";", 0, None),
        (b"Sales, Berlin\n" + HEADER + LAMPS + b"TOTAL;7,25\n", ";", 1, b"TOTAL;7,25"),
        (b"Sales\nof today, all\n\n" + HEADER + LAMPS, ";", 3, None),
        (b"Sales, Berlin\nid;amount\n1;1,50\n2;2,50\n", ";", 1, None),
        (b"amount;tax\n1,50;0,20\n2,50;0,30\nTOTAL;4,00\n", ";", 0, b"TOTAL;4,00"),
        (PADDED, ";", 3, b"TOTAL;;4,25;2;"),
        (PADDED.replace(b"\n", b"\r\n"), ";", 3, b"TOTAL;;4,25;2;"),
        (b"id,name\n1,a,b\n2,c\n" + b"3,d\n" * 20, ",", 0, None),
        (b"a,b\n" + b"x,y\n" * 4 + b"x,y,z\n" + b"v,w\n" * 40, ",", 0, None),
        (b"id;a;\n1;x;\n2;;\n", ";", 0, None),
        (b"Report;Sales;\nof;2026-11-20;\n" + HEADER + LAMPS, ";", 2, None),
        (b"amount\n1,50\n2,75\n", ";", 0, None),
    ],
)
def test_with_a_header(text: bytes, separator: str, skip: int, last: bytes | None) -> None:
    told = told_dialect(text, True)
    assert (told.form.separator, told.form.header, told.form.skip, told.last) == (separator, True, skip, last)
    assert any("preamble" in remark for remark in told.remarks) == (skip > 0)


@pytest.mark.parametrize(
    ("text", "separator", "skip", "last"),
    [
        (LAMPS, ";", 0, None),
        (b"1;foo,bar;x\n2;foo,baz;y\n", ";", 0, None),
        (b"H;20261120;x\nD;1;2,5;a\nD;2;3,5;b\nT;2\n", ";", 1, b"T;2"),
    ],
)
def test_without_a_header(text: bytes, separator: str, skip: int, last: bytes | None) -> None:
    told = told_dialect(text, True)
    assert (told.form.separator, told.form.header, told.form.skip, told.last) == (separator, False, skip, last)
    assert any("no line was found that names the columns" in remark for remark in told.remarks)


def test_a_part_of_a_file_has_no_last_line() -> None:
    assert told_dialect(HEADER + LAMPS + b"TOTAL;7,25\n", False).last is None


@pytest.mark.parametrize("text", [b"", b"\n\n", b";", b"a", b"\0" * 9, b'"' * 99, b";;;\n;;;\n", b"a\rb\r", b'x;"y\nz'])
def test_what_has_no_layout_is_told_without_an_error(text: bytes) -> None:
    assert told_dialect(text, True).last is None


def test_a_long_file_ends_with_its_trailer() -> None:
    text = HEADER + b"".join(b"%d;Lamp;1,50\n" % n for n in range(20_000)) + b"TOTAL;20000;30.000,00\n"
    assert told_dialect(text, True).last == b"TOTAL;20000;30.000,00"
