"""The 12 awkward files of csv-spectrum against the answers that come with them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from trivium.engine.reading import read_csv

DATA = Path(os.environ.get("TRIVIUM_DATA") or Path(__file__).parents[3].parent / "shared" / "data")
SPECTRUM = DATA / "payloads" / "csv-spectrum"
NAMES = sorted(path.stem for path in SPECTRUM.glob("csvs/*.csv"))


@pytest.mark.skipif(not NAMES, reason="csv-spectrum is not here; TRIVIUM_DATA names the folder of trial data")
@pytest.mark.parametrize("name", NAMES or ["none"])
@pytest.mark.parametrize("chunk_bytes", [1, 40, 1 << 20])
def test_spectrum(name: str, chunk_bytes: int) -> None:
    expected = json.loads((SPECTRUM / "json" / f"{name}.json").read_bytes())
    with (SPECTRUM / "csvs" / f"{name}.csv").open("rb") as file:
        chunks = list(read_csv(file, chunk_bytes=chunk_bytes))
    rows = [row for chunk in chunks for row in chunk.table.to_pylist()]
    if name == "location_coordinates":
        # Its answer is one object instead of a list, and has another phone number than its file.
        expected = [{**expected, "Contact Phone Number": "2095257564"}]
    # The answers know no null.
    assert [{column: cell or "" for column, cell in row.items()} for row in rows] == expected
    assert all(chunk.torn.num_rows == 0 for chunk in chunks)
