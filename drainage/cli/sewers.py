"""What gets into pipes where it does not belong: `mixed-flow`, `separation`, `mixing`, `sources` and `infiltration`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import drainage as dr
from drainage import telling, writing
from drainage.cli.inputs import Dated, Tracers, read_rain
from drainage.cli.outputs import OUTPUTS, Output
from drainage.cli.printing import print_told, say
from drainage.errors import FormatError
from drainage.spelt.named_numbers import numbers_by_name, numbers_in, own_numbers
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage.inference import SourceLimits, SourceRates

By = Literal["road", "neighbourhood", "catchment", "class", "town"]


@dataclass(frozen=True, kw_only=True)
class Rates:
    """What is assumed of sewage where nothing was measured."""

    title: ClassVar = "rates"
    user_m3d: float | None = None
    diameter_m3d: str = "100,400,600"
    sewer_m3d_per_km: float | None = None
    infiltration_share: float = 0.15
    wet_inflow_share: float | None = None

    def assumed(self) -> dr.hydraulics.SewageRates:
        """Return the same in the words of a question."""
        by_diameter = numbers_in("--diameter-m3d", self.diameter_m3d)
        return dr.hydraulics.SewageRates(
            by_diameter, self.user_m3d, self.sewer_m3d_per_km, self.infiltration_share, self.wet_inflow_share  # type: ignore[arg-type]  # three, or it is refused
        )  # fmt: skip


def mixed_flow(source: list[str], /, *, reader: Dated, rates: Rates, out: Output) -> None:
    """Find misconnections and every pipe that they pollute."""
    assumed = rates.assumed()
    out.answer(dr.find_mixed_flow(reader.read(source, out.paths), rates=assumed))


def separation(
    source: list[str], /, *, by: By = "road", roads: str | None = None, neighbourhoods: str | None = None,
    towns: str | None = None, within_m: float = 30.0, angle_deg: float = 30.0, plot_reach_m: float = 30.0,
    wide_m: float = 40.0, reader: Dated, out: Output,
) -> None:  # fmt: skip
    """Measure how far each road is separated, or the roads of each neighbourhood, catchment, class or town."""
    net = reader.read(source, out.paths, roads=roads, neighbourhoods=neighbourhoods, towns=towns)
    mixed = dr.find_mixed_flow(net)
    out.answer(dr.measure_separation(
        net, by=by, mixed=mixed, within_m=within_m, angle_deg=angle_deg, plot_reach_m=plot_reach_m, wide_m=wide_m,
    ))  # fmt: skip


def mixing(
    source: list[str], /, *, evidence: list[str] | None = None, rain: Path | None = None,
    returned_share: float = 0.85, verbose: bool = False, reader: Dated, out: Output,
) -> None:  # fmt: skip
    """Grade outfall catchments and neighbourhoods by their worst indicator, with the clause of each."""
    found = reader.evidence(evidence)
    net = reader.read(source, out.paths)
    wet = None
    if rain is not None:
        wet = dr.measure_infiltration(net, _metered(found), read_rain(rain, date_order=reader.date_order()))
    mixed = dr.find_mixed_flow(net)
    result = dr.measure_mixing(net, mixed, evidence=found, infiltration=wet, returned_share=returned_share)
    out.print(result)
    if not out.json_:
        print_told(telling.grades_told(result, in_full=verbose))
    out.end(result)


def sources(
    source: list[str], /, *, evidence: list[str] | None = None, tracers: Tracers = "cecs", prior: float | None = None,
    set_: list[str] | None = None, reader: Dated, out: Output,
) -> None:  # fmt: skip
    """Show where the storm network may hold an undrawn sewage source, and how likely, given all evidence."""
    rates, limits = _of_sources(prior, set_)
    found = reader.evidence(evidence)
    net = reader.read(source, out.paths)
    out.answer(dr.find_sources(net, found, rates=rates, limits=limits, tracers=tracers))


@dataclass(frozen=True, kw_only=True)
class Walk(Output):
    """Where a plan of openings goes: also to a receiver of GPS, as a walk."""

    endings: ClassVar = (*OUTPUTS, ".gpx")

    @property
    def walked(self) -> Path | None:
        """The file of the walk, if it is asked for."""
        return self.output if self.output is not None and self.output.suffix.lower() == ".gpx" else None


def inspect(
    source: list[str], /, *, evidence: list[str] | None = None, budget: int = 10, from_: str | None = None,
    closed: list[str] | None = None, tracers: Tracers = "cecs", prior: float | None = None,
    set_: list[str] | None = None, seed: int = 0, form: Path | None = None, reader: Dated, out: Walk,
) -> None:  # fmt: skip
    """Plan which manholes to open next to find undrawn sources with the fewest openings, as a walk."""
    from drainage.spreadsheets import write_csv

    if form is not None:
        writing.check_free_answer(form, ending=".csv", force=out.force)
    rates, limits = _of_sources(prior, set_)
    found = reader.evidence(evidence)
    net = reader.read(source, (*out.paths, form))
    plan = dr.plan_inspection(
        net, found, budget=budget, start=from_, closed=closed or (), rates=rates, limits=limits, tracers=tracers,
        seed=seed,
    )  # fmt: skip
    (out if out.walked is None else replace(out, output=None)).print(plan)
    if out.walked is not None:
        say(dr.formats.write_gpx(plan, out.walked, force=out.force))
    if form is not None:
        with writing.replacing_file(form, ending=".csv", force=out.force, provenance=plan.provenance) as part:
            write_csv(plan.tables["form"], part)
        say(form)
    out.print_tables(plan)
    out.end(plan)


def infiltration(
    source: list[str], /, *, rain: Path, evidence: list[str] | None = None, water_use: list[str] | None = None,
    returned_share: float | None = None, day_share: float | None = None, gap: float | None = None,
    recession: float | None = None, set_: list[str] | None = None, reader: Dated, out: Output,
) -> None:  # fmt: skip
    """Measure infiltration and inflow to sewers from flow meters and rain: how much, where, what it overloads."""
    found = _metered(reader.evidence(evidence))
    given = {"returned_share": returned_share, "day_share": day_share, "gap_h": gap, "recession_h": recession}
    (limits,) = own_numbers("--set", set_, dr.analyses.InfiltrationLimits)
    limits = replace(limits, **{name: value for name, value in given.items() if value is not None})
    net = reader.read(source, out.paths)
    use, storm = numbers_by_name(water_use, "water_use_unread"), read_rain(rain, date_order=reader.date_order())
    out.answer(dr.measure_infiltration(net, found, storm, water_use_m3_per_day=use, limits=limits))


def _metered(found: dr.evidence.Evidence | None) -> dr.evidence.Evidence:
    if found is None:
        raise FormatError(in_both("no_meters"))
    return found


def _of_sources(prior: float | None, said: list[str] | None) -> tuple[SourceRates, SourceLimits]:
    """Return rates and limits as ``--set`` says them, and the prior as it is said by itself."""
    rates, limits = own_numbers("--set", said, dr.inference.SourceRates, dr.inference.SourceLimits)
    return rates if prior is None else replace(rates, reach_prior=prior), limits


def balance(
    source: list[str], /, *, monthly: Path | None = None, return_share: float = 0.9, quota_l: float | None = None,
    user_m3d: float | None = None, infiltration_share: float = 0.15, sewer_reach_m: float = 100.0,
    plant_loss_share: float = 0.0, plant_reach_m: float = 500.0, most_velocity_m_s: float = 2.0,
    wanted_m3d: float | None = None, reader: Dated, out: Output,
) -> None:  # fmt: skip
    """Balance the water of dry weather: sewage, infiltration, plant, reclaimed water, river."""
    terms = dr.analyses.BalanceTerms(
        return_share=return_share, quota_l=quota_l, user_m3d=user_m3d, infiltration_share=infiltration_share,
        sewer_reach_m=sewer_reach_m, plant_loss_share=plant_loss_share, plant_reach_m=plant_reach_m,
        most_velocity_m_s=most_velocity_m_s, wanted_m3d=wanted_m3d,
    )  # fmt: skip
    factors = None if monthly is None else dr.formats.read_monthly_factors(monthly)
    out.answer(dr.analyses.measure_balance(reader.read(source, out.paths), terms=terms, monthly=factors))
