"""An answer as a value: tables, a summary with units in its names, and the layers that draw it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from drainage.spreadsheets import plain_table, unprintable_cells, write_workbook
from drainage.writing import replacing_file, write_layer

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    import folium

    from drainage.maps.layer import Layer


@dataclass(frozen=True, eq=False)
class Result:
    """What an analysis found.

    Parameters
    ----------
    question
        Name of the question, e.g. ``mixed_flow``; also the title of maps and files.
    tables
        Name → table, indexed by the id of pipe, node or road. Tables with geometry are GeoDataFrames.
    summary
        Totals; units stand in the names.
    layers
        What to draw, in drawing order.
    notice
        Shown wherever the result is shown, e.g. that the data are synthetic.
    not_known
        Why an answer of nothing is none: what would have to be recorded for one; None where the question was answered.
    """

    question: str
    tables: Mapping[str, pd.DataFrame]
    summary: pd.Series
    layers: Sequence[Layer] = field(default_factory=tuple)
    notice: str | None = None
    not_known: str | None = None

    def __getattr__(self, name: str) -> pd.DataFrame:
        """Give each table as an attribute: ``mixed.points`` is ``mixed.tables["points"]``."""
        tables = self.__dict__.get("tables", {})
        if name in tables:
            table: pd.DataFrame = tables[name]
            return table.copy(deep=False)
        msg = f"{type(self).__name__} has no table {name!r}; it has {', '.join(tables)}"
        raise AttributeError(msg)

    def __dir__(self) -> list[str]:
        """Offer the table names to completion."""
        return [*super().__dir__(), *self.tables]

    def places(self, name: str) -> gpd.GeoDataFrame:
        """Return a table that has geometry.

        Raises
        ------
        KeyError
            There is no such table, or it has no geometry.
        """
        table = self.tables[name]
        if not isinstance(table, gpd.GeoDataFrame):
            raise KeyError(name)
        return table.copy(deep=False)

    def cells(self, name: str) -> pd.DataFrame:
        """Return a table for a spreadsheet: no geometry, plain cells, no text that would be taken for a formula."""
        return plain_table(self.tables[name])

    def explore(self) -> folium.Map:
        """Return a folium map of the layers that works without any network."""
        from drainage.maps.draw import draw_layers

        return draw_layers(self.layers, title=self.question, notice=self.notice)

    def to_file(self, path: str | Path, *, force: bool = False) -> Path:
        """Write the tables with geometry as layers of one GeoPackage; whole or not at all.

        Raises
        ------
        FormatError
            The file exists and ``force`` is False, or its ending is not ``.gpkg``.
        """
        with replacing_file(path, ending=".gpkg", force=force) as part:
            for name, table in self.tables.items():
                if isinstance(table, gpd.GeoDataFrame):
                    write_layer(table, part, layer=name, append=part.exists())
        return Path(path)

    def to_excel(self, path: str | Path, *, force: bool = False) -> Path:
        """Write the summary and every table as a sheet; text that a spreadsheet would take for a formula is quoted.

        Control characters, which a workbook may not hold, are replaced; the summary then says in how many texts.

        Raises
        ------
        FormatError
            The file exists and ``force`` is False, or its ending is not ``.xlsx``.
        """
        lost = unprintable_cells(self.tables)
        facts: dict[Hashable, object] = dict(self.summary)
        if lost:
            facts["texts_with_signs_replaced"] = lost
        summary = pd.DataFrame({"value": list(facts.values())}, index=list(facts), dtype=object)
        with replacing_file(path, ending=".xlsx", force=force) as part:
            write_workbook({"summary": summary, **self.tables}, part)
        return Path(path)

    def __repr__(self) -> str:
        """Return one line with the sizes of the tables."""
        sizes = ", ".join(f"{name}: {len(table):,}" for name, table in self.tables.items())
        return f"<Result {self.question}: {sizes}>"

    def _repr_html_(self) -> str:
        notice = f"<p><strong>{escape(self.notice)}</strong></p>" if self.notice else ""
        return f"<p>{escape(repr(self))}</p>{notice}{self.summary.to_frame('value').to_html()}"
