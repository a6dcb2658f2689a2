"""`drainage storm`: the rain itself, without a network: what it is, its hyetograph, and a file of it for EPA SWMM."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drainage.cli.inputs import NO_STORM, choose_storm
from drainage.cli.options import ClimateFactor, DepthMm, Duration, Force, Formula, Json, Rain, ReturnPeriod, StormShape
from drainage.cli.printing import print_summary, say
from drainage.errors import FormatError


def storm(
    storm_formula: Formula = None, return_period: ReturnPeriod = 3, duration: Duration = 120,
    rain: Rain = None, shape: StormShape = "chicago", climate_factor: ClimateFactor = 1.0, depth_mm: DepthMm = None,
    step: Annotated[float, typer.Option(help="时段 length of the steps in minutes")] = 5.0,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o", "--output", help="输出 .dat (EPA SWMM time series), .csv, .png, .svg or .pdf; may be repeated"
        ),
    ] = None,
    json_: Json = False, force: Force = False,
) -> None:  # fmt: skip
    """设计暴雨 The rain of a formula or a gauge: its depth, its hyetograph, and files of it."""
    from drainage.formats.rain.storm_file import check_storm_file, write_storm
    from drainage.provenance import Provenance
    from drainage.report.analyze import to_plain
    from drainage.writing import check_free_answer

    goals = output or []
    for path in goals:
        check_storm_file(path)
        check_free_answer(path, ending=path.suffix.lower(), force=force)
    chosen = choose_storm(
        None,
        storm_formula,
        return_period,
        duration,
        rain=rain,
        shape=shape,
        climate_factor=climate_factor,
        depth_mm=depth_mm,
    )
    if chosen is None:
        raise FormatError(NO_STORM)
    print_summary({"": {"storm": to_plain(chosen.facts)}}, Provenance.of_storm(chosen), as_json=json_)
    for path in goals:
        say(str(write_storm(chosen, path, step_min=step, force=force)))
