"""The reference page of the command line, made from its help: `python -m trivium.cli.page > docs/cli.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from pydantic import SecretStr

from trivium.cli.commands import command

_HEAD = """\
# Commands

The help of every command, as it prints it. This page is made by `python -m trivium.cli.page > docs/cli.md`.

What a command was asked for comes on stdout, everything else on stderr. Colour and progress come on a terminal only,
and no colour where `NO_COLOR` is set. With `--json` stdout is one JSON document, and an error is one JSON object on
stderr: `code`, `message` and `hint`. Times are RFC 3339 in UTC. A password in the store's URL is never shown.

Everyone who can read the store sees everything in it: attributes declared sensitive are not hidden from the commands.

## Settings

Each is a variable of the environment, or without `TRIVIUM_` and in small letters a name in a file of settings.

| variable | default | what it is |
|---|---|---|
{settings}
| `TRIVIUM_SETTINGS` | `trivium.toml`, if there | the file of settings |
| `TRIVIUM_DEBUG` | | `1` shows the traceback of every error. |
"""


def page() -> str:
    """The page as Markdown."""
    parts = [_HEAD.format(settings="\n".join(_settings()))]
    for path, help_text in _helps(command(), "trivium", None):
        parts.append(f"\n## {path}\n\n```text\n{help_text}\n```\n")
    return "".join(parts)


def _settings() -> Iterator[str]:
    from trivium.service.settings import Settings

    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = default.get_secret_value() if isinstance(default, SecretStr) else default
        yield f"| `TRIVIUM_{name.upper()}` | {f'`{shown}`' if shown else ''} | {field.description} |"


def _helps(one: Any, name: str, above: Any) -> Iterator[tuple[str, str]]:
    """(path, help) of a command and of those below it, folded at 100 columns."""
    context = one.context_class(one, info_name=name, parent=above, **one.context_settings | {"terminal_width": 100})
    path = context.command_path
    yield path, "\n".join(line.rstrip() for line in one.get_help(context).splitlines())
    for below, found in getattr(one, "commands", {}).items():
        yield from _helps(found, below, context)


if __name__ == "__main__":
    sys.stdout.write(page())
