"""The options that commands share, each with its one help text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Source = Annotated[
    list[str],
    typer.Argument(
        help="管网文件 network file (.geojson .gpkg .shp .fgb .parquet .inp), or system=FILE system=FILE … "
        "nodes=FILE inverts=FILE (a table without places); or the URL of a PostGIS database",
        show_default=False,
    ),
]
One = Annotated[str, typer.Argument(help="管网文件 network file", show_default=False)]
Other = Annotated[
    str | None, typer.Argument(help="改造后 network after them; default the same source", show_default=False)
]
Roads = Annotated[str | None, typer.Option(help="道路中心线 road centre lines")]
Nodes = Annotated[list[str] | None, typer.Option(help="检查井 nodes; may be repeated")]
Reports = Annotated[str | None, typer.Option(help="积水报告点 reported waterlogging points")]
AsOf = Annotated[str | None, typer.Option(help="日期 the network as it lay on a day, YYYY-MM-DD; default today")]
Crs = Annotated[str | None, typer.Option(help="坐标系 CRS of files that carry none, e.g. EPSG:4548")]
AllowOutside = Annotated[
    bool,
    typer.Option(
        "--allow-outside",
        help="读取模型文件夹以外的文件 let an .inp read the files that it names outside its own folder",
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="列名 our column = column of the file, e.g. diameter_mm=GJ; also date_order=dmy (of 03/04/2010) "
        "and heading_row=3; may be repeated",
    ),
]
ColumnsFile = Annotated[
    Path | None,
    typer.Option("--columns", help="列名映射 a .toml file that says columns, units and codes (docs/reading.md)"),
]
ReturnPeriod = Annotated[float, typer.Option(help="重现期 return period in years (GB 50014-2021, table 4.1.3)")]
Duration = Annotated[float, typer.Option(help="降雨历时 duration of the storm in minutes")]
Tailwater = Annotated[float | None, typer.Option(help="排口水位 water level in m at outfalls whose node says none")]
RunoffCoefficient = Annotated[
    float, typer.Option(help="径流系数 runoff coefficient of ground that records none (GB 50014-2021, table 4.1.8-2)")
]
UpliftWithin = Annotated[
    str,
    typer.Option(
        help="径流系数提高 where within the bounds of GB 50014-2021, 4.1.8 runoff is raised from 20 years on: 0 lower, "
        "1 upper, none: not raised"
    ),
]
InletTimeMin = Annotated[
    float, typer.Option(help="地面集水时间 t1 in minutes, 5-15 by GB 50014-2021, 4.1.11; for the screening")
]
ServedDistanceM = Annotated[
    float,
    typer.Option(help="服务距离 ground this near to a storm pipe in m drains to it where no catchments are given"),
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
Formula = Annotated[
    str | None,
    typer.Option(
        help="暴雨强度公式 storm intensity formula: a registered name or a .toml file; 'demo' is for the demo city only"
    ),
]
Rain = Annotated[
    Path | None, typer.Option("--rain", help="实测降雨 observed rain (.csv: time, depth_mm) instead of a formula")
]
DepthMm = Annotated[
    float | None,
    typer.Option(
        "--depth-mm",
        help="总雨量 depth of the storm in mm instead of a return period; a formula then gives its shape only",
    ),
]
StormShape = Annotated[str, typer.Option("--shape", help="雨型 chicago, blocks or uniform")]
ClimateFactor = Annotated[float, typer.Option(help="气候系数 all rain of a design storm is multiplied by it")]
Engine = Annotated[
    str,
    typer.Option(
        help="计算引擎 screening (seconds), swmm: EPA SWMM, dynamic wave, or auto: EPA SWMM where it should end within "
        "the time limit, else screening"
    ),
]
Processes = Annotated[
    int | None,
    typer.Option(
        help="进程数 most models of parts that share no water, run side by side by EPA SWMM; default one a core"
    ),
]
TimeLimit = Annotated[
    float | None, typer.Option(help="时限 seconds after which EPA SWMM is stopped; default 600, 60 with --engine auto")
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
Output = Annotated[
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
