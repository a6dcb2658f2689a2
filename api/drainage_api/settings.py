"""Settings of the server from its environment: which report or source it serves, and to whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

import drainage as dr
from drainage.said import joined
from drainage.words import in_both


class Settings(BaseSettings):
    """Settings, each an environment variable with the prefix ``DRAINAGE_``.

    Give `results` (a directory that ``drainage analyze`` wrote) or `source` (a network that is analysed at the start).
    """

    model_config = SettingsConfigDict(
        env_prefix="DRAINAGE_", extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    results: Path | None = None
    source: Path | str | None = Field(default=None, repr=False)  # a file, or the URL of a PostGIS database
    as_of: dt.date | None = None  # default: today
    storm_formula: str | None = None  # name or file; without one waterlogging is not answered
    return_period_a: float = Field(default=3.0, gt=0)
    duration_min: float = Field(default=120.0, gt=0)
    tailwater_m: float | None = None  # this and the next four as in `drainage.Setup`
    runoff_coefficient: float = 0.6
    uplift_within: float = 0.0
    inlet_time_min: float = 10.0
    served_distance_m: float = 50.0
    dem: Path | None = None  # ground levels (.tif) on which the water stands; needs the extra dem
    area_type: Literal["central", "outer", "important", "hub"] = "central"  # GB 50014-2021, table 4.1.5
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()  # comma-separated; none: pages of other hosts may not read
    host: str = "127.0.0.1"  # another only where there is a key, or for public_only
    port: int = Field(default=8000, ge=1, le=65535)
    workers: int = Field(default=1, ge=1, le=64)  # processes that answer
    threads: int | None = Field(default=None, ge=1, le=64)  # that work in each; default: its share of the cores
    most_waiting: int = Field(default=512, ge=0)  # requests before the threads of each; others are told to come again
    kept_mb: int = Field(default=64, ge=0)  # pages that each worker keeps for who asks next, in 10⁶ bytes
    connections: int = Field(default=1000, ge=1)  # of each worker, within what the system allows
    connections_per_address: int = Field(default=256, ge=1)  # of each worker; those of a trusted proxy are not counted
    header_timeout_s: float = Field(default=10.0, gt=0)  # until the header of a request is complete
    idle_timeout_s: float = Field(default=30.0, gt=0)  # between two requests; longer than a proxy keeps its own
    request_timeout_s: float = Field(default=300.0, gt=0)  # from the header to the last byte of the answer
    stop_timeout_s: float = Field(default=20.0, gt=0)  # for the answers under way when the server is told to end
    header_bytes: int = Field(default=32_768, ge=1024)  # request line and header
    body_bytes: int = Field(default=1_048_576, ge=0)  # what is sent with a request
    upload_bytes: int = Field(default=50_000_000, ge=1)  # a file that is submitted
    photo_bytes: int = Field(default=8_000_000, ge=1)  # a photograph of a sighting
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()  # whose X-Forwarded-For counts
    watch_s: float = Field(default=5.0, gt=0)  # how often to look whether the report was replaced
    public_url: HttpUrl | None = None  # where clients reach the server; default: the host that they asked for

    zone: ZoneInfo | None = None  # whose clock pages tell, e.g. Asia/Shanghai; default: that of the machine
    city: str = ""  # name of the town on the public page
    phone: str = ""  # number to call first, on the public page
    contacts: Path | None = None  # numbers to call, in the form of drainage/publication/contacts.toml
    passing: Path | None = None  # who can pass through which depth, in the form of …/passability.toml
    terms: Path | None = None  # of the contract, in the form of docs/papers/pay-terms-example.toml, for the pay sheet
    office: Path | None = None  # what the office says of itself on the report, as for `drainage report --office`

    store: Path | None = None  # directory of keys, audit log, versions and what was submitted
    database_url: SecretStr | None = (
        None  # of PostgreSQL with PostGIS, which keeps all of that; then `store` is a cache
    )
    job_workers: int = Field(default=1, ge=0, le=16)  # processes that do what was submitted; where there is a store
    job_memory_mb: int = Field(default=6000, ge=500)  # address space of a job, in 10⁶ bytes
    job_cpu_s: int = Field(default=600, ge=1)  # of all cores together
    job_wall_s: float = Field(default=1800.0, gt=0)  # by the clock
    job_file_mb: int = Field(default=1000, ge=1)  # the largest file that a job may write, in 10⁶ bytes
    waiting_per_key: int = Field(default=20, ge=1)  # what one key has submitted and is not done yet
    public_only: bool = False  # the public page and its collection, and nothing else
    roles: Path | None = None  # who may what, in the form of access/roles.toml; default: that file
    hosts: Annotated[tuple[str, ...], NoDecode] = ()  # names under which clients may ask, beside that of public_url
    reads_per_minute: int = Field(default=120_000, ge=1)  # of one key, and of one address; in each process
    sightings_per_hour: int = Field(default=12, ge=1)  # that one address may tell of
    failures_per_minute: int = Field(default=10, ge=1)  # wrong keys and sign-ins of one address
    session_hours: float = Field(default=12.0, gt=0, le=24 * 31)  # until a browser must sign in again

    @field_validator("source", mode="before")
    @classmethod
    def _file_or_address(cls, value: object) -> object:
        """Take a file for a path, which would make one stroke of the two of an address."""
        return Path(value) if isinstance(value, str) and "://" not in value else value

    @field_validator("cors_origins", "hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _list_by_name(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "*" in value:
            raise ValueError("list the origins by name; '*' would open the server to every web page")
        return value

    @property
    def database(self) -> str | None:
        """The URL of the database, with its password."""
        return None if self.database_url is None else self.database_url.get_secret_value()

    @property
    def has_store(self) -> bool:
        """Whether anything is kept."""
        return self.store is not None or self.database_url is not None

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.results is not None and self.source is not None:
            raise ValueError("set DRAINAGE_RESULTS or DRAINAGE_SOURCE, not both")
        return self


def from_environment() -> Settings:
    """Return the settings of the environment; what is wrong with them ends the program with a message.

    Raises
    ------
    SystemExit
        With each variable and what is wrong with it.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = [f"DRAINAGE_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors()]
        raise SystemExit("\n".join(faults)) from error


def from_words(said: Mapping[str, object]) -> Settings:
    """Return the settings of the environment, and before them what was said on the command line.

    Parameters
    ----------
    said
        Name of the setting → its value; one that is None was not said, but for ``results`` and ``source``.

    Raises
    ------
    drainage.errors.FormatError
        With each option or variable and what is wrong with it.
    """
    kept: dict[str, Any] = {
        name: value for name, value in said.items() if value is not None or name in {"results", "source"}
    }
    try:
        return Settings(**kept)
    except ValidationError as error:
        faults = [(fault["loc"][0] if fault["loc"] else "", fault["msg"]) for fault in error.errors()]
        options = {name: "--store" if name == "database_url" else f"--{name}" for name in kept}
        named = [(options.get(str(name), f"DRAINAGE_{name}".upper()), why) for name, why in faults]
        told = joined(in_both("serve_setting", setting=name, why=why) for name, why in named)
        raise dr.errors.FormatError(told) from error
