"""From the words of a command to a network on a day, its field data, its ground and a storm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import drainage as dr
from drainage import telling, writing
from drainage.cli.printing import say, say_all
from drainage.days import on_day
from drainage.errors import FormatError
from drainage.spelt.named_sources import by_name, evidence_named, sources_named
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.hydraulics.formulas import IntensityFormula
    from drainage.hydraulics.rainfall import Storm

Shape = Literal["chicago", "blocks", "uniform"]
AreaType = Literal["central", "outer", "important", "hub"]
Tracers = Literal["cecs", "idde"]
Score = Literal["nse", "kge"]


@dataclass(frozen=True, kw_only=True)
class Files:
    """How the files of a network are to be read."""

    title: ClassVar = "files"
    crs: str | None = None
    allow_outside: bool = False
    column: list[str] | None = None
    columns: Path | None = None
    join_within_m: float = 0.1

    def whole(self, source: Sequence[str], outputs: Sequence[Path | None] = (), **layers: object) -> dr.DrainageNetwork:
        """Read the files that a command names, with the pipes of all days.

        No output may be one of them, nor what was read beside them, not even by force.
        """
        named, files = sources_named(source)
        if wrong := [part for part in self.column or [] if "=" not in part]:
            raise FormatError(in_both("column_unsaid", word=wrong[0]))
        writing.spare(outputs, files)
        net = dr.read_network(
            named, columns=by_name(self.column or ()), mapping=self.columns, crs=self.crs,
            allow_outside=self.allow_outside, tolerance_m=self.join_within_m, **layers,  # type: ignore[arg-type]  # keyword names are ours
        )  # fmt: skip
        writing.spare(outputs, net.files)
        for row in net.issues[net.issues["code"].isin(["layer_beside", "loose_nodes"])].itertuples():
            say(row.feature_id, in_both("clauses", first=row.reason, second=row.action))
        return net

    def evidence(self, named: list[str] | None) -> dr.evidence.Evidence | None:
        """Read the field data that a command names, plain or as KIND=FILE; None where it names none.

        Raises
        ------
        FormatError
            Plain names together with KIND=FILE, or a file that is not evidence.
        """
        return dr.read_evidence(evidence_named(named), date_order=self.date_order()) if named else None

    def date_order(self) -> str | None:
        """Return what the user says of the order of day and month, in a mapping or by ``--column date_order=dmy``."""
        from drainage.intake.mapping import read_mapping

        said = next((part.partition("=")[2] for part in self.column or [] if part.startswith("date_order=")), None)
        return said or (read_mapping(self.columns).date_order if self.columns is not None else None)


@dataclass(frozen=True, kw_only=True)
class Reader(Files):
    """How a network, and the points of it, are to be read."""

    nodes: list[str] | None = None

    def whole(self, source: Sequence[str], outputs: Sequence[Path | None] = (), **layers: object) -> dr.DrainageNetwork:
        """Read the files that a command names, with the pipes of all days."""
        return super().whole(source, outputs, nodes=self.nodes, **layers)


@dataclass(frozen=True, kw_only=True)
class Dated(Reader):
    """How a network is to be read as it lay on a day."""

    as_of: str | None = None

    def read(self, source: Sequence[str], outputs: Sequence[Path | None] = (), **layers: object) -> dr.DrainageNetwork:
        """Read the files that a command names, as the network lay on the day; today, as is said, if none is named."""
        net = self.whole(source, outputs, **layers)
        self.say_other_day(net)
        return on_day(net, self.as_of)

    def say_other_day(self, net: dr.DrainageNetwork, storm: Storm | None = None, setup: dr.Setup | None = None) -> None:
        """Say, where no day is named, that it is today, and which other one the network tells of."""
        if self.as_of is None:
            say_all(telling.other_day_told(net, storm=storm, setup=setup))


@dataclass(frozen=True, kw_only=True)
class Ground:
    """The ground under which a network lies, as a raster."""

    title: ClassVar = "ground"
    dem: Path | None = None
    dem_crs: str | None = None
    dem_unit_m: float = 1.0

    def read(self, net: dr.DrainageNetwork) -> dr.formats.Dem | None:
        """Read the ground around a network; what was doubted is said on standard error."""
        if self.dem is None:
            return None
        dem = dr.read_dem(self.dem, near=net, crs=self.dem_crs, metres_per_unit=self.dem_unit_m)
        say_all(dem.remarks, of=[self.dem.name])
        return dem


@dataclass(frozen=True, kw_only=True)
class Rainfall:
    """What falls: by a formula, as a gauge saw it, or of a depth."""

    title: ClassVar = "rain"
    storm_formula: str | None = None
    return_period: float = 3.0
    duration: float = 120.0
    rain: Path | None = None
    depth_mm: float | None = None
    shape: Shape = "chicago"
    peak_position: float = 0.4
    climate_factor: float = 1.0

    def storm(self, net: dr.DrainageNetwork | None) -> Storm | None:
        """Make the storm; None where neither rain nor formula was given and the city is not the synthetic one."""
        from drainage.hydraulics.storm_of_depth import StormOfDepth

        if self.rain is not None and self.depth_mm is not None:
            raise FormatError(in_both("rain_twice"))
        if self.rain is not None:
            return read_rain(self.rain, date_order=None if net is None else net.origin.date_order)
        if self.depth_mm is not None:
            shaped_by = None if self.storm_formula is None else dr.read_storm_formula(self.storm_formula)
            return StormOfDepth(
                self.depth_mm, self.duration, self.shape, shaped_by, peak_position=self.peak_position,
                climate_factor=self.climate_factor,
            )  # fmt: skip
        formula = read_formula(self.storm_formula, net)
        if formula is None:
            return None
        return dr.DesignStorm(
            formula, self.return_period, self.duration, self.peak_position,
            shape=self.shape, climate_factor=self.climate_factor,
        )  # fmt: skip


def read_formula(named: str | None, net: dr.DrainageNetwork | None) -> IntensityFormula | None:
    """Read the formula that is named, else that of the demo city for it; None for another. What is doubted is said."""
    if named is None and not (net is not None and net.synthetic):
        return None
    if named is None:
        say(in_both("demo_formula"))
    formula = dr.read_storm_formula(named or "demo")
    if (doubt := formula.doubt()) is not None:
        say(doubt)
    return formula


def read_rain(path: Path, *, date_order: str | None = None) -> dr.hydraulics.ObservedStorm:
    """Read observed rain; how the file was understood is said on standard error."""
    storm = dr.read_observed_rain(path, date_order=date_order)
    say_all(storm.notes, of=[path.name])
    return storm
