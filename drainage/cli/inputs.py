"""From the words of a command to a network on a day, its field data, its ground and a storm."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drainage.cli.history import on_day, say_day
from drainage.cli.options import Formula
from drainage.cli.printing import say
from drainage.cli.wording import spoken
from drainage.errors import FormatError
from drainage.formats.addresses import is_database
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drainage.evidence import Evidence
    from drainage.formats.raster import Dem
    from drainage.hydraulics.rainfall import ObservedStorm, Storm
    from drainage.network import DrainageNetwork

NO_STORM = (
    "give the storm intensity formula of the city with --storm-formula FILE.toml (none is right for every place) or "
    "observed rain with --rain FILE.csv, or how much falls with --depth-mm"
)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How the files of a network are to be read."""

    crs: Annotated[str | None, typer.Option(help="坐标系 CRS of files that carry none, e.g. EPSG:4548")] = None
    allow_outside: Annotated[
        bool,
        typer.Option(
            "--allow-outside",
            help="读取模型文件夹以外的文件 let an .inp read the files that it names outside its own folder",
        ),
    ] = False
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            help="列名 our column = column of the file, e.g. diameter_mm=GJ; also date_order=dmy (of 03/04/2010) "
            "and heading_row=3; may be repeated",
        ),
    ] = None
    columns: Annotated[
        Path | None,
        typer.Option("--columns", help="列名映射 a .toml file that says columns, units and codes (docs/reading.md)"),
    ] = None

    def read(
        self, source: list[str], outputs: Sequence[Path | None] = (), *, as_of: str | None, **layers: object
    ) -> DrainageNetwork:
        """Read the files that a command names, as the network lay on a day; today, it is said, where none is named."""
        net = self.whole(source, outputs, **layers)
        if as_of is None:
            say_day(net)
        return on_day(net, as_of)

    def whole(self, source: list[str], outputs: Sequence[Path | None] = (), **layers: object) -> DrainageNetwork:
        """Read the files that a command names, with the pipes of all days.

        No output may be one of them, nor what was read beside them, not even by force.
        """
        from drainage.intake.read import read_network
        from drainage.writing import spare

        pairs = [
            part.split("=", 1) for part in source if "=" in part and not is_database(part) and not Path(part).exists()
        ]
        paths = {name: [path for other, path in pairs if other == name] for name, _ in pairs}
        named = {name: found[0] if len(found) == 1 else found for name, found in paths.items()}
        if pairs and len(pairs) < len(source):
            raise FormatError(f"mix of plain and system=FILE sources: {' '.join(source)}")
        if len(source) > 1 and not named:
            raise FormatError(f"several files need their systems: storm={source[0]} sewage={source[1]} …")
        if wrong := [part for part in self.column or [] if "=" not in part]:
            raise FormatError(f"--column {wrong[0]}: write OURS=THEIRS, such as diameter_mm=GJ")
        columns = dict(part.split("=", 1) for part in self.column or [])
        spare(outputs, [path for found in paths.values() for path in found] or source)
        net = read_network(
            named or source[0], columns=columns, mapping=self.columns, crs=self.crs, allow_outside=self.allow_outside,
            **layers,  # type: ignore[arg-type]  # keyword names are ours
        )  # fmt: skip
        spare(outputs, net.files)
        for row in net.issues[net.issues["code"] == "layer_beside"].itertuples():
            say(f"{row.feature_id}: {spoken(in_both('clauses', first=row.reason, second=row.action))}")
        return net

    def evidence(self, named: list[str] | None) -> Evidence | None:
        """Read the field data that a command names, plain or as KIND=FILE; None where it names none.

        Raises
        ------
        FormatError
            Plain names beside KIND=FILE, or a file that is no evidence.
        """
        from drainage.formats.field_data import read_evidence

        if not named:
            return None
        pairs = [one.split("=", 1) for one in named if "=" in one and not Path(one).exists()]
        plain = [one for one in named if Path(one).exists() or "=" not in one]
        if pairs and plain:
            raise FormatError(f"mix of plain and KIND=FILE evidence: {' '.join(named)}")
        kinds = {kind: [path for other, path in pairs if other == kind] for kind, _ in pairs}
        return read_evidence(kinds or plain, date_order=self.date_order())

    def date_order(self) -> str | None:
        """Return what the user says of the order of day and month, in a mapping or by ``--column date_order=dmy``."""
        from drainage.intake.mapping import read_mapping

        said = next((part.partition("=")[2] for part in self.column or [] if part.startswith("date_order=")), None)
        return said or (read_mapping(self.columns).date_order if self.columns is not None else None)


@dataclass(frozen=True, kw_only=True)
class Rainfall:
    """What falls: by a formula, as a gauge saw it, or of a depth."""

    storm_formula: Formula = None
    rain: Annotated[
        Path | None, typer.Option("--rain", help="实测降雨 observed rain (.csv: time, depth_mm) instead of a formula")
    ] = None
    shape: Annotated[str, typer.Option("--shape", help="雨型 chicago, blocks or uniform")] = "chicago"
    climate_factor: Annotated[float, typer.Option(help="气候系数 all rain of a design storm is multiplied by it")] = 1.0
    depth_mm: Annotated[
        float | None,
        typer.Option(
            "--depth-mm",
            help="总雨量 depth of the storm in mm instead of a return period; a formula then gives its shape only",
        ),
    ] = None

    def storm(self, net: DrainageNetwork | None, return_period_a: float, duration_min: float) -> Storm | None:
        """Make the storm; None where neither rain nor formula was given and the city is not the synthetic one."""
        from drainage.formats.rain.storm_formula import read_storm_formula
        from drainage.hydraulics.rainfall import DesignStorm

        formula, shape = self.storm_formula, self.shape
        if self.rain is not None and self.depth_mm is not None:
            raise FormatError("--rain and --depth-mm both say what falls; give one")
        if self.rain is not None:
            return read_rain(self.rain, date_order=None if net is None else net.origin.date_order)
        if self.depth_mm is not None:
            from drainage.hydraulics.storm_of_depth import StormOfDepth

            shaped_by = None if formula is None else read_storm_formula(formula)
            return StormOfDepth(self.depth_mm, duration_min, shape, shaped_by, climate_factor=self.climate_factor)  # type: ignore[arg-type]  # it refuses what is no shape
        if formula is None and not (net is not None and net.synthetic):
            return None
        if formula is None:
            say(in_both("demo_formula"))
        chosen = read_storm_formula(formula or "demo")
        return DesignStorm(chosen, return_period_a, duration_min, shape=shape, climate_factor=self.climate_factor)  # type: ignore[arg-type]  # likewise


def read_rain(path: Path, *, date_order: str | None = None) -> ObservedStorm:
    """Read observed rain; how the file was understood is said on standard error."""
    from drainage.formats.rain.gauge import read_observed_rain

    storm = read_observed_rain(path, date_order=date_order)
    for note in storm.notes:
        say(f"{path.name}: {spoken(note)}")
    return storm


def read_ground(path: Path | None, net: DrainageNetwork) -> Dem | None:
    """Read the ground on which a network lies; what was doubted is said on standard error."""
    from drainage.formats.raster import read_dem

    if path is None:
        return None
    dem = read_dem(path, near=net)
    for remark in dem.remarks:
        say(f"{path.name}: {spoken(remark)}")
    return dem
