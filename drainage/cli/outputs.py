"""Where an answer goes: to the screen, for people or machines, and into the files that a command names."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NoReturn

import drainage as dr
from drainage import telling, writing
from drainage.cli.printing import print_json, print_told, say, say_all
from drainage.cli.progress import shown
from drainage.errors import FormatError
from drainage.maps.base_maps import BaseMap, check_base_map
from drainage.telling.in_words import labelled, spoken
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.maps.page_file import Page

#: What a chart is written as.
FIGURES = (".png", ".svg", ".pdf")
#: What a result is written as (`drainage.result.RESULT_ENDINGS`, told here for commands that fail before they begin).
OUTPUTS = (".xlsx", ".gpkg", ".geojson", ".csv", ".parquet", ".shp", ".fgb")


@dataclass(frozen=True, kw_only=True)
class Output:
    """Where an answer goes; what cannot be is refused before the command begins."""

    title: ClassVar = "output"
    endings: ClassVar[tuple[str, ...]] = OUTPUTS
    output: Path | None = None
    table: str | None = None
    map_: Path | None = None
    plot: Path | None = None
    chart: str | None = None
    json_: bool = False
    force: bool = False
    basemap: BaseMap = "none"

    @property
    def paths(self) -> tuple[Path | None, ...]:
        """The files that are asked for."""
        return self.output, self.map_, self.plot

    def check(self) -> None:
        """Refuse an output before any work is done for it.

        Raises
        ------
        FormatError
            Unsupported extension, or the file or that of its provenance exists and may not be replaced.
        """
        from drainage.maps.page_file import is_folder

        if self.chart is not None and self.plot is None:
            raise FormatError(in_both("chart_without_file"))
        check_base_map(self.basemap)
        if self.map_ is not None and is_folder(self.map_):
            writing.check_free_directory(self.map_, force=self.force)
        for path, known in ((self.output, self.endings), (self.map_, (".html",)), (self.plot, FIGURES)):
            if path is None or (path == self.map_ and is_folder(path)):
                continue
            if path.suffix.lower() not in known:
                raise FormatError(in_both("ending_unknown", name=path.name, known=", ".join(known)))
            writing.check_free_answer(path, ending=path.suffix.lower(), force=self.force)

    def answer(self, result: dr.Result, *, faulty: bool = False) -> NoReturn:
        """Print an answer, write its files, print what of it is looked at first, and end with its exit code."""
        self.print(result)
        self.print_tables(result)
        self.end(result, faulty=faulty)

    def print(self, result: dr.Result, **more: object) -> None:
        """Print the summary of one question and write the files that were asked for; ``more`` is for machines.

        Findings come first; what was assumed is printed at the end, by `end`.
        """
        from drainage.cells import to_plain

        if self.json_:
            print_json(to_plain({**result.summary, **more, "not_known": result.not_known}), result.provenance)
        else:
            print_told(telling.summary_told(result))
        self.write(result)
        if self.map_ is not None:
            with shown("map") as progress:
                page = result.page(basemap=self.basemap, progress=progress)
            self.write_map(page)
        self.draw(result)

    def print_tables(self, result: dr.Result, *, left_out: Mapping[str, Sequence[str]] | None = None) -> None:
        """Print what of an answer is looked at first, if people read it; ``left_out`` says nothing, by table."""
        if not self.json_:
            print_told(telling.tables_told(result, left_out=left_out))

    def write_map(self, page: Page) -> None:
        """Write a map, if it is asked for: as one file, or as the folder that the name means, and say how it opens."""
        if self.map_ is None:
            return
        page.save(self.map_, force=self.force)
        say(self.map_)
        if page.folder:
            how = "map_is_served" if not self.map_.suffix else "map_is_city"
            say(in_both(how, name=self.map_.name, folder=self.map_.with_suffix("")))

    def draw(self, result: dr.Result) -> None:
        """Write a chart of a result, if it is asked for: of its kind, or the first that the result has."""
        from drainage.maps.charts.chart_file import write_chart

        if self.plot is not None:
            say(write_chart(result, self.plot, self.chart, force=self.force))

    def write(self, result: dr.Result) -> None:
        """Write a result, if it is asked for, by the extension of the name, and say what its format loses.

        Raises
        ------
        FormatError
            Unsupported extension, or the file exists and may not be replaced.
        SchemaError
            There is no such table.
        """
        path = self.output
        if path is None:
            return
        say_all(telling.signs_lost(result, path), of=[path.name])
        result.to_file(path, self.table, force=self.force)
        say_all(telling.tables_lost(result, path, self.table), of=[path.name])
        say(path)

    def end(self, result: dr.Result, *, faulty: bool = False) -> NoReturn:
        """Print what was assumed and what could not be used; exit 2 if nothing is known or the data have errors."""
        if not self.json_:
            print_told(telling.assumptions_told(result))
        say_all(telling.issues_told(result))
        if self.json_ and result.not_known is not None:
            say(labelled("not_known", spoken(result.not_known)))
        sys.exit(2 if faulty or result.not_known is not None else 0)
