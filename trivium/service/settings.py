"""Settings that differ from place to place; the declarations hold none of them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from the environment, each as `TRIVIUM_<NAME>`. A store's URL may hold a password and is never shown."""

    model_config = SettingsConfigDict(env_prefix="TRIVIUM_", extra="ignore")

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
