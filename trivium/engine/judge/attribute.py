"""One attribute as the judge sees it: its text, its value, what must hold and what to say where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trivium.engine.judge.bounds import Bound, bounds_of
from trivium.engine.judge.checks import Check, check_of
from trivium.engine.judge.kinds import ARRAY, BOOLEANS, TEXT
from trivium.engine.judge.scopes import Member
from trivium.engine.judge.stages import Stage, Stages
from trivium.engine.law.statements import text
from trivium.model.entity import Column
from trivium.model.expressions import Demand

_KINDS = {"bool": f"IN {BOOLEANS}", "list": f"= {ARRAY}"}
_DOCUMENTS = ("json", "list")
_NUMBERS = ("int", "decimal", "float")


@dataclass(frozen=True, slots=True)
class Failure:
    """A conversion inside an expression that came to nothing. `fails` is SQL, never NULL."""

    rule: str
    operand: str
    fails: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """SQL of one attribute, for the last stage of a statement.

    `fits`: its text is of its type (NULL where there is no text). `null_ok`: null is allowed. `absent`: it is not
    there at all. `label`: what a person calls it. `rule` stands in for the names of the rules on type and null.
    `document`: the marked JSON that it is made of, over the relation. `cells`, `kind`: as of a Member.
    """

    column: Column
    check: Check
    text: str
    value: str
    plain: str
    fits: str
    bounds: tuple[Bound, ...]
    null_ok: str
    absent: str | None
    failures: tuple[Failure, ...]
    label: str
    rule: str | None = None
    document: str | None = None
    cells: str | None = None
    kind: str | None = None

    @property
    def final(self) -> str:
        """SQL of the value that is kept."""
        return self.check.final(self.value)

    @property
    def shown(self) -> str:
        """SQL of its text for a person: without marks, and masked if it is sensitive."""
        if self.column.sensitive:
            return self._masked(self.text)
        if self.kind is not None:
            return f"plain_text({self.text}, {self.kind})"
        if self.column.type.kind in _DOCUMENTS:
            return f"unmarked({self.text})"
        return f"ltrim({self.text}, chr(1))"

    @property
    def good(self) -> str | None:
        """SQL, never NULL, of whether nothing is wrong with it; None where nothing can be."""
        parts = [f"NOT {failure.fails}" for failure in self.failures]
        holds = [self.fits, *(bound.holds for bound in self.bounds)]
        if self.null_ok == "false":
            parts.append(f"coalesce({' AND '.join(holds)}, false)")
        elif self.null_ok != "true" or holds != [f"{self.text} IS NOT NULL"]:
            parts.append(
                f"CASE WHEN {' AND '.join(holds)} THEN true WHEN {self.text} IS NULL THEN {self.null_ok} ELSE false END"
            )
        return " AND ".join(parts) or None

    def reasons(self, unless: str = "false") -> Iterator[str]:
        """SQL of every reason against it, each NULL where it does not apply. `unless`: where nothing is asked of it."""
        for failure in self.failures:
            when, shown = f"{failure.fails} AND NOT {unless}", self._masked(failure.operand)
            yield self._reason(when, failure.rule, _EXPECTED[failure.rule], shown)
        null = f"{self.text} IS NULL AND NOT ({self.null_ok}) AND NOT {unless}"
        for failure in self.failures:
            null += f" AND NOT {failure.fails}"
        if self.absent is not None:
            yield self._reason(f"{null} AND {self.absent}", self.rule or "missing", "there")
            null += f" AND NOT {self.absent}"
        yield self._reason(null, self.rule or "null", "given, for it may not be null")
        rule = self.rule or self.column.type.kind
        wrong = f"{self.text} IS NOT NULL AND NOT {unless} AND"
        yield self._reason(f"{wrong} NOT coalesce({self.fits}, false)", rule, self.check.expects)
        for bound in self.bounds:
            yield self._reason(f"{wrong} {self.fits} AND NOT ({bound.holds})", bound.rule, bound.expects)

    def _masked(self, shown: str) -> str:
        return f"CASE WHEN {shown} IS NOT NULL THEN '***' END" if self.column.sensitive else shown

    def _reason(self, when: str, rule: str, expects: str, shown: str | None = None) -> str:
        value = shown or self.shown
        must, cure = f"{self.column.path} must be {expects}", "correct it at its source and send the record again"
        if rule == "future":
            cure = "it waits here and is taken again when it is due"
        message = text(f"{must}; {cure}")
        if self.cells is not None and rule != "future":
            message = f"concat({text(must)}, {self.cells}, {text(f'; {cure}, or mend the expression')})"
        return f"CASE WHEN {when} THEN reason({text(rule)}, {self.label}, {value}, {message}) END"


_EXPECTED = {
    "number": "made from a plain number of at most 12 digits before the point and 6 behind it",
    "date": "made from a date in the declared format",
    "datetime": "made from an instant in the declared format",
}


def judged(
    stages: Stages,
    column: Column,
    member: Member,
    *,
    zone: str | None,
    null_ok: str,
    absent: str | None = None,
    demands: Sequence[Demand] = (),
    rule: str | None = None,
    bounds: Sequence[tuple[str, str, str]] = (),
) -> Attribute:
    """The attribute `column` with the raw value `member`, its steps put into `stages`.

    `bounds` are more of them: rule, what must hold of `{v}`, and in words.
    """
    type_, name = column.type, column.name
    check = check_of(type_, zone)
    in_json = member.kind is not None
    raw = f"plain({member.text})" if in_json and type_.kind in _NUMBERS else member.text
    x = stages.add(Stage.TEXT, raw, name)
    document = member.document
    if document is None and type_.kind in _DOCUMENTS:
        document = f"cell_document({raw})"
    if document is not None:
        v = stages.add(Stage.VALUE, check.document(document), name)
    else:
        v = stages.add(Stage.VALUE, check.value(x), name)
    p = stages.add(Stage.PLAIN, check.plain(v), name) if check.plain else v
    proof, otherwise = check.proof(x, v, p), check.otherwise(x, v)
    if in_json and type_.kind != "json" and type_.kind not in _NUMBERS:
        proof = f"{member.kind} {_KINDS.get(type_.kind, f'= {TEXT}')} AND {proof}"
        if type_.kind == "str":
            proof += f" AND NOT starts_with({x}, chr(1))"
    if otherwise == "false":
        fits = proof if proof == f"{x} IS NOT NULL" else stages.add(Stage.CHECKED, proof, name)
    else:
        fits = stages.add(Stage.CHECKED, f"CASE WHEN {proof} THEN true ELSE {otherwise} END", name)
    failures = tuple(_failure(stages, demand, x, name) for demand in demands)
    more = tuple(Bound(rule_, holds.format(v=v), expects) for rule_, holds, expects in bounds)
    return Attribute(
        column=column,
        check=check,
        text=x,
        value=v,
        plain=p,
        fits=fits,
        bounds=(*bounds_of(type_, check.final(v)), *more),
        null_ok=null_ok,
        absent=absent,
        failures=failures,
        label=member.label or text(column.path),
        rule=rule,
        document=document,
        cells=member.cells,
        kind=member.kind,
    )


def _failure(stages: Stages, demand: Demand, x: str, name: str) -> Failure:
    fails = stages.add(
        Stage.TEXT, f"(({demand.operand}) IS NOT NULL AND TRY({demand.converted}) IS NULL)", f"{name}_demand"
    )
    operand = stages.add(Stage.TEXT, f"({demand.operand})::VARCHAR", f"{name}_operand")
    return Failure(demand.rule, operand, f"({fails} AND {x} IS NULL)" if demand.guarded else fails)
