"""From the words of a command to a network on a day, its field data, its ground and a storm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from drainage.cli.printing import say, say_all
from drainage.days import on_day
from drainage.errors import FormatError
from drainage.formats.addresses import by_name, sources_named
from drainage.words import in_both, nearest

if TYPE_CHECKING:
    from drainage.evidence import Evidence
    from drainage.formats.raster import Dem
    from drainage.hydraulics.formulas import IntensityFormula
    from drainage.hydraulics.rainfall import ObservedStorm, Storm
    from drainage.network import DrainageNetwork
    from drainage.simulation.setup import Setup

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

    def whole(self, source: Sequence[str], outputs: Sequence[Path | None] = (), **layers: object) -> DrainageNetwork:
        """Read the files that a command names, with the pipes of all days.

        No output may be one of them, nor what was read beside them, not even by force.
        """
        from drainage.intake.read import read_network
        from drainage.writing import spare

        named, files = sources_named(source)
        if wrong := [part for part in self.column or [] if "=" not in part]:
            raise FormatError(in_both("column_unsaid", word=wrong[0]))
        spare(outputs, files)
        net = read_network(
            named, columns=by_name(self.column or ()), mapping=self.columns, crs=self.crs,
            allow_outside=self.allow_outside, tolerance_m=self.join_within_m, **layers,  # type: ignore[arg-type]  # keyword names are ours
        )  # fmt: skip
        spare(outputs, net.files)
        for row in net.issues[net.issues["code"].isin(["layer_beside", "loose_nodes"])].itertuples():
            say(row.feature_id, in_both("clauses", first=row.reason, second=row.action))
        return net

    def evidence(self, named: list[str] | None) -> Evidence | None:
        """Read the field data that a command names, plain or as KIND=FILE; None where it names none.

        Raises
        ------
        FormatError
            Plain names together with KIND=FILE, or a file that is not evidence.
        """
        from drainage.formats.field_data import read_evidence

        if not named:
            return None
        pairs = [one for one in named if "=" in one and not Path(one).exists()]
        plain = [one for one in named if Path(one).exists() or "=" not in one]
        if pairs and plain:
            raise FormatError(in_both("evidence_mixed", words=" ".join(named)))
        return read_evidence(by_name(pairs) or plain, date_order=self.date_order())

    def date_order(self) -> str | None:
        """Return what the user says of the order of day and month, in a mapping or by ``--column date_order=dmy``."""
        from drainage.intake.mapping import read_mapping

        said = next((part.partition("=")[2] for part in self.column or [] if part.startswith("date_order=")), None)
        return said or (read_mapping(self.columns).date_order if self.columns is not None else None)


@dataclass(frozen=True, kw_only=True)
class Reader(Files):
    """How a network, and the points of it, are to be read."""

    nodes: list[str] | None = None

    def whole(self, source: Sequence[str], outputs: Sequence[Path | None] = (), **layers: object) -> DrainageNetwork:
        """Read the files that a command names, with the pipes of all days."""
        return super().whole(source, outputs, nodes=self.nodes, **layers)


@dataclass(frozen=True, kw_only=True)
class Dated(Reader):
    """How a network is to be read as it lay on a day."""

    as_of: str | None = None

    def read(self, source: Sequence[str], outputs: Sequence[Path | None] = (), **layers: object) -> DrainageNetwork:
        """Read the files that a command names, as the network lay on the day; today, as is said, if none is named."""
        net = self.whole(source, outputs, **layers)
        self.say_other_day(net)
        return on_day(net, self.as_of)

    def say_other_day(self, net: DrainageNetwork, storm: Storm | None = None, setup: Setup | None = None) -> None:
        """Say, where no day is named, that it is today, and which other one the network tells of."""
        from drainage.telling.other_day import other_day_told

        if self.as_of is None:
            say_all(other_day_told(net, storm=storm, setup=setup))


@dataclass(frozen=True, kw_only=True)
class Ground:
    """The ground under which a network lies, as a raster."""

    title: ClassVar = "ground"
    dem: Path | None = None
    dem_crs: str | None = None
    dem_unit_m: float = 1.0

    def read(self, net: DrainageNetwork) -> Dem | None:
        """Read the ground around a network; what was doubted is said on standard error."""
        from drainage.formats.raster import read_dem

        if self.dem is None:
            return None
        dem = read_dem(self.dem, near=net, crs=self.dem_crs, metres_per_unit=self.dem_unit_m)
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

    def storm(self, net: DrainageNetwork | None) -> Storm | None:
        """Make the storm; None where neither rain nor formula was given and the city is not the synthetic one."""
        from drainage.formats.rain.storm_formula import read_storm_formula
        from drainage.hydraulics.rainfall import DesignStorm
        from drainage.hydraulics.storm_of_depth import StormOfDepth

        if self.rain is not None and self.depth_mm is not None:
            raise FormatError(in_both("rain_twice"))
        if self.rain is not None:
            return read_rain(self.rain, date_order=None if net is None else net.origin.date_order)
        if self.depth_mm is not None:
            shaped_by = None if self.storm_formula is None else read_storm_formula(self.storm_formula)
            return StormOfDepth(
                self.depth_mm, self.duration, self.shape, shaped_by, peak_position=self.peak_position,
                climate_factor=self.climate_factor,
            )  # fmt: skip
        formula = read_formula(self.storm_formula, net)
        if formula is None:
            return None
        return DesignStorm(
            formula, self.return_period, self.duration, self.peak_position,
            shape=self.shape, climate_factor=self.climate_factor,
        )  # fmt: skip


def read_formula(named: str | None, net: DrainageNetwork | None) -> IntensityFormula | None:
    """Read the formula that is named, else that of the demo city for it; None for another. What is doubted is said."""
    from drainage.formats.rain.storm_formula import read_storm_formula

    if named is None and not (net is not None and net.synthetic):
        return None
    if named is None:
        say(in_both("demo_formula"))
    formula = read_storm_formula(named or "demo")
    if (doubt := formula.doubt()) is not None:
        say(doubt)
    return formula


def read_rain(path: Path, *, date_order: str | None = None) -> ObservedStorm:
    """Read observed rain; how the file was understood is said on standard error."""
    from drainage.formats.rain.gauge import read_observed_rain

    storm = read_observed_rain(path, date_order=date_order)
    say_all(storm.notes, of=[path.name])
    return storm


def own_numbers(option: str, said: Sequence[str] | None, *kinds: type) -> list[Any]:
    """Return a value of each kind, its fields as the words NAME=NUMBER say, the others as they are by default.

    Raises
    ------
    FormatError
        A name that none of them has, no number, too many or too few of them, or a part of one where a whole is counted.
    """
    known = {one.name: one.default for kind in kinds for one in fields(kind) if one.default is not MISSING}
    numbers = dict(_read(option, text, known) for text in said or ())
    return [kind(**{one.name: numbers[one.name] for one in fields(kind) if one.name in numbers}) for kind in kinds]


def numbers_by_name(said: Sequence[str] | None, slip: str) -> dict[str, float]:
    """Return what words NAME=NUMBER say; ``slip`` is the sentence of `words.toml` for one that says no number.

    Raises
    ------
    FormatError
        One says none.
    """
    found = {}
    for text in said or ():
        name, _, number = text.rpartition("=")
        try:
            found[name] = float(number)
        except ValueError as error:
            raise FormatError(in_both(slip, text=text)) from error
    return found


def numbers_in(option: str, text: str) -> tuple[float, ...]:
    """Return numbers that are separated by commas.

    Raises
    ------
    FormatError
        They are not.
    """
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise FormatError(in_both("option_numbers", option=option, value=text)) from error


def _read(option: str, text: str, known: dict[str, Any]) -> tuple[str, object]:
    name, _, number = text.partition("=")
    if name not in known:
        near = nearest(name, known)
        raise FormatError(in_both("no_such_number", option=option, name=name, known=", ".join(known), near=near))
    found, default = numbers_in(f"{option} {name}", number), known[name]
    count = len(default) if isinstance(default, tuple) else 1
    if len(found) != count:
        raise FormatError(in_both("numbers_counted", option=f"{option} {name}", value=number, count=count))
    if isinstance(default, tuple):
        return name, found
    if isinstance(default, int) and not found[0].is_integer():
        raise FormatError(
            in_both("option_number", option=f"{option} {name}", value=number, number=in_both("whole_number"))
        )
    return name, int(found[0]) if isinstance(default, int) else found[0]
