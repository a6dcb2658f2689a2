"""What a file does not hold of an answer that is written to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.result import Result


def signs_lost(result: Result, path: Path) -> Iterator[str]:
    """Tell, before it is written, how many texts of an answer have signs that the file cannot hold."""
    from drainage.spreadsheets import unprintable_cells

    if path.suffix.lower() in {".xlsx", ".csv"} and (lost := unprintable_cells(result.tables)):
        yield in_both("control_signs", count=lost)


def tables_lost(result: Result, path: Path, table: str | None = None) -> Iterator[str]:
    """Tell which tables of an answer a file with one table leaves out, and what its format cuts.

    Parameters
    ----------
    result, path, table
        As `drainage.result.Result.to_file` takes them.

    Raises
    ------
    SchemaError
        There is no such table.
    """
    from drainage.writing import shapefile_losses

    ending = path.suffix.lower()
    if ending in {".xlsx", ".gpkg"}:
        return
    chosen = result.table_for(path, table)
    yield from shapefile_losses(result.tables[chosen]) if ending == ".shp" else ()
    others = [name for name in result.tables if name != chosen]
    if table is None and others:
        yield in_both("holds_table", table=chosen, others=", ".join(others))
