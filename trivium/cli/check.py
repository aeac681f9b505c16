"""`trivium check`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from trivium.cli.believed import terms_document
from trivium.cli.mapping import mapping_document, mapping_rows
from trivium.cli.options import AppArgument, DomainOption, JsonOption, StoreOption
from trivium.cli.words import lacks, visible

if TYPE_CHECKING:
    from trivium.cli.screen import Screen
    from trivium.model.entity import Column, EntityShape
    from trivium.model.source import Source


def check(app: AppArgument, domain: DomainOption = None, store: StoreOption = None, as_json: JsonOption = False) -> int:
    """Checks declarations and what would change in the store.

    Shows what is declared, and for each source what each attribute is taken from.
    Writes nothing, creates nothing. Exit code 2 for a wrong declaration, 1 if a store refuses the declaration.

    \b
    Examples
      trivium check shop.py
      trivium check retail --domain orders --store postgresql://trivium@db/retail
    """
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen
    from trivium.engine.judge import check_sources
    from trivium.service.checking import plan, unstated

    screen, place = Screen(as_json), Workplace(app, store)
    told, refused = [], False
    for number, one in enumerate(place.domains(domain)):
        check_sources(one)
        exists = place.exists(one)
        changes = [
            dataclasses.replace(change, way_out=place.way_out()) if change.way_out else change
            for change in plan(one, place.settings, place.several, exists=exists)
        ]
        refused |= any(not change.allowed for change in changes)
        if number:
            screen.show()
        screen.show(f"domain {one.name}", style="bold")
        for shape in one.shapes:
            _show_entity(screen, shape)
        for source in one.sources:
            _show_source(screen, source)
        for view in one.views:
            screen.show(f"  view {view.name}({', '.join(view.parameters)})")
        lacking = unstated(one)
        for name in lacking:
            screen.show(f"  {lacks(name)}", style="yellow")
        what = (
            "store: to be made"
            if not exists
            else "store: fits the declaration"
            if not changes
            else "store: would change"
        )
        screen.show(f"  {what}", style="dim")
        for change in changes:
            screen.show(
                f"    {'+' if change.allowed else '✗'} {change.what}", style="" if change.allowed else "bold red"
            )
        for way_out in dict.fromkeys(change.way_out for change in changes if change.way_out):
            screen.show(f"    {way_out}")
        told.append(_document(one, changes, exists) | {"unstated": lacking})
    if as_json:
        screen.document({"app": app, "allowed": not refused, "domains": told})
    elif refused:
        screen.note("the store refuses the declaration", style="bold red")
    return int(refused)


def _show_entity(screen: Screen, shape: EntityShape) -> None:
    from rich.text import Text

    keys = ", ".join(f"{key.name} {key.type.label}" for key in shape.keys)
    title = Text.assemble("  entity ", (shape.name, "bold"), f"  key {keys} · {shape.policy}")
    screen.show(title)
    for group in shape.groups:
        told = [f"{column.path} {_type(column)}{'?' if column.nullable else ''}" for column in group.columns]
        marks = [
            mark for mark, on in (("optional", not group.required), (group.policy or "", bool(group.policy))) if on
        ]
        if any(column.sensitive for column in group.columns):
            marks.append("sensitive")
        screen.show(f"    {', '.join(told)}{'  · ' + ' · '.join(marks) if marks else ''}")
    for rule in shape.rules:
        screen.show(f"    rule {rule.name}: {visible(rule.expression.text)}")


def _type(column: Column) -> str:
    choices = column.type.choices
    return "|".join(map(str, choices)) if choices else column.type.label


def _show_source(screen: Screen, source: Source) -> None:
    from rich.text import Text

    from trivium.cli.screen import table
    from trivium.model.calendar import calendar_words
    from trivium.model.formats import format_words

    into = ", ".join(route.shape.name for route in source.routes)
    title = Text.assemble(
        "  source ", (source.name, "bold"), f"  {source.channel} {format_words(source.format)} → {into}"
    )
    screen.show(title.append(f" · precedence {source.precedence}"))
    named = source.files.text if source.files else source.topic
    details = [
        named and f"{'files' if source.files else 'topic'} {named}",
        source.event_time and f"event time {source.event_time.text}",
        source.cut_off and f"cut-off {source.cut_off.column} {source.cut_off.time:%H:%M} {source.cut_off.zone}",
        source.calendar and calendar_words(source.calendar),
        source.asserts and f"complete for {', '.join(source.asserts)}",
        source.max_gone is not None and f"held if it ends more than {(source.max_gone * 100).normalize():f}%",
    ]
    details += [f"{word} {said}" for word, said in terms_document(source.terms).items()]
    told = [str(detail) for detail in details if detail]
    if told:
        screen.show(f"    {visible(' · '.join(told))}")
    rows = [(f"    {attribute}", f"← {taken}", remark) for attribute, taken, remark in mapping_rows(source)]
    screen.show(table("", "", "", rows=rows))


def _document(domain: Any, changes: Any, exists: bool) -> dict[str, Any]:
    from trivium.model.formats import format_words

    return {
        "domain": domain.name,
        "store_exists": exists,
        "changes": [dataclasses.asdict(change) for change in changes],
        "entities": [
            {
                "entity": shape.name,
                "policy": shape.policy,
                "key": {key.path: key.type.label for key in shape.keys},
                "attributes": {
                    column.path: {"type": column.type.label, "nullable": column.nullable, "required": group.required}
                    for group in shape.groups
                    for column in group.columns
                },
                "rules": {rule.name: rule.expression.text for rule in shape.rules},
            }
            for shape in domain.shapes
        ],
        "sources": [
            {
                "source": source.name,
                "channel": source.channel,
                "format": format_words(source.format),
                "precedence": source.precedence,
                "into": [route.shape.name for route in source.routes],
                "files": source.files.text if source.files else None,
                "topic": source.topic,
                "terms": terms_document(source.terms),
                "mapping": mapping_document(source),
            }
            for source in domain.sources
        ],
        "views": [view.name for view in domain.views],
    }
