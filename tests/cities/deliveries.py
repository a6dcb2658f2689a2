"""What each city delivered, for our reader and for reading by hand with json alone."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd

HERE = Path(__file__).parent
SOURCES: dict[str, dict[str, Any]] = tomllib.loads((HERE / "sources.toml").read_text(encoding="utf-8"))
SYSTEM_KEYS = ("storm", "sewage", "combined")


def folder_of(networks: Path, city: str) -> Path:
    return networks / str(SOURCES[city].get("folder", f"cities/{city}"))


def source_of(networks: Path, city: str) -> Any:  # noqa: ANN401 - what read_network takes
    """Give the source as `read_network` takes it."""
    folder = folder_of(networks, city)
    named = {
        key: [folder / name for name in names] if isinstance(names, list) else folder / names
        for key, names in SOURCES[city].items()
        if key != "folder"
    }
    return named.get("pipes", named)


def mapping_of(city: str) -> Path | None:
    """Return the mapping of a city, None where it is read without one."""
    path = HERE / f"{city}.toml"
    return path if path.is_file() else None


def rows(networks: Path, city: str, key: str) -> pd.DataFrame:
    """Read the raw rows of one system or layer, geometry as a column; by json, not by our reader."""
    names = SOURCES[city].get(key, [])
    tables = [rows_of_file(folder_of(networks, city) / name) for name in ([names] if isinstance(names, str) else names)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def rows_of_file(path: Path) -> pd.DataFrame:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return pd.DataFrame(
        [{**(f.get("properties") or f.get("attributes")), "raw_geometry": f.get("geometry")} for f in features]
    )


def pipe_rows(networks: Path, city: str) -> pd.DataFrame:
    """Read the raw rows of all systems, with the key of their file as ``file_system``."""
    tables = [rows(networks, city, key).assign(file_system=key) for key in SYSTEM_KEYS if key in SOURCES[city]]
    return pd.concat(tables, ignore_index=True)
