"""A wrong declaration is refused as it is declared: the message names the place, the hint the cure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

import pytest

from trivium import (
    Batch,
    DeclarationError,
    Domain,
    Entity,
    Events,
    Expected,
    Facet,
    Field,
    Into,
    Key,
    Manifest,
    Reconcile,
    Rest,
    Rule,
    View,
)


class Thing(Entity):
    thing_id: Key[str]
    day: Key[dt.date]
    size: int
    price: Decimal = Field(max_digits=6, decimal_places=2)


class Other(Entity):
    other_id: Key[str]
    size: int


def source(**words: Any) -> Any:
    given: dict[str, Any] = {"files": "x_{day}.csv", "into": [Into(Thing)], "cut_off": "day 22:00 UTC"}
    return Batch("a-source", **{**given, **words})


def expected(files: str = "x_{day}.csv", **words: Any) -> Any:
    return source(files=files, expected_by=Expected(**words))


def reconciling(of: type[Entity] = Thing, **words: Any) -> Domain:
    other = Events("b", topic="b", event_time="at", into=[Into(of)])
    return Domain("d", [Thing, Other], [source(reconciles=Reconcile("b", **words)), other])


def entity(**attributes: Any) -> type[Entity]:
    """An entity declared with these annotations; a value that is no annotation becomes a class attribute."""
    annotations = {name: value[0] if isinstance(value, tuple) else value for name, value in attributes.items()}
    values = {name: value[1] for name, value in attributes.items() if isinstance(value, tuple)}
    rules = {name: value for name, value in attributes.items() if isinstance(value, Rule)}
    annotations = {name: value for name, value in annotations.items() if name not in rules}
    return type("Made", (Entity,), {"__annotations__": annotations, **values, **rules})


def mapped(text: str) -> Any:
    return source(into=[Into(Thing, columns={"size": text})])


def wrong_word(making: Any, *given: Any, **words: Any) -> Callable[[], Any]:
    return lambda: making(*given, **words)


WRONG: list[tuple[str, Callable[[], Any], str, str]] = [
    (
        "word of a source",
        lambda: source(seperator=";"),
        "Batch('a-source', …): has no 'seperator'",
        "separator is meant?",
    ),
    ("word of Into", wrong_word(Into, Thing, colums={}), "Into(…): has no 'colums'", "columns is meant?"),
    ("word of Events", wrong_word(Events, "e", topik="t"), "has no 'topik'", "topic is meant?"),
    ("word of Rest", wrong_word(Rest, "r", manifest="m"), "Rest('r', …): has no 'manifest'", "its words: name, into,"),
    ("word of Field", wrong_word(Field, max_digit=2), "Field(…): has no 'max_digit'", "max_digits is meant?"),
    ("word of Rule", wrong_word(Rule, "a > 1", descripton="x"), "Rule('a > 1', …)", "description is meant?"),
    ("word of Domain", wrong_word(Domain, "d", entitys=[]), "has no 'entitys'", "entities is meant?"),
    ("word of View", wrong_word(View, "v", "select 1", params={}), "has no 'params'", "parameters is meant?"),
    ("name with a space", lambda: mapped("Unit Price"), "is more than one expression", "'\"Unit Price\"'"),
    ("name with a sign", lambda: mapped("#nr"), "'#nr' does not parse", "look at character 1; a column whose name"),
    ("half an expression", lambda: mapped("a >"), "does not parse", "look at character 3; a column whose name"),
    ("open quote", lambda: mapped("'a"), "does not parse", "look at its quotes and brackets"),
    ("half a view", lambda: Domain("d", [Thing], [], [View("v", "select 1 +")]), "does not parse", "character 10"),
    ("cast", lambda: mapped("a::int"), "'a::int' calls cast(), which is not allowed", "allowed:"),
    ("bracket", lambda: mapped("a[1]"), "holds 'a[1]', which is not allowed", "allowed:"),
    ("format without %", lambda: mapped("date_of(a, 'dd.mm.yyyy')"), "'dd.mm.yyyy'", "'%d/%m/%Y') reads 31/12/2026"),
    ("unknown part", lambda: mapped("date_of(a, '%d %q %Y')"), "'%q' in the format '%d %q %Y'", "%Y %G %y %m"),
    ("half a part", lambda: mapped("date_of(a, '%d/%m/%Y%')"), "'%' in the format", "parts of a format:"),
    ("locale's form", lambda: mapped("date_of(a, '%x')"), "'%x' in the format", "parts of a format:"),
    ("format without a year", lambda: mapped("date_of(a, '%d/%m')"), "no year is in the format '%d/%m'", "%Y"),
    ("instant without %", lambda: mapped("instant_of(a, 'HH:MM')"), "'HH:MM'", "%H:%M:%S') reads 31/12/2026"),
    ("no key", lambda: entity(size=int), "has no key", "Key[str]"),
    ("unknown column in a rule", lambda: entity(a=Key[str], r=Rule("b > 1")), "Made.r: reads 'b'", "columns: a"),
    ("rule that does not parse", lambda: entity(a=Key[str], r=Rule("a >")), "does not parse", ""),
    ("rule that looks elsewhere", lambda: entity(a=Key[str], r=Rule("a in (select 1)")), "allowed", ""),
    ("rule that asks the clock", lambda: entity(a=Key[str], b=dt.datetime, r=Rule("b < now()")), "now()", "allowed:"),
    ("rule that asks chance", lambda: entity(a=Key[str], r=Rule("random() > 0.5")), "not allowed", "allowed:"),
    ("rule that reads a file", lambda: entity(a=Key[str], r=Rule("read_text('/etc/passwd') = a")), "read_text", ""),
    ("reserved name", lambda: entity(a=Key[str], limit=int), "'limit' is reserved", "another name"),
    ("double underscore", lambda: entity(a=Key[str], b__c=int), "'b__c' cannot be a name", "snake case"),
    ("unknown type", lambda: entity(a=Key[str], b=complex), "'complex' is not a type", "Decimal"),
    ("decimal without places", lambda: entity(a=Key[str], b=Decimal), "needs its decimal places", "decimal_places=2"),
    ("39 digits", lambda: entity(a=Key[str], b=(Decimal, Field(max_digits=39, decimal_places=2))), "39", "38"),
    ("bound of another type", lambda: entity(a=Key[str], b=(int, Field(max_length=3))), "max_length", "bounds for int"),
    ("pattern that is none", lambda: entity(a=Key[str], b=(str, Field(pattern="["))), "regular expression", "RE2"),
    ("optional key", lambda: entity(a=Key[str | None]), "a key cannot be optional", "| None"),  # type: ignore[misc]
    (
        "sensitive key",
        lambda: entity(a=(Key[str], Field(sensitive=True))),
        "a key cannot be sensitive",
        "keep this one as an attribute",
    ),
    ("float key", lambda: entity(a=Key[float]), "float cannot be a key", "text"),
    ("mixed literal", lambda: entity(a=Key[str], b=Literal["x", 1]), "mixes types", ""),
    ("None without | None", lambda: entity(a=Key[str], b=(int, None)), "does not allow it", "| None"),
    ("value that is no field", lambda: entity(a=Key[str], b=(int, 5)), "has the value 5", "Field"),
    ("facet without members", lambda: type("Empty", (Facet,), {"__annotations__": {}}), "without members", "annotate"),
    ("assertion outside the key", lambda: source(asserts="size"), "asserts 'size'", "the key: thing_id, day"),
    (
        "assertion without a time",
        lambda: source(asserts="day", cut_off=None, event_time="day"),
        "at what time",
        "cut_off",
    ),
    ("no event time", lambda: source(cut_off=None), "has no event time", "event_time"),
    ("cut-off of an unknown capture", lambda: source(cut_off="week 22:00 UTC"), "reads 'week'", "{week}"),
    ("cut-off that is none", lambda: source(cut_off="at night"), "not understood", "23:00 Europe/Paris"),
    ("zone that is none", lambda: source(zone="Mars/Olympus"), "not a time zone", "Europe/Paris"),
    ("mapping of an unknown attribute", lambda: source(into=[Into(Thing, {"colour": "x"})]), "'colour'", "price"),
    ("inexact division", lambda: source(into=[Into(Thing, {"price": "cents / 3"})]), "divides", "100"),
    ("float literal", lambda: source(into=[Into(Thing, {"price": "cents * 1e-2"})]), "not exact", "write the number"),
    ("function off the list", lambda: source(into=[Into(Thing, {"thing_id": "md5(x)"})]), "md5()", "allowed:"),
    ("unbounded padding", lambda: source(into=[Into(Thing, {"thing_id": "lpad(x, n, '0')"})]), "pads", "1000"),
    ("unknown attribute stated", lambda: source(into=[Into(Thing, states=["colour"])]), "states 'colour'", "price"),
    ("no entity", lambda: source(into=[Into(str)]), "is no entity", "class"),  # type: ignore[arg-type]
    ("nothing stated", lambda: source(into=[]), "states nothing", "Into"),
    ("precedence", lambda: source(precedence=256), "precedence 256", "0 to 255"),
    ("share", lambda: source(max_gone="half"), "not a share", "5%"),
    ("manifest", lambda: source(manifest="m.json"), "manifest 'm.json'", "'*.manifest.json', '*.done'; it lies beside"),
    ("manifest elsewhere", lambda: source(manifest="in/*.json"), "manifest 'in/*.json'", "beside"),
    ("word of Manifest", wrong_word(Manifest, "*.m", row="n"), "Manifest('*.m', …): has no 'row'", "rows is meant?"),
    (
        "total of the manifest alone",
        lambda: source(manifest=Manifest("*.m", totals={"a": "a"})),
        "gives a total 'a' that is not declared",
        "totals={'a': 'a column'}",
    ),
    ("totals of nobody", lambda: source(totals={"a": "a"}), "totals that nothing", "the manifest or"),
    (
        "a total too many for the trailer",
        lambda: source(totals={"a": "a", "b": "b"}, trailer="T;{a}"),
        "totals that nothing is compared with",
        "the manifest or the trailer",
    ),
    (
        "total called like a word",
        lambda: source(totals={"rows": "a"}, manifest="*.m"),
        "cannot be called so",
        "another",
    ),
    (
        "total of ordinals",
        lambda: source(totals={"a": "ordinal(b)"}, manifest="*.m"),
        "a total of ordinals",
        "sum a column",
    ),
    ("total that is no sum", lambda: source(totals={"a": "md5(b)"}, manifest="*.m"), "md5()", "allowed:"),
    (
        "trailer of a stranger",
        lambda: source(trailer="T;{row}"),
        "captures 'row', which is not known",
        "rows, sha256, _",
    ),
    ("trailer of a width", lambda: source(trailer="T;{rows:x}"), "the width 'x'", "{rows:9}"),
    ("trailer twice", lambda: source(trailer="{rows};{rows}"), "captures 'rows' twice", "once"),
    ("trailer that says nothing", lambda: source(trailer="END;{day}"), "says nothing of the records", "'T;{rows}'"),
    ("reject limit", lambda: source(reject_limit="few"), "reject_limit='few'", "'100 or 1%'"),
    ("reject limit above all", lambda: source(reject_limit="101%"), "reject_limit='101%'", "'100 or 1%'"),
    ("empty", lambda: source(empty="ok"), "empty='ok'", "one of refuse, zero"),
    ("unknown", lambda: source(unknown="drop"), "unknown='drop'", "one of note, refuse"),
    ("unknown of JSON", lambda: source(unknown="refuse", format="ndjson"), "its format has no header", "leave it out"),
    ("duration", lambda: source(max_ahead="soon"), "not a duration", "15 minutes"),
    ("quote", lambda: source(quote="''"), "quote", "one ASCII character, or None"),
    ("separator and quote", lambda: source(separator='"'), "separator", "which is not the quote"),
    ("separator", lambda: source(separator=";;"), "separator", "one ASCII character"),
    ("a capture twice", lambda: source(files="{day}_{day}.csv"), "twice", "own name"),
    (
        "source name",
        lambda: Events("A Source", topic="t", into=[Into(Thing)], event_time="at"),
        "A Source",
        "lower case",
    ),
    ("two sources of one name", lambda: Domain("d", [Thing], [source(), source()]), "two of the source", "own name"),
    ("two entities of one name", lambda: Domain("d", [Thing, Thing], []), "two of the entity", "own name"),
    ("foreign entity", lambda: Domain("d", [Other], [source()]), "states thing", "entities"),
    ("reconciles nobody", lambda: Domain("d", [Thing], [source(reconciles="b")]), "an unknown source", "no other"),
    ("time that is none", lambda: source(expected_by="at night"), "'at night' is not understood", "06:00 next day"),
    ("hour that is none", lambda: source(expected_by="25:00"), "'25:00' is not understood", "'23:30'"),
    ("zone of a deadline", lambda: source(expected_by="23:30 Mars/Olympus"), "not a time zone", "Europe/Paris"),
    ("no kind of deadline", lambda: source(expected_by=23), "expected_by=23", "Expected(by='23:30'"),
    ("no time", lambda: expected(days="mon"), "says no time", "by='23:30'"),
    (
        "deadline without a zone",
        lambda: source(cut_off=None, event_time="at", expected_by="23:30"),
        "'23:30': of which zone?",
        "'23:30 Europe/Paris'",
    ),
    ("days that are none", lambda: expected(by="23:30", days="mo-fr"), "days='mo-fr'", "'mon-sat'"),
    ("no country", lambda: expected(by="23:30", holidays="XX"), "no such country", "'FR'"),
    ("no part of it", lambda: expected(by="23:30", holidays="FR-XX"), "FR has no part 'XX'", "FR alone, or with one"),
    ("date that is none", lambda: expected(by="23:30", closed=["2026-12-24"]), "is no date", "datetime.date"),
    (
        "closed and opened",
        lambda: expected(by="23:30", closed=[dt.date(2026, 1, 1)], opened=[dt.date(2026, 1, 1)]),
        "2026-01-01 is both",
        "once",
    ),
    ("list of nothing captured", lambda: expected(by="23:30", each={"shop": ["1"]}), "each names 'shop'", "none"),
    (
        "list that is a text",
        lambda: expected("x_{shop}_{day}.csv", by="23:30", each={"shop": "S001"}),
        "each 'shop' has no list",
        "as the names",
    ),
    ("date of nothing captured", lambda: expected(by="23:30", date="week"), "date='week'", "{week}"),
    ("number of nothing", lambda: expected(by="23:30", numbered=()), "no number", "{sequence}"),
    (
        "number within nothing",
        lambda: expected("x_{day}_{sequence}.csv", by="23:30", numbered="shop"),
        "numbered names 'shop'",
        "captures: day",
    ),
    ("word of Expected", wrong_word(Expected, until="23:30"), "Expected(…): has no 'until'", "its words: by, zone"),
    ("reconciles itself", lambda: Domain("d", [Thing], [source(reconciles="a-source")]), "unknown source", "no other"),
    ("reconciles no name", lambda: source(reconciles=5), "reconciles=5", "Reconcile('oms-events', …)"),
    ("reconciles other things", lambda: reconciling(of=Other), "states none of its entities", "it states other"),
    ("sum of no number", lambda: reconciling(totals="day"), "totals: sums 'day'", "exact numbers: size, price"),
    ("within that does not parse", lambda: reconciling(within="size >"), "does not parse", "character"),
    ("within of nothing captured", lambda: reconciling(within="size > file.size"), "'file.size'", "captures: day"),
    (
        "within of no attribute",
        lambda: reconciling(within="colour = 'x'"),
        "reads 'colour', which thing",
        "thing_id, day",
    ),
    ("word of Reconcile", wrong_word(Reconcile, "b", where="x"), "has no 'where'", "its words: source, within"),
    ("view of no entity", lambda: Domain("d", [Thing], [], [View("v", "select * from shoes")]), "shoes", "thing"),
    ("view that writes", lambda: Domain("d", [Thing], [], [View("v", "delete from thing")]), "not one SELECT", "query"),
    ("view of a file", lambda: Domain("d", [Thing], [], [View("v", "from read_csv('x.csv')")]), "no entity", "thing"),
    (
        "view that does not read its parameter",
        lambda: Domain("d", [Thing], [], [View("v", "select * from thing", parameters={"n": "1"})]),
        "does not read its parameter 'n'",
        "$n",
    ),
    ("view that asks the clock", lambda: Domain("d", [Thing], [], [View("v", "select now() from thing")]), "clock", ""),
    (
        "parameter not declared",
        lambda: Domain("d", [Thing], [], [View("v", "select * from thing where size = $n")]),
        "$n",
        "parameters=",
    ),
]


@pytest.mark.parametrize(("declare", "says", "cure"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_refused(declare: Callable[[], Any], says: str, cure: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        declare()
    assert says in refused.value.message
    assert not re.search("sqlglot|<class|exp\\.|Anonymous|Alias", str(refused.value))
    assert cure in (refused.value.hint or "")


def test_the_place_is_named() -> None:
    with pytest.raises(DeclarationError) as refused:
        entity(a=Key[str], b=(int, Field(max_length=3)))
    assert refused.value.where.endswith("Made.b")


def test_a_domain_that_is_right() -> None:
    domain = Domain(
        "d", [Thing, Other], [source()], [View("v", "select * from thing where size = $n", parameters={"n": "1"})]
    )
    assert [shape.name for shape in domain.shapes] == ["thing", "other"]
