"""What gets into pipes where it does not belong: `mixed-flow`, `separation`, `mixing`, `sources` and `infiltration`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drainage.cli.inputs import Reader, read_rain
from drainage.cli.options import (
    AsOf,
    Evidences,
    Force,
    Json,
    MapFile,
    Nodes,
    OutputFile,
    Roads,
    Source,
    Table,
    UserFlow,
    Verbose,
)
from drainage.cli.printing import FIRST, OUTPUTS, Output, print_first, print_line, print_table, say
from drainage.cli.wording import labelled
from drainage.errors import FormatError

if TYPE_CHECKING:
    import pandas as pd

    from drainage.inference.posterior import SourceRates
    from drainage.inference.rules import Scheme

_SHOWN = 15
_INDICATORS = ("density_per_km", "users_pct", "sewage_in_storm_pct", "storm_in_sewage_pct")
_METERS = (
    "meter_id", "rank", "own_length_km", "adf_m3_per_day", "infiltration_by_use_m3_per_day",
    "infiltration_by_night_m3_per_day", "own_rdii_m3_per_km_mm", "own_share_pct", "peak_ratio",
)  # fmt: skip
Prior = Annotated[
    float | None, typer.Option(help="先验概率 chance that a reach holds a source before anything was seen")
]
Tracers = Annotated[str, typer.Option(help="水质判别 cecs: T/CECS 758 5.3.2; idde: the flow chart of the EPA")]


def mixed_flow(
    source: Source, user_m3d: UserFlow = None, nodes: Nodes = None, *, reader: Reader, as_of: AsOf = None, out: Output
) -> None:
    """雨污混接 Misconnections and every pipe that they foul."""
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.hydraulics.sewage import SewageRates

    out.check()
    net = reader.read(source, out.paths, nodes=nodes, as_of=as_of)
    result = find_mixed_flow(net, rates=SewageRates(user_m3d=user_m3d))
    out.print(result)
    if not out.json_:
        worst = result.tables["points"].sort_values("fouled_length_m", ascending=False)
        listed = ("node_id", "kind", "road", "entering_diameter_mm", "sewage_m3d", "fouled_length_m")
        print_first("what fouls most", worst, listed)
    out.end(result)


def separation(
    source: Source, roads: Roads = None, nodes: Nodes = None, *, reader: Reader, as_of: AsOf = None, out: Output
) -> None:
    """雨污分流 How far each road is separated."""
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.analyses.separation import measure_separation

    out.check()
    net = reader.read(source, out.paths, roads=roads, nodes=nodes, as_of=as_of)
    result = measure_separation(net, mixed=find_mixed_flow(net))
    out.print(result)
    if not out.json_:
        longest = result.tables["roads"].sort_values("length_m", ascending=False).head(30)
        rows = [
            [str(r), f"{x.length_m:.0f}", f"{x.effective_pct:.1f}", f"{x.coverage_pct:.1f}"]
            for r, x in longest.iterrows()
        ]
        print_table("roads", ["road", "length_m", "effective_pct", "coverage_pct"], rows)
    out.end(result)


def mixing(
    source: Source, evidence: Evidences = None,
    returned_share: Annotated[
        float, typer.Option(help="折污系数 sewage by the water used, 0.8 to 0.9 (DB4201/T 651 5.8)")
    ] = 0.85,
    nodes: Nodes = None, *, reader: Reader, as_of: AsOf = None,
    output: OutputFile = None, table: Table = None, map_: MapFile = None, verbose: Verbose = False,
    json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """混接程度 Grade of outfall catchments and neighbourhoods by their worst indicator, with the clause of each."""
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.analyses.mixing import INDICATORS, measure_mixing

    out = Output(output=output, table=table, map_=map_, json_=json_, force=force)
    out.check()
    found = reader.evidence(evidence)
    net = reader.read(source, out.paths, nodes=nodes, as_of=as_of)
    result = measure_mixing(net, find_mixed_flow(net), evidence=found, returned_share=returned_share)
    out.print(result)
    for name in () if json_ else ("outfalls", "neighbourhoods"):
        worst = result.tables[name].sort_values("grade", ascending=False).rename_axis("area").reset_index()
        deciding = worst["decided_by"].map(lambda text: str(text).partition(":")[0], na_action="ignore")
        listed = worst if verbose else worst.assign(decided_by=deciding)
        print_first(name, listed, ("area", "grade", "decided_by", *_INDICATORS))
        for indicator in () if verbose else deciding.head(FIRST).dropna().unique():
            print_line(labelled(indicator, INDICATORS[indicator].clause))
    out.end(result)


def sources(
    source: Source, evidence: Evidences = None, prior: Prior = None, tracers: Tracers = "cecs", nodes: Nodes = None,
    *, reader: Reader, as_of: AsOf = None, out: Output,
) -> None:  # fmt: skip
    """污水源 Where the storm network can hold an undrawn sewage source, with what chance, by all evidence."""
    from drainage.analyses.sources import find_sources

    out.check()
    found = reader.evidence(evidence)
    net = reader.read(source, out.paths, nodes=nodes, as_of=as_of)
    result = find_sources(net, found, rates=_rates(prior), tracers=_scheme(tracers))
    out.print(result)
    if not out.json_:
        likely = result.reaches.sort_values("probability", ascending=False)
        _print("likely reaches", likely[["from_node", "to_node", "probability", "observed", "evidence_rows"]])
    out.end(result)


def inspect(
    source: Source, evidence: Evidences = None,
    budget: Annotated[int, typer.Option(help="开井数 openings of a crew's day")] = 10,
    start: Annotated[str | None, typer.Option(help="出发井 node at which the walk begins")] = None,
    closed: Annotated[list[str] | None, typer.Option(help="打不开的井 node that cannot be opened; repeatable")] = None,
    prior: Prior = None, tracers: Tracers = "cecs", nodes: Nodes = None, *, reader: Reader, as_of: AsOf = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="输出 as in other commands, or .gpx: the walk")
    ] = None,
    table: Table = None,
    form: Annotated[Path | None, typer.Option(help="现场记录表 write the form that the crew fills in (.csv)")] = None,
    map_: MapFile = None, json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """开井计划 Which manholes to open next to find undrawn sources with the fewest openings, as a walk."""
    from drainage.formats.gpx import write_gpx
    from drainage.plans.inspection import plan_inspection
    from drainage.spreadsheets import write_csv
    from drainage.writing import check_free_answer, replacing_file

    out = Output(output=output, table=table, map_=map_, json_=json_, force=force)
    out.check((*OUTPUTS, ".gpx"))
    if form is not None:
        check_free_answer(form, ending=".csv", force=force)
    found = reader.evidence(evidence)
    net = reader.read(source, (*out.paths, form), nodes=nodes, as_of=as_of)
    plan = plan_inspection(
        net, found, budget=budget, start=start, closed=closed or (), rates=_rates(prior), tracers=_scheme(tracers)
    )
    walk = output if output is not None and output.suffix.lower() == ".gpx" else None
    (out if walk is None else replace(out, output=None)).print(plan)
    if walk is not None:
        say(str(write_gpx(plan, walk, force=force)))
    if form is not None:
        with replacing_file(form, ending=".csv", force=force, provenance=plan.provenance) as part:
            write_csv(plan.tables["form"], part)
        say(str(form))
    if not json_:
        _print("openings", plan.openings[["visit", "gain_bits", "flow_probability", "walk_m", "road"]])
    out.end(plan)


def infiltration(
    source: Source,
    rain: Annotated[Path, typer.Option("--rain", help="实测降雨 rain of a gauge (.csv: time with dates, depth_mm)")],
    evidence: Evidences = None,
    water_use: Annotated[
        list[str] | None,
        typer.Option(help="用水量 METER=M3_PER_DAY, water used above a meter (T/CECS 1764 5.2.4); may be repeated"),
    ] = None,
    returned_share: Annotated[
        float | None, typer.Option(help="折算系数 K, 0.8 to 0.9 (T/CECS 1764 5.2.4); default 0.85")
    ] = None,
    day_share: Annotated[
        float | None, typer.Option(help="X of the night method (T/CECS 1764 5.2.5); left out where it is not given")
    ] = None,
    gap: Annotated[float | None, typer.Option(help="场次间隔 dry hours that part two events; default 6")] = None,
    recession: Annotated[
        float | None, typer.Option(help="退水时间 hours after rain that belong to its event; default 24")
    ] = None,
    nodes: Nodes = None, *, reader: Reader, as_of: AsOf = None, out: Output,
) -> None:  # fmt: skip
    """污水管外水 Infiltration and inflow to sewers from flow meters and rain: how much, where, what it overloads."""
    from drainage.analyses.infiltration import InfiltrationLimits, measure_infiltration

    out.check()
    found = reader.evidence(evidence)
    if found is None:
        raise FormatError("--evidence is missing: name the readings of flow meters, such as --evidence meters.csv")
    given = {"returned_share": returned_share, "day_share": day_share, "gap_h": gap, "recession_h": recession}
    limits = InfiltrationLimits(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # numbers by name
    net = reader.read(source, out.paths, nodes=nodes, as_of=as_of)
    use, storm = _by_meter(water_use), read_rain(rain, date_order=reader.date_order())
    result = measure_infiltration(net, found, storm, water_use_m3_per_day=use, limits=limits)
    out.print(result)
    if not out.json_:
        print_first("meters", result.meters.reset_index(), _METERS)
        over = result.sewers[result.sewers["load"].isin(["over_in_dry", "over_in_rain"])]
        worst = over.sort_values("wet_utilisation", ascending=False).reset_index()
        print_first("sewers over capacity", worst, ("pipe_id", "load", "dry_utilisation", "wet_utilisation", "road"))
        print_first("verdicts", result.verdicts, ("rule", "clause", "node_id", "reading"))
    out.end(result)


def _by_meter(texts: list[str] | None) -> dict[str, float]:
    use = {}
    for text in texts or ():
        meter, _, number = text.rpartition("=")
        try:
            use[meter] = float(number)
        except ValueError as error:
            raise FormatError(f"--water-use {text}: write METER=M3_PER_DAY, such as W12=450") from error
    return use


def _rates(prior: float | None) -> SourceRates | None:
    from drainage.inference.posterior import SourceRates

    return None if prior is None else SourceRates(reach_prior=prior)


def _scheme(tracers: str) -> Scheme:
    if tracers == "cecs":
        return "cecs"
    if tracers == "idde":
        return "idde"
    raise FormatError(f"no such scheme of tracers: {tracers}; expected cecs or idde")


def _print(title: str, table: pd.DataFrame) -> None:
    shown = table.head(_SHOWN)
    rows = [
        [str(index), *map(_cell, row)] for index, row in zip(shown.index, shown.itertuples(index=False), strict=True)
    ]
    print_table(f"{title}: {len(shown)} of {len(table)}", ["", *map(str, table.columns)], rows)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "–" if value != value else f"{value:.3g}"  # noqa: PLR0124 - NaN
    return str(value)
