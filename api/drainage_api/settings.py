"""Settings of the server from its environment: which report or source it serves, and to whom."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


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
    public_url: HttpUrl | None = None  # where clients reach the server; default: the host that they asked for

    @field_validator("source", mode="before")
    @classmethod
    def _file_or_address(cls, value: object) -> object:
        """Take a file for a path, which would make one stroke of the two of an address."""
        return Path(value) if isinstance(value, str) and "://" not in value else value

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _list_by_name(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "*" in value:
            raise ValueError("list the origins by name; '*' would open the server to every web page")
        return value

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.results is not None and self.source is not None:
            raise ValueError("set DRAINAGE_RESULTS or DRAINAGE_SOURCE, not both")
        return self
