"""What a declaration says of a value stands in the schema, in the words of JSON Schema."""

from __future__ import annotations

from typing import Any

import pytest

from tests.openapi.documents import ODD, made


def schema(name: str, app: str = ODD) -> Any:
    return made(app, "3.1")["components"]["schemas"][name]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("number", {"type": "integer", "format": "int64", "minimum": -5, "exclusiveMaximum": 100}),
        ("day", {"type": "string", "format": "date"}),
        ("price", {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]{1,3}\.[0-9]{2}$"}),
        ("at", {"type": "string", "format": "date-time"}),
        ("ident", {"type": "string", "format": "uuid"}),
        ("select", {"type": "string", "pattern": "^[A-Z][a-z]{0,3}$", "description": "A word of SQL."}),
        ("ref", {"type": ["string", "null"], "minLength": 1, "maxLength": 5}),
        ("level", {"type": "integer", "format": "int64", "enum": [1, 2, 3]}),
        ("whole", {"type": "string", "format": "decimal", "pattern": "^-?[0-9]{1,3}$",
                   "description": "Greater than 0 and at most 999."}),
        ("share", {"type": ["string", "null"], "format": "decimal", "pattern": r"^-?0?\.[0-9]{2}$"}),
        ("ratio", {"type": ["number", "null"], "format": "double", "minimum": 0, "exclusiveMaximum": 1}),
        ("born", {"type": ["string", "null"], "format": "date", "description": "At least 1900-01-01."}),
        ("words", {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3}),
        ("secret", {"type": ["string", "null"], "x-sensitive": True,
                    "description": "Sensitive: null for who may not see it."}),
    ],
)  # fmt: skip
def test_a_value_as_it_is_given(path: str, told: dict[str, Any]) -> None:
    assert schema("records.everything")["properties"][path] == told


def test_a_record_is_whole_or_says_what_it_lacks() -> None:
    record = schema("records.everything")
    assert record["description"].startswith("Each type once, bound and unbound.\n\nAnd a second paragraph, with `code`")
    assert {"text", "ident", "ref", "fee"} <= set(record["required"])
    assert record["anyOf"] == [{"required": ["select", "level", "whole", "words", "cost"]}, {"required": ["_lacks"]}]
    assert record["properties"]["cost"]["required"] == ["amount", "unit"]
    assert record["properties"]["fee"]["properties"]["unit"]["enum"] == ["a,b", "50%", "c/d", None]
    gone = schema("records.gone.gone")
    assert (list(gone["properties"]), gone["required"]) == (["openapi", "_gone"], ["openapi", "_gone"])


def test_what_a_source_takes() -> None:
    takes = schema("records.in.sent")
    assert takes["description"] == "Takes everything, and nothing more."
    assert takes["additionalProperties"] is False, "it refuses what it does not know"
    assert takes["required"] == ["text", "number", "day", "price", "flag", "at", "clock", "ident"]
    assert takes["properties"]["price"]["type"] == ["string", "number"]
    assert takes["properties"]["fee"]["type"] == ["object", "null"]


def test_what_a_source_takes_under_other_names() -> None:
    takes = schema("records.explain.sent")
    assert "additionalProperties" not in takes
    assert set(takes["properties"]) == {"header", "kind", "parts", "when_it_was", "n"}
    assert takes["properties"]["header"]["properties"]["id"]["type"] == ["integer", "string"], (
        "renamed, it has its type"
    )
    assert takes["properties"]["header"]["properties"]["name"] == {}, "an expression reads it"
    items = takes["properties"]["parts"]["properties"]["list"]
    assert items["type"] == ["array", "null"]
    assert items["items"]["required"] == ["path"]
    assert "required" not in takes, "a record that states nothing needs no time"


def test_the_columns_of_a_view_have_types() -> None:
    columns = schema("records.all")["properties"]
    kinds = {name: (one.get("type"), one.get("format")) for name, one in columns.items()}
    assert kinds["x"] == (["integer", "null"], "int64")
    assert kinds["d"] == (["string", "null"], "decimal")
    assert kinds["f"] == (["number", "null"], "double")
    assert kinds["l"] == (None, None)
    assert kinds["name"] == (None, None), "it is a parameter, and of the type of what is given"
    assert kinds["day"] == (["string", "null"], "date")


def test_a_filter_whose_name_is_taken_is_asked_for_by_its_sign() -> None:
    asked = made(ODD, "3.1")["paths"]["/v1/records/records/everything"]["get"]["parameters"]
    names = [one["name"] for one in asked]
    assert len(names) == len(set(names))
    (further,) = [one["schema"]["properties"] for one in asked if one.get("explode")]
    assert {"gone.eq", "incomplete.null", "cost.unit.in"} <= set(further)
    assert "anything.eq" not in further, "of nested values it can be asked only whether they are there"


def test_people_read_what_the_declarations_say() -> None:
    document = made("retail", "3.1")
    tags = {tag["name"]: tag.get("description", "") for tag in document["tags"]}
    assert tags["orders"].startswith("Orders, from OMS: order management.")
    post = document["paths"]["/v1/in/mpts-flash"]["post"]
    assert post["description"].startswith("Flash and super sales: whole when they are decided")
    assert schema("orders.order", "retail")["properties"]["cancelled_for"]["description"] == "The customer's reason."


def test_2_0_says_null_and_bounds_in_its_own_way() -> None:
    record = made(ODD, "2.0")["definitions"]["records.everything"]
    assert record["properties"]["ratio"] == {
        "type": "number", "x-nullable": True, "format": "double", "minimum": 0, "maximum": 1, "exclusiveMaximum": True,
    }  # fmt: skip
    assert "anyOf" not in record
    assert made(ODD, "2.0")["paths"]["/v1/in/in"]["post"]["parameters"][-1]["in"] == "body"
