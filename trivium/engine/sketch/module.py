"""The proposed module as text: an entity, a source, a domain."""

from __future__ import annotations

import dataclasses
import keyword
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from trivium.engine.sketch.ending import Ending
from trivium.engine.sketch.guessing import Guess
from trivium.engine.sketch.naming import NamePattern, name_pattern
from trivium.engine.sketch.quoting import quoted
from trivium.model.formats import Csv, Excel, Format, JsonFile, Parquet
from trivium.model.naming import MAX_NAME, RESERVED

_SHOWN: Final = 80
_BASE: Final = {"str", "int", "float", "bool"}
_TIMES: Final = ("updated", "changed", "modified", "event", "occurred", "timestamp", "time", "at", "date", "created")


@dataclass(frozen=True)
class Draft:
    """What is proposed. `ordinal`: the column among whose equals a record is counted, where nothing else tells records
    apart. `remarks`: what is unsure about the whole. `last`: the last line, which is a trailer, and `ending`: how it is
    declared. `format_remarks`, `key_remark`: what is unsure about these."""

    entity: str
    file: str
    format: Format
    found: tuple[Guess, ...]
    key: tuple[str, ...]
    ordinal: str | None = None
    today: str = ""
    remarks: tuple[str, ...] = ()
    last: str | None = None
    ending: Ending = field(default_factory=Ending)
    format_remarks: tuple[str, ...] = ()
    key_remark: str | None = None
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.names:
            object.__setattr__(self, "names", _attributes([guess.column for guess in self.found]))

    @property
    def pattern(self) -> NamePattern:
        """What the files are called."""
        return name_pattern(self.file, {*self.names, *self.names.values()})


def class_name(given: str) -> str:
    """`order lines 2026` as the name of a class: `OrderLines`."""
    words = re.findall(r"[A-Za-z][a-z]*|[A-Z]+(?![a-z])", re.sub(r"\d+", " ", given))
    name = "".join(word[0].upper() + word[1:] for word in words)[:MAX_NAME] or "Record"
    return f"{name}Record" if keyword.iskeyword(name) or name in _TAKEN else name


_TAKEN: Final = {
    "Batch", "Csv", "Decimal", "Domain", "Entity", "Excel", "Field", "FixedWidth", "Into", "Json", "JsonFile", "Key",
    "Parquet", "UUID", "None", "True", "False",
}  # fmt: skip


def module_text(draft: Draft) -> str:
    """The module, which can be imported as it is."""
    names, pattern = draft.names, draft.pattern
    format = _format(draft) or ("Csv()" if draft.format_remarks else None)
    key = [guess for column in draft.key for guess in draft.found if guess.column == column]
    rest = [guess for guess in draft.found if guess.column not in draft.key]
    fields = [_field(_doubted(guess, draft.key_remark), names[guess.column], key=True) for guess in key]
    taken = set(names.values())
    place = next(name for name in ("line", "place", "nth", "record_place") if name not in taken)
    if draft.ordinal is not None:
        fields.append(f"    {place}: Key[int]  # UNSURE: nothing tells records apart but their place in the file")
    required = [_field(guess, names[guess.column]) for guess in rest if not guess.nullable]
    optional = [_field(guess, names[guess.column]) for guess in rest if guess.nullable]
    columns = {names[guess.column]: expression for guess in draft.found if (expression := _expression(guess, names))}
    if draft.ordinal is not None:
        columns[place] = f"ordinal({quoted(draft.ordinal)})"
    time, time_remark = _event_time(draft, pattern)
    words = []
    if pattern.text is not None:
        words.append(_argument(f"files={pattern.text!r}", pattern.code and _CODE.format(pattern.code)))
    if format:
        words.append(_argument(f"format={format}", "; ".join(draft.format_remarks)))
    words += [*_ending(draft), _argument(time)]
    if any(guess.local for guess in draft.found):
        words.append(_argument('zone="UTC"', "in which zone are times without an offset?"))
    mapped = "".join(f"\n                        {name!r}: {text!r}," for name, text in columns.items())
    into = f"Into({draft.entity})"
    if mapped:
        into = (
            f"\n                Into(\n                    {draft.entity},\n                    columns={{{mapped}\n"
            "                    },\n                ),\n            "
        )
    source = re.sub(r"[^a-z0-9]+", "-", _snake(draft.entity)).strip("-")[:MAX_NAME]
    domain = re.sub(r"_+", "_", _snake(draft.entity))[:MAX_NAME].strip("_")
    variable = f"{domain}_domain" if keyword.iskeyword(domain) else domain
    lines = [
        f'"""Proposed from {_plain(draft.file)}: look at what is UNSURE, and at every type and name."""',
        "",
        *_imports([*fields, *required, *optional], format),
        "",
        "",
        f"class {draft.entity}(Entity):",
        f'    """A record of {_plain(draft.file)}."""',
        "",
        *fields,
        *required,
        *optional,
        "",
        "",
        *(f"# UNSURE: {_plain(remark)}" for remark in (*draft.remarks, *time_remark)),
        f"{variable} = Domain(",
        f"    {domain!r},",
        f"    entities=[{draft.entity}],",
        "    sources=[",
        "        Batch(",
        f"            {source!r},",
        *words,
        f"            into=[{into}],",
        "        ),",
        "    ],",
        ")",
        "",
    ]
    return "\n".join(lines)


_CODE: Final = "{!r} looks like a code: if other files have another, make it a capture, such as {{store}}"


def _argument(text: str, unsure: str | None = None) -> str:
    return f"            {text},{f'  # UNSURE: {_one_line(unsure)}' if unsure else ''}"


def _ending(draft: Draft) -> list[str]:
    """What is said of the last line."""
    if draft.last is None:
        return []
    ending, shown = draft.ending, repr(draft.last if len(draft.last) <= _SHOWN else draft.last[:_SHOWN] + "…")
    if ending.trailer is not None:
        unsure = f"the last line, {shown}, looks like a trailer: {ending.meaning}"
        totals = [_argument(f"totals={dict(ending.totals)!r}")] if ending.totals else []
        return [_argument(f"trailer={ending.trailer!r}", unsure), *totals]
    if ending.ignore is not None:
        unsure = f"the last line, {shown}, looks like a trailer that gives no count or sum of the records"
        return [_argument(f"ignore={ending.ignore!r}", unsure)]
    unsure = f"the last line, {shown}, is no record, and no figure in it is the count or a sum of them: it is rejected"
    return [f"            # UNSURE: {_one_line(unsure)}"]


def _doubted(guess: Guess, why: str | None) -> Guess:
    return dataclasses.replace(guess, unsure="; ".join(filter(None, (guess.unsure, why))))


def _field(guess: Guess, name: str, *, key: bool = False) -> str:
    type_ = f"Key[{guess.type}]" if key else guess.type + (" | None" if guess.nullable else "")
    words = []
    if guess.nullable and not key:
        words.append("None")
    if guess.type == "Decimal":
        words += [f"max_digits={max(guess.digits + 2, 6)}", f"decimal_places={guess.places}"]
    value = ""
    if len(words) > 1 or guess.type == "Decimal":
        value = f" = Field({', '.join(words)})"
    elif words:
        value = " = None"
    remark = f"  # UNSURE: {_one_line(guess.unsure)}" if guess.unsure else ""
    return f"    {name}: {type_}{value}{remark}"


def _expression(guess: Guess, names: dict[str, str]) -> str | None:
    column, name = guess.column, names[guess.column]
    if guess.format is not None:
        function = "date_of" if guess.type == "date" else "instant_of"
        return f"{function}({quoted(column)}, '{guess.format}')"
    return None if column == name else quoted(column)


def _event_time(draft: Draft, pattern: NamePattern) -> tuple[str, tuple[str, ...]]:
    if pattern.day is not None:
        remark = "of which instant does a file speak? The end of its day is only a guess"
        return f'cut_off="{pattern.day} 23:59 UTC"', (remark,)
    times = [guess for guess in draft.found if guess.type in ("datetime", "date") and not guess.nullable]

    def rank(guess: Guess) -> tuple[bool, int]:
        words = re.findall("[a-z]+", _snake(guess.column))
        near = [at for at, word in enumerate(_TIMES) if word in words]
        return guess.type == "date", near[0] if near else len(_TIMES)

    if times:
        best = min(times, key=rank)
        text = quoted(best.column)
        if best.format is not None:
            text = f"instant_of({text}, '{best.format}')"
        elif best.type == "date":
            text = f"instant_of({text}, '%Y-%m-%d')"
        zone = ', zone="UTC"' if best.type == "date" and not any(one.local for one in draft.found) else ""
        remark = f"is {best.column} the time at which what a record says was so?"
        return f"event_time={text!r}{zone}", (remark,)
    remark = "nothing says when a record was so: give the file's name a date and the source a cut_off"
    return f"event_time=\"'{draft.today}'\"", (remark,)


def _format(draft: Draft) -> str | None:
    format = draft.format
    if isinstance(format, Csv | JsonFile | Excel | Parquet):
        words = [
            f"{one.name}={list(value) if isinstance(value, tuple) else value!r}"
            for one in dataclasses.fields(format)
            if one.init and (value := getattr(format, one.name)) != one.default
        ]
        if words or not isinstance(format, Csv):
            return f"{type(format).__name__}({', '.join(words)})"
    return None


def _imports(fields: Sequence[str], format: str | None) -> list[str]:
    text = "\n".join(re.sub("  # UNSURE.*", "", one) for one in fields)
    days = [name for name in ("date", "datetime", "time") if re.search(rf": (Key\[)?{name}\b", text)]
    found = [f"from datetime import {', '.join(days)}"] if days else []
    found += ["from decimal import Decimal"] if _uses(text, "Decimal") else []
    found += ["from uuid import UUID"] if _uses(text, "UUID") else []
    names = ["Batch", "Domain", "Entity", "Into", "Key"]
    names += ["Field"] if "Field(" in text else []
    names += ["Json"] if _uses(text, "Json") else []
    names += [format.partition("(")[0]] if format else []
    return [*found, *([""] if found else []), f"from trivium import {', '.join(sorted(names))}"]


def _uses(text: str, type_: str) -> bool:
    return bool(re.search(rf": (Key\[)?{type_}\b", text))


def _attributes(columns: Sequence[str]) -> dict[str, str]:
    """A name for each column that an attribute may have, as near to its own as can be."""
    found: dict[str, str] = {}
    for column in columns:
        name = _snake(column)[: MAX_NAME - 3].strip("_") or "column"
        if not name[0].isalpha():
            name = f"n_{name}"
        if keyword.iskeyword(name) or name in RESERVED or name in _SPOKEN_FOR:
            name = f"{name}_value"
        taken, number, base = set(found.values()), 2, name
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        found[column] = name
    return found


_SPOKEN_FOR: Final = {"shape", "date", "datetime", "time", "name_of"} | _BASE


def _snake(text: str) -> str:
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    return re.sub(r"_+", "_", re.sub(r"[^a-z0-9]+", "_", text.lower())).strip("_")


def _plain(text: str) -> str:
    """Fit for a docstring."""
    return re.sub(r"[\"\\]", "?", _one_line(text))


def _one_line(text: str) -> str:
    """Fit for a comment: with nothing in it that ends a line."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
