"""An answer as a value: tables, a summary with units in its names, and the layers that draw it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from drainage import words
from drainage.errors import FormatError, SchemaError
from drainage.maps.layer import Layer
from drainage.metres import Area
from drainage.provenance import Provenance
from drainage.said import joined
from drainage.spreadsheets import plain_table, unprintable_cells, write_csv
from drainage.words import in_both, nearest
from drainage.writing import (
    replacing_file,
    with_places,
    write_layer,
    write_provenance,
    write_vector,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from drainage.maps.base_maps import BaseMap
    from drainage.maps.notebook import NotebookMap
    from drainage.maps.page_of import Page

#: What a result is written as, by the ending of the name.
RESULT_ENDINGS: Final = (".xlsx", ".gpkg", ".geojson", ".csv", ".parquet", ".shp", ".fgb")
#: Features of a result that a notebook shows on the page of its map without being asked.
_MOST_IN_A_CELL: Final = 30_000
#: Formats of places: what has none is drawn nowhere in them.
_OF_PLACES: Final = frozenset({".geojson", ".shp", ".fgb"})


@dataclass(frozen=True, eq=False)
class Result:
    """The result of an analysis.

    Parameters
    ----------
    question
        Name of the question, e.g. ``mixed_flow``; also the title of maps and files.
    tables
        Name → table, indexed by the id of pipe, node or road. Tables with geometry are GeoDataFrames.
    summary
        Totals; names include the units.
    layers
        What to draw: the answer, on what lies round it (`drainage.maps.context`).
    notice
        Notice shown with the result, e.g. that the data are synthetic; default: that of the provenance.
    provenance
        Provenance, included in every output; it also holds the assumptions of the summary.
    not_known
        Why an empty result is not an answer: what would have to be recorded; None if the question was answered.
    formulas
        Table → column → formula of each row for a workbook, as `drainage.workbooks.cell_formulas` reads them; the
        tables hold what they give.

    Examples
    --------
    >>> import drainage as dr
    >>> mixed = dr.find_mixed_flow(dr.load_demo("2018-12-31"))
    >>> mixed
    <Result mixed_flow: points: 93, pipes: 5,317, outfalls: 15, reach: 26>
    >>> mixed.points["kind"].value_counts().to_dict()
    {'storm_into_sewage': 42, 'sewage_into_storm': 41, 'combined_below_separated': 8, 'sewage_at_storm_outfall': 2}
    >>> mixed.summary["sewage_m3d"]
    14000.0
    """

    question: str
    tables: Mapping[str, pd.DataFrame]
    summary: pd.Series
    layers: Sequence[Layer] = field(default_factory=tuple)
    notice: str | None = None
    provenance: Provenance = field(default_factory=Provenance, kw_only=True)
    not_known: str | None = field(default=None, kw_only=True)
    formulas: Mapping[str, Mapping[str, Sequence[str | None]]] = field(default_factory=dict, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        """Make result and provenance agree: one notice, the same assumptions."""
        notice = self.notice or self.provenance.notice
        assumed = self.summary.get("assumptions")
        known = assumed if isinstance(assumed, dict) else self.provenance.assumptions
        object.__setattr__(self, "notice", notice)
        object.__setattr__(self, "provenance", replace(self.provenance, notice=notice, assumptions=known))

    def __getattr__(self, name: str) -> pd.DataFrame:
        """Return each table as an attribute: ``mixed.points`` is ``mixed.tables["points"]``."""
        tables = self.__dict__.get("tables", {})
        if name in tables:
            table: pd.DataFrame = tables[name]
            return table.copy(deep=False)
        raise AttributeError(f"{type(self).__name__} has no table {name!r}; it has {', '.join(tables)}")

    def __dir__(self) -> list[str]:
        """Offer the table names to completion."""
        return [*super().__dir__(), *self.tables]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What stands before the figures wherever they are shown: why nothing is known, or what was not judged."""
        return tuple(filter(None, (self.not_known, self.summary.get("advice"))))

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
        """Return a table for a spreadsheet: no geometry, plain cells, no text that would be read as a formula."""
        return plain_table(self.tables[name])

    def explore(self, *, within: Area | None = None) -> NotebookMap:
        """Return the layers as a map of folium for notebooks, which opens without any network.

        Markers, tiles and plugins of others can be added to it; `MOST_FEATURES` of `drainage.maps.notebook` are drawn.

        Parameters
        ----------
        within
            Area, in any CRS, of which everything that touches it is drawn, such as a road with what lies beside it; a
            notebook holds its maps, and the part of a city takes less room than the whole. None: everything.

        Raises
        ------
        CrsError, TopologyError
            The area has a CRS, but the network is a schematic plan; nothing touches it.
        """
        from drainage.maps.notebook import notebook_map

        return notebook_map(
            self.layers, title=self.question, notice=self.notice, provenance=self.provenance, within=within
        )

    def page(self, *, basemap: BaseMap = "none", progress: Callable[[float], None] = lambda _: None) -> Page:
        """Return the layers as a page that works without any network: see `Page.save`.

        Parameters
        ----------
        basemap, progress
            As `drainage.maps.page_of.page_of` takes them.
        """
        from drainage.maps.page_of import page_of

        warned = list(filter(None, (words.one_language(self.notice or "", words.language()), *self.warnings)))
        told = {self.question: {**self.summary, "not_known": self.not_known}}
        return page_of(
            self.layers,
            title=self.question,
            notice=joined(warned) or None,
            provenance=self.provenance,
            summaries={"": told},
            basemap=basemap,
            progress=progress,
        )

    @property
    def charts(self) -> dict[str, str]:
        """The kinds of charts that `plot` can draw of this result, with their titles; the default comes first."""
        from drainage.maps.charts.draw_chart import chart_kinds

        return chart_kinds(self)

    def plot(self, kind: str | None = None, ax: Axes | None = None, *, lang: str | None = None) -> Axes:
        """Plot the result by matplotlib: what was found by cause, road, system or cost, or how it is spread.

        No settings of matplotlib are changed. Letters, Chinese among them, come with the package.

        Parameters
        ----------
        kind
            One of `charts`; None: the first of them.
        ax
            Where to draw; None: on a new figure of pyplot, 160 mm wide. See `figure` for one that pyplot does not know.
        lang
            ``zh`` or ``en``; None: the language of the reader.

        Returns
        -------
        The axes, to go on with. Notice and provenance stand below them.

        Raises
        ------
        SchemaError
            There is no such chart, or nothing to show; what can be plotted is named.
        FormatError
            matplotlib is not installed: it comes with the extra ``plot``.
        """
        from drainage.maps.charts.draw_chart import plot_answer

        return plot_answer(self, kind, ax, lang=lang)

    def figure(self, kind: str | None = None, *, width_mm: float = 160.0, lang: str | None = None) -> Figure:
        """Return what `plot` draws as a figure of its own that pyplot does not know, such as for a report.

        Parameters
        ----------
        kind, lang
            As of `plot`.
        width_mm
            Width of the figure, mm; its height follows from what is drawn.

        Raises
        ------
        SchemaError, FormatError
            As of `plot`.
        """
        from drainage.maps.charts.draw_chart import chart_figure

        return chart_figure(self, kind, width_mm=width_mm, lang=lang)

    def table_for(self, path: str | Path, table: str | None = None) -> str:
        """Return the name of the table to write to a file that holds one table.

        Raises
        ------
        SchemaError
            There is no such table, or no table at all.
        """
        if table is not None and table not in self.tables:
            place, tables = Path(path).name, ", ".join(self.tables)
            asked = {"question": self.question, "table": table, "near": nearest(table, self.tables)}
            raise SchemaError(in_both("no_such_table", place=place, tables=tables, **asked))
        names = [table] if table is not None else list(self.tables)
        if not names:
            raise SchemaError(in_both("no_tables", place=Path(path).name, question=self.question))
        if Path(path).suffix.lower() in _OF_PLACES:
            names = [name for name in names if isinstance(self.tables[name], gpd.GeoDataFrame)] or names
        return names[0]

    def to_file(self, path: str | Path, table: str | None = None, *, force: bool = False) -> Path:
        """Write a file in the format of its extension, completely or not at all; the provenance is in it or beside it.

        ``.gpkg`` holds all tables, those without geometry as tables of attributes, and ``.xlsx`` is written by
        `to_excel`. ``.geojson``, ``.csv``, ``.parquet``, ``.shp`` and ``.fgb`` hold one table. In a CSV the geometry is
        in ``lon`` and ``lat``, that of lines and areas in ``wkt``; a Shapefile cuts column names to ten bytes and texts
        to 254.

        Parameters
        ----------
        path
            Where to write.
        table
            Name of the one table to write; default for a file that holds one table: the first, in a format with
            geometry the first that has one.
        force
            Replace an existing file, and the provenance file beside it.

        Raises
        ------
        FormatError
            The file exists and ``force`` is False, or its extension is not supported.
        SchemaError
            There is no such table.
        """
        goal = Path(path)
        ending = goal.suffix.lower()
        if ending not in RESULT_ENDINGS:
            raise FormatError(in_both("other_ending", place=goal.name, endings=", ".join(RESULT_ENDINGS)))
        if table is not None and ending in {".gpkg", ".xlsx"}:
            name = self.table_for(goal, table)
            return replace(self, tables={name: self.tables[name]}).to_file(goal, force=force)
        if ending == ".xlsx":
            return self.to_excel(goal, force=force)
        with replacing_file(goal, ending=ending, force=force, provenance=self.provenance) as part:
            if ending == ".gpkg":
                from drainage.maps.qgis.dressed import dress, result_looks

                for name, one in self.tables.items():
                    write_layer(one, part, layer=name, append=part.exists())
                write_provenance(self.provenance, part)
                dress(part, result_looks(self.tables, self.layers))
            elif ending == ".csv":
                write_csv(with_places(self.tables[self.table_for(goal, table)]), part)
            else:
                write_vector(self.tables[self.table_for(goal, table)], part, provenance=self.provenance)
        return goal

    def to_excel(self, path: str | Path, *, lang: str | None = None, force: bool = False) -> Path:
        """Write a workbook: where the answer comes from, its figures, and a sheet for each table that has rows.

        Each sheet has two heading rows, words with units and below them the names used in Python: read a sheet with
        ``pandas.read_excel(path, sheet_name=…, header=1)``. Text stays text, even if it begins like a formula. Control
        characters, which a workbook cannot hold, are replaced; the summary then says in how many texts.

        Parameters
        ----------
        lang
            ``zh`` or ``en``: the language of headings and codes; by default ``DRAINAGE_LANG``, else that of the locale,
            else English.

        Raises
        ------
        FormatError
            The file exists and ``force`` is False, its extension is not ``.xlsx``, a table is longer than a sheet, or
            there is no such language.
        """
        from drainage.workbooks import write_workbook

        facts: dict[str, object] = {str(key): value for key, value in self.summary.items()}
        if self.not_known is not None:
            facts = {"not_known": self.not_known, **facts}
        if lost := unprintable_cells(self.tables):
            facts["texts_with_signs_replaced"] = lost
        with replacing_file(path, ending=".xlsx", force=force) as part:
            write_workbook(
                self.tables,
                part,
                summary=facts,
                provenance=self.provenance.as_dict(words.language(lang)),
                title=words.question(self.question, words.language(lang)),
                notice=self.notice,
                lang=lang,
                formulas=self.formulas,
            )
        return Path(path)

    def __repr__(self) -> str:
        """Return one line with the sizes of the tables."""
        sizes = ", ".join(f"{name}: {len(table):,}" for name, table in self.tables.items())
        return f"<Result {self.question}: {sizes}>"

    def _repr_html_(self) -> str:
        notice = f"<p><strong>{escape(self.notice)}</strong></p>" if self.notice else ""
        drawn = sum(len(layer.frame) for layer in self.layers)
        page = self.page()._repr_html_() if 0 < drawn <= _MOST_IN_A_CELL else ""
        return f"<p>{escape(repr(self))}</p>{notice}{page}{self.summary.to_frame('value').to_html()}"
