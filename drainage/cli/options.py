"""The options that commands share, each with its one help text, and groups of options that always come together."""

from __future__ import annotations

import inspect
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_type_hints

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

Source = Annotated[
    list[str],
    typer.Argument(
        help="管网文件 network file (.geojson .gpkg .shp .fgb .parquet .inp), or system=FILE system=FILE … "
        "nodes=FILE inverts=FILE (a table without places); or the URL of a PostGIS database",
        show_default=False,
    ),
]
One = Annotated[str, typer.Argument(help="管网文件 network file", show_default=False)]
Roads = Annotated[str | None, typer.Option(help="道路中心线 road centre lines")]
Nodes = Annotated[list[str] | None, typer.Option(help="检查井 nodes; may be repeated")]
Reports = Annotated[str | None, typer.Option(help="积水报告点 reported waterlogging points")]
AsOf = Annotated[str | None, typer.Option(help="日期 the network as it lay on a day, YYYY-MM-DD; default today")]
ReturnPeriod = Annotated[float, typer.Option(help="重现期 return period in years (GB 50014-2021, table 4.1.3)")]
Duration = Annotated[float, typer.Option(help="降雨历时 duration of the storm in minutes")]
Formula = Annotated[
    str | None,
    typer.Option(
        help="暴雨强度公式 storm intensity formula: a registered name or a .toml file; 'demo' is for the demo city only"
    ),
]
TailwaterSeries = Annotated[
    Path | None,
    typer.Option(
        help="水位过程 water level at those outfalls by time instead (.csv: time or time_min, level_m); EPA SWMM only"
    ),
]
DemFile = Annotated[
    Path | None,
    typer.Option("--dem", help="地面高程 ground levels (.tif): water fills its hollows; needs the extra dem"),
]
AreaType = Annotated[
    str,
    typer.Option(
        help="区域类型 central, outer, important or hub: how soon water must be gone (GB 50014-2021, table 4.1.5)"
    ),
]
EngineName = Annotated[
    str,
    typer.Option(
        help="计算引擎 screening (seconds), swmm: EPA SWMM, dynamic wave, or auto: EPA SWMM where it should end within "
        "the time limit, else screening"
    ),
]
Evidences = Annotated[
    list[str] | None,
    typer.Option(
        "-e",
        "--evidence",
        help="现场资料 field data (.csv .xlsx .geojson), or KIND=FILE with inspections, samples, flows, cctv or dye; "
        "may be repeated",
    ),
]
UserFlow = Annotated[
    float | None,
    typer.Option("--user-m3d", help="每户污水量 sewage of a drainage user, m³/d; where the source has a column users"),
]
OutputFile = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", help="输出 .xlsx .gpkg: all tables; .geojson .csv .parquet .shp .fgb: one, see --table"
    ),
]
Table = Annotated[str | None, typer.Option("--table", help="表 which table to write; default the first")]
MapFile = Annotated[Path | None, typer.Option("--map", help="地图 write a map (.html)")]
Json = Annotated[bool, typer.Option("--json", help="机器可读 print JSON")]
Force = Annotated[bool, typer.Option("--force", help="覆盖 replace an earlier result")]
Verbose = Annotated[bool, typer.Option("--verbose", help="全部列出 list also what found nothing, repeat each clause")]


def flattened(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command, some of whose parameters are groups (frozen dataclasses), have the options of these instead.

    An option of a group that the command names itself is the command's own: the group keeps its default.
    """
    parameters, hints = inspect.signature(command).parameters, get_type_hints(command, include_extras=True)
    groups = {name: hints[name] for name in parameters if is_dataclass(hints[name])}
    own = parameters.keys() - groups.keys()
    options = {name: [one for one in _options_of(group) if one.name not in own] for name, group in groups.items()}

    def run(**given: object) -> None:
        made = {name: groups[name](**{one.name: given.pop(one.name) for one in options[name]}) for name in groups}
        command(**given, **made)

    shown: list[inspect.Parameter] = []
    for name, one in parameters.items():
        shown += options[name] if name in options else [one.replace(annotation=hints[name], kind=one.KEYWORD_ONLY)]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]  # typer reads it
    run.__annotations__ = {}
    return run


@cache
def _options_of(group: type) -> list[inspect.Parameter]:
    kinds, keyword = get_type_hints(group, include_extras=True), inspect.Parameter.KEYWORD_ONLY
    return [inspect.Parameter(one.name, keyword, default=one.default, annotation=kinds[one.name])
            for one in fields(group)]  # fmt: skip
