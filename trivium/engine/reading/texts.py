"""Typed columns as the texts that the judge reads: each value in its one canonical form."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute

from trivium.engine.reading.errors import ReadingError

pc: Any = pyarrow.compute

_DIGITS: Final = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_UUID_BYTES: Final = 16
_NULL: Any = pa.scalar(None, pa.string())


def cell_texts(column: Any, name: str) -> Any:
    """A column (pa.Array) as texts: whole numbers without a point, decimals plain, floats as the shortest text that is
    theirs, dates and times as ISO 8601, instants in UTC, nested values as JSON. Null stays null.

    What is no text although it should be (bytes that are no UTF-8) raises pa.ArrowInvalid. Raises ReadingError for a
    type that has no text.
    """
    type_ = column.type
    if pa.types.is_dictionary(type_):
        return cell_texts(column.cast(type_.value_type), name)
    if isinstance(column, pa.ExtensionArray):
        return cell_texts(column.storage, name)
    if pa.types.is_null(type_):
        return pa.nulls(len(column), pa.string())
    if pa.types.is_decimal(type_):
        return _decimals(column)
    if pa.types.is_timestamp(type_):
        return _instants(column)
    if pa.types.is_fixed_size_binary(type_) and type_.byte_width == _UUID_BYTES:
        return _uuids(column)
    if pa.types.is_nested(type_):
        return _json(column, name)
    plain = (
        pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary, pa.types.is_boolean,
        pa.types.is_integer, pa.types.is_floating, pa.types.is_date, pa.types.is_time, pa.types.is_string_view,
        pa.types.is_binary_view,
    )  # fmt: skip
    if any(is_one(type_) for is_one in plain):
        return column.cast(pa.float32()).cast(pa.string()) if pa.types.is_float16(type_) else column.cast(pa.string())
    raise ReadingError(
        f"the column {name!r} is of the type {type_}, which has no text", cure="leave it out of the file"
    )


def json_texts(table: Any) -> Any:
    """Each row of text columns as a JSON object (pa.StringArray), its cells as texts or null."""
    members = [
        pc.binary_join_element_wise(_quoted(pa.array([name]))[0].as_py() + ":", _quoted_or_null(table[name]), "")
        for name in table.column_names
    ]
    if not members:
        return pa.array([], pa.string())
    joined: Any = pc.binary_join_element_wise("{", pc.binary_join_element_wise(*members, ","), "}", "")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def _decimals(column: Any) -> Any:
    """Arrow writes very small ones as 1E-10."""
    texts = column.cast(pa.string())
    odd = pc.fill_null(pc.match_substring(texts, "E"), False)
    if not pc.any(odd).as_py():
        return texts
    plain = [format(value, "f") for value in column.filter(odd).to_pylist()]
    return pc.replace_with_mask(texts, odd, pa.array(plain, pa.string()))


def _instants(column: Any) -> Any:
    texts = column.cast(pa.timestamp(column.type.unit)).cast(pa.string())
    texts = pc.replace_substring(texts, " ", "T", max_replacements=1)
    if column.type.unit != "s":
        texts = pc.replace_substring_regex(texts, r"\.?0+$", "")  # the seconds themselves end in no point
    return pc.binary_join_element_wise(texts, "Z", "") if column.type.tz is not None else texts


def _uuids(column: Any) -> Any:
    width = column.type.byte_width
    data = np.frombuffer(column.buffers()[1], dtype=np.uint8)[
        column.offset * width : (column.offset + len(column)) * width
    ]
    digits = np.empty((len(column), width, 2), dtype=np.uint8)
    rows = data.reshape(-1, width)
    digits[..., 0], digits[..., 1] = _DIGITS[rows >> 4], _DIGITS[rows & 15]
    digits = digits.reshape(len(column), 2 * width)
    text = np.full((len(column), 36), ord("-"), dtype=np.uint8)
    for at, low, size in ((0, 0, 8), (9, 8, 4), (14, 12, 4), (19, 16, 4), (24, 20, 12)):
        text[:, at : at + size] = digits[:, low : low + size]
    offsets = np.arange(0, 36 * (len(column) + 1), 36, dtype=np.int32)
    found = pa.StringArray.from_buffers(len(column), pa.py_buffer(offsets.tobytes()), pa.py_buffer(text.tobytes()))
    return pc.if_else(column.is_valid(), found, _NULL)


def _json(column: Any, name: str) -> Any:
    """A nested column as JSON texts."""
    type_ = column.type
    if pa.types.is_struct(type_):
        fields = [_json_values(column.field(at), name) for at in range(type_.num_fields)]
        names = [_quoted(pa.array([type_.field(at).name]))[0].as_py() for at in range(type_.num_fields)]
        members = [
            pc.binary_join_element_wise(key + ":", values, "") for key, values in zip(names, fields, strict=True)
        ]
        found = pc.binary_join_element_wise(*members, ",") if members else pa.array([""] * len(column))
        return pc.if_else(column.is_valid(), pc.binary_join_element_wise("{", found, "}", ""), _NULL)
    if pa.types.is_map(type_):
        keys, values = column.keys, column.items
        items = pc.binary_join_element_wise(_quoted(cell_texts(keys, name)), ":", _json_values(values, name), "")
        return _joined_lists(column, items, "{", "}")
    if pa.types.is_fixed_size_list(type_):
        column = column.cast(pa.list_(type_.value_type))
    return _joined_lists(column, _json_values(column.values, name), "[", "]")


def _joined_lists(column: Any, items: Any, opens: str, closes: str) -> Any:
    lists = pa.ListArray.from_arrays(column.offsets.cast(pa.int32()), items)
    joined = pc.binary_join_element_wise(opens, pc.binary_join(lists, ","), closes, "")
    return pc.if_else(column.is_valid(), joined, _NULL)


def _json_values(column: Any, name: str) -> Any:
    """The members or items of a nested column as JSON."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    texts = cell_texts(column, name)
    type_ = column.type
    bare = pa.types.is_nested(type_) or pa.types.is_integer(type_) or pa.types.is_boolean(type_)
    bare = bare or pa.types.is_floating(type_) or pa.types.is_decimal(type_)
    return pc.fill_null(texts if bare else _quoted(texts), "null")


def _quoted_or_null(column: Any) -> Any:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return pc.fill_null(_quoted(column), "null")


def _quoted(texts: Any) -> Any:
    """JSON texts of texts."""
    for sign, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        texts = pc.replace_substring(texts, sign, written)
    if pc.any(pc.match_substring_regex(texts, "[\\x00-\\x1f]")).as_py():
        for number in range(32):
            texts = pc.replace_substring(texts, chr(number), f"\\u{number:04x}")
    return pc.binary_join_element_wise('"', texts, '"', "")
