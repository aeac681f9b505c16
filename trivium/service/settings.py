"""Settings that differ from place to place; the declarations hold none of them."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from trivium.engine.masking import masked
from trivium.errors import UsageError
from trivium.model.source import Source

PREFIX: Final = "TRIVIUM_"
FILE: Final = "TRIVIUM_SETTINGS"
"""The variable that names the file of settings; without it `trivium.toml` is read, where it lies in the folder."""
_OTHERS: Final = {"SETTINGS", "DEBUG", "DATA", "BENCH_CACHE"}
"""Variables that are no settings of the service: of its command, its tests and its benchmarks."""
_LAST_PORT: Final = 65_535
_USUAL: Final = "trivium.toml"


class Settings(BaseSettings):
    """Read from the environment, each as `TRIVIUM_<NAME>`, else from a file, each as `name`. What may hold a password
    is never shown."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is said to the command goes before the environment, and that before the file."""
        path = settings_file()
        file = () if path is None else (TomlConfigSettingsSource(settings_cls, path),)
        return (init_settings, env_settings, *file)

    store: SecretStr = Field(
        SecretStr("trivium-data/{domain}.duckdb"),
        description="A DuckDB file, or postgresql://…; {domain} stands for the domain's name.",
    )
    raw: Path | None = Field(None, description="The folder of kept raw input; default: NAME.raw beside NAME.duckdb.")
    memory: str = Field(
        "300MB",
        pattern=r"^\d+(MB|GB)$",
        description="What a DuckDB store may use before it spills; a load judges with 300 MB besides.",
    )
    threads: int | None = Field(None, ge=1, le=256, description="Threads of a DuckDB store; default: all cores.")
    inbox: SecretStr = Field(
        SecretStr("trivium-data/inbox"),
        description="Where files arrive: a folder, s3://bucket/…, gs://bucket/…, sftp://user@host/…; a source watches "
        "the folder of its `files` below it.",
    )
    inboxes: dict[str, SecretStr] = Field(
        default_factory=dict, description='Inboxes of single sources, as JSON: {"oms-end-of-day": "s3://…"}.'
    )
    outcome: Literal["move", "leave"] = Field(
        "move",
        description="Whether settled files are moved into done/ and refused/ below their folder, or left. "
        "Those of a source that keeps no raw input are always left: a replay reads them where they lie.",
    )
    loads: int = Field(2, ge=1, le=64, description="How many files of a domain are loaded side by side.")
    grace: float = Field(
        6.0,
        ge=0,
        le=86_400,
        description="Seconds that loads under way have to end once `trivium run` is told to stop; what has not "
        "ended by then is taken again at the next start.",
    )
    poll: float = Field(
        10.0, gt=0, le=86_400, description="Seconds after which an inbox is listed again; a local one tells by itself."
    )
    broker: SecretStr | None = Field(
        None,
        description="Where events come from: kafka://host:9092,host2:9092; without one, sources of events are off.",
    )
    brokers: dict[str, SecretStr] = Field(
        default_factory=dict, description='Brokers of single sources, as JSON: {"oms-events": "kafka://…"}.'
    )
    group: str = Field(
        "trivium",
        pattern=r"^[A-Za-z0-9._-]{1,100}$",
        description="How the consumer groups begin: two stores that read one cluster need groups of their own.",
    )
    access: Literal["keys", "open"] = Field(
        "keys",
        description="Who may call: who has an API key, see `trivium keys`; or, open, anybody: for 127.0.0.1 only.",
    )
    http: str = Field(
        "127.0.0.1:8080",
        description="Where the service answers over HTTP: HOST:PORT, port 0 for any that is free; or off.",
    )

    @field_validator("http")
    @classmethod
    def _is_an_address(cls, http: str) -> str:
        if http != "off":
            if not re.fullmatch(r"\S+:[0-9]{1,5}", http):
                raise ValueError("it is HOST:PORT, such as 127.0.0.1:8182, or off")
            if int(http.rpartition(":")[2]) > _LAST_PORT:
                raise ValueError(f"ports end at {_LAST_PORT}")
        return http

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port of `http`; None where it is off."""
        if self.http == "off":
            return None
        host, _, port = self.http.rpartition(":")
        return host.strip("[]"), int(port)


def settings_file() -> Path | None:
    """The file of settings, if there is one."""
    named = os.environ.get(FILE)
    path = Path(named or _USUAL)
    return path if named or path.exists() else None


def read_settings(**named: str) -> Settings:
    """The settings of this place; `named` are those that the command was told. Raises UsageError for what is not valid,
    also for a name in the file that is none, and never says what a secret is."""
    _check_file()
    _check_environment()
    try:
        return Settings(**named)  # type: ignore[arg-type]  # checked by it
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join([PREFIX.strip("_"), *(str(part).upper() for part in first["loc"])])
        why = first["msg"].removeprefix("Value error, ")  # pydantic's own words before ours
        raise UsageError(f"the setting {name} is not valid: {why}", hint="correct or unset it") from None


def check_names(settings: Settings, sources: Collection[Source]) -> None:
    """Raises UsageError where an inbox or a broker is named for what is no source of files, or of events."""
    for setting, channel, what in (("inboxes", "batch", "files"), ("brokers", "events", "events")):
        known = sorted(source.name for source in sources if source.channel == channel)
        for name in getattr(settings, setting):
            if name not in known:
                near = get_close_matches(name, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(known) or 'none'}"
                raise UsageError(f"{PREFIX}{setting.upper()} names {name!r}, which is no source of {what}", hint=hint)


def _check_file() -> None:
    path = settings_file()
    if path is None:
        return
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint=f"mend it, or unset {FILE}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}", hint="write NAME = VALUE, a line for each setting") from error
    for name in found:
        if name not in Settings.model_fields:
            raise UsageError(f"{path} has the setting {name!r}, which is none", hint=_nearest(name))


def _check_environment() -> None:
    for variable in sorted(os.environ):
        name = variable.upper().removeprefix(PREFIX)
        if variable.upper().startswith(PREFIX) and name.lower() not in Settings.model_fields and name not in _OTHERS:
            hint = f"{_nearest(name.lower())}; as variables in capitals after {PREFIX}"
            raise UsageError(f"the environment has {variable}, which is no setting", hint=hint)


def _nearest(name: str) -> str:
    near = get_close_matches(name, Settings.model_fields, 1)
    return f"did you mean {near[0]}?" if near else f"they are {', '.join(Settings.model_fields)}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A setting as people may see it, and where it comes from: `default`, `environment`, the command, or a file."""

    name: str
    value: Any
    origin: str
    about: str


def shown(settings: Settings, told: frozenset[str] = frozenset()) -> Iterator[Shown]:
    """All settings; `told` are those that the command was told."""
    path = settings_file()
    file = {} if path is None else tomllib.loads(path.read_text("utf-8"))
    there = {name.upper() for name in os.environ}
    for name, field in Settings.model_fields.items():
        origin = "default"
        if name in told:
            origin = "command"
        elif f"{PREFIX}{name.upper()}" in there:
            origin = "environment"
        elif name in file:
            origin = str(path)
        yield Shown(name, _plain(getattr(settings, name)), origin, field.description or "")


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return masked(value.get_secret_value())
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return str(value) if isinstance(value, Path) else value
