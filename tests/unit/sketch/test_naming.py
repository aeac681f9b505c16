"""Names of files, and of columns in expressions."""

from __future__ import annotations

import keyword

import duckdb
import pytest
from sqlglot.dialects.duckdb import DuckDB

from trivium.engine.sketch.naming import NamePattern, name_pattern
from trivium.engine.sketch.quoting import quoted
from trivium.model.expressions import parse
from trivium.model.naming import RESERVED

WORDS = sorted(
    {word for (word,) in duckdb.sql("SELECT keyword_name FROM duckdb_keywords()").fetchall()}
    | {word.lower() for word in DuckDB.Tokenizer.KEYWORDS if word.isidentifier()}
    | {word.lower() for word in keyword.kwlist}
    | RESERVED
)


def test_every_word_of_the_language_can_be_a_column() -> None:
    for word in WORDS:
        for text in ("{}", "date_of({}, '%d/%m/%Y')", "ordinal({})", "{} = 'x'", "case when {} = 'a' then {} end"):
            assert parse(text.replace("{}", quoted(word)), "here", exact=True).columns == (word,), (word, text)
    assert quoted("when") == '"when"'
    assert quoted("amount") == "amount"
    assert quoted('a "b"') == '"a ""b"""'


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("g_2026-11-20.csv.gz", NamePattern("g_{business_date}.csv", "business_date")),
        ("g_20261120_r2.csv", NamePattern("g_{business_date}_r{revision}.csv", "business_date")),
        ("g_20269920.csv", NamePattern("g_20269920.csv", code="20269920")),
        ("s_S001_2026-11-20.csv", NamePattern("s_S001_{business_date}.csv", "business_date", "S001")),
        ("sales_BER.csv", NamePattern("sales_BER.csv", code="BER")),
        ("SALES_BER.csv", NamePattern("SALES_BER.csv")),
        ("a{b}.csv", NamePattern(None)),
    ],
)  # fmt: skip
def test_names_of_files(name: str, found: NamePattern) -> None:
    assert name_pattern(name, ()) == found


def test_a_capture_is_called_unlike_a_column() -> None:
    assert name_pattern("g_20261120.csv", {"business_date"}).text == "g_{file_day}.csv"
