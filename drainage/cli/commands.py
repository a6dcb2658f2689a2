"""The same functions from a terminal: one command per question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from drainage import __version__
from drainage.cli.inputs import Command, read_source
from drainage.cli.options import (
    AllowOutside,
    AsOf,
    Columns,
    ColumnsFile,
    Crs,
    Force,
    Json,
    MapFile,
    Nodes,
    Output,
    Roads,
    Source,
    Table,
    UserFlow,
)
from drainage.cli.printing import (
    check_outputs,
    end,
    example,
    print_answer,
    print_first,
    print_json,
    print_line,
    print_table,
)
from drainage.cli.reporting import analyze, compare
from drainage.cli.wording import HELP as LANGUAGE_HELP
from drainage.cli.wording import choose_language, spoken

if TYPE_CHECKING:
    from drainage.schema import Understood

app = typer.Typer(
    no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False,
)  # fmt: skip


def _say_version(*, wanted: bool) -> None:
    if wanted:
        print_line(f"drainage {__version__}")
        raise typer.Exit


@app.callback()
def about(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda wanted: _say_version(wanted=wanted), is_eager=True, help="版本 version"
        ),
    ] = False,
    lang: Annotated[
        str | None, typer.Option("--lang", metavar="zh|en", callback=choose_language, help=LANGUAGE_HELP)
    ] = None,
) -> None:
    """排水管网分析 Urban drainage networks: where they waterlog, where flows mix, how far roads are separated."""


app.command(cls=Command)(analyze)


@app.command(cls=Command)
def show(
    source: Source,
    nodes: Nodes = None,
    crs: Crs = None,
    allow_outside: AllowOutside = False,
    column: Columns = None,
    columns: ColumnsFile = None,
    as_of: AsOf = None,
    json_: Json = False,
) -> None:
    """概览 What the source holds: how each column was understood, what was filled, every kind of issue."""
    from drainage.provenance import Provenance

    net = read_source(
        source, nodes=nodes, crs=crs, allow_outside=allow_outside, column=column, mapping=columns, as_of=as_of
    )
    by_file: dict[str, list[Understood]] = dict(net.inputs.get("columns") or {})  # type: ignore[call-overload]  # set by the reader
    left_over: dict[str, list[str]] = dict(net.inputs.get("left_over") or {})  # type: ignore[call-overload]  # likewise
    understood = {
        place: {u.column: {"read_from": " + ".join(u.sources), "unit": u.unit} for u in read}
        for place, read in by_file.items()
    }
    counts = net.issues.groupby(["severity", "code"], sort=False).size().reset_index(name="count")
    issues = list(counts.itertuples(index=False, name=None))
    if json_:
        rows = [{"severity": s, "code": c, "count": int(n)} for s, c, n in issues]
        print_json(
            {
                "network": repr(net),
                "columns": understood,
                "left_over": left_over,
                "filled": net.inputs.get("filled", {}),
                "issues": rows,
            },
            Provenance.of(net),
        )
        return
    print_line(repr(net))
    for place, read in by_file.items():
        table = [[u.column, " + ".join(u.sources), u.unit or ""] for u in read]
        table += [[spoken("（保留） (kept)"), ", ".join(left_over[place]), ""]] if left_over.get(place) else []
        print_table(place, ["column", "read from", "unit in the file"], table)
    print_table(
        "issues",
        ["severity", "code", "count", "example"],
        [[s, c, str(n), example(net.issues, c)] for s, c, n in issues],
    )


@app.command("mixed-flow", cls=Command)
def mixed_flow(
    source: Source,
    user_m3d: UserFlow = None,
    nodes: Nodes = None,
    crs: Crs = None,
    allow_outside: AllowOutside = False,
    column: Columns = None,
    columns: ColumnsFile = None,
    as_of: AsOf = None,
    output: Output = None,
    table: Table = None,
    map_: MapFile = None,
    json_: Json = False,
    force: Force = False,
) -> None:
    """雨污混接 Misconnections and every pipe that they foul."""
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.hydraulics.sewage import SewageRates

    check_outputs(output, map_, force=force)
    net = read_source(
        source,
        nodes=nodes,
        crs=crs,
        allow_outside=allow_outside,
        column=column,
        mapping=columns,
        as_of=as_of,
        outputs=(output, map_),
    )
    result = find_mixed_flow(net, rates=SewageRates(user_m3d=user_m3d))
    print_answer(result, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        worst = result.tables["points"].sort_values("fouled_length_m", ascending=False)
        print_first(
            "what fouls most",
            worst,
            ("node_id", "kind", "road", "entering_diameter_mm", "sewage_m3d", "fouled_length_m"),
        )
    end(result, as_json=json_)


@app.command(cls=Command)
def separation(
    source: Source,
    roads: Roads = None,
    nodes: Nodes = None,
    crs: Crs = None,
    allow_outside: AllowOutside = False,
    column: Columns = None,
    columns: ColumnsFile = None,
    as_of: AsOf = None,
    output: Output = None,
    table: Table = None,
    map_: MapFile = None,
    json_: Json = False,
    force: Force = False,
) -> None:
    """雨污分流 How far each road is separated."""
    from drainage.analyses.mixed_flow import find_mixed_flow
    from drainage.analyses.separation import measure_separation

    check_outputs(output, map_, force=force)
    net = read_source(
        source,
        roads=roads,
        nodes=nodes,
        crs=crs,
        allow_outside=allow_outside,
        column=column,
        mapping=columns,
        as_of=as_of,
        outputs=(output, map_),
    )
    result = measure_separation(net, mixed=find_mixed_flow(net))
    print_answer(result, output, map_, as_json=json_, force=force, table=table)
    if not json_:
        longest = result.tables["roads"].sort_values("length_m", ascending=False).head(30)
        print_table(
            "roads",
            ["road", "length_m", "effective_pct", "coverage_pct"],
            [
                [str(r), f"{x.length_m:.0f}", f"{x.effective_pct:.1f}", f"{x.coverage_pct:.1f}"]
                for r, x in longest.iterrows()
            ],
        )
    end(result, as_json=json_)


@app.command(cls=Command)
def trace(
    source: Source,
    node_id: Annotated[str, typer.Argument(help="井号 node id")],
    upstream: Annotated[
        bool, typer.Option("--upstream/--downstream", help="上游/下游 against or with the flow")
    ] = True,
    nodes: Nodes = None,
    crs: Crs = None,
    allow_outside: AllowOutside = False,
    column: Columns = None,
    columns: ColumnsFile = None,
    as_of: AsOf = None,
    json_: Json = False,
) -> None:
    """追踪 Everything that drains to a node, or everything that it drains through."""
    from drainage.provenance import Provenance

    net = read_source(
        source, nodes=nodes, crs=crs, column=column, mapping=columns, allow_outside=allow_outside, as_of=as_of
    )
    found = str(net.nodes.index[net.node_positions([node_id])[0]])
    part = net.upstream_of(found) if upstream else net.downstream_of(found)
    reached = net.nodes.loc[part.nodes.index]
    facts = {
        "node_id": found,
        "direction": "upstream" if upstream else "downstream",
        "pipes": len(part.pipes),
        "length_km": round(float(part.pipes["length_m"].sum()) / 1000, 3),
        "outfalls": reached.index[reached["kind"] == "outfall"].tolist(),
    }
    if json_:
        print_json({**facts, "pipe_ids": part.pipes.index.tolist()}, Provenance.of(net))
        return
    print_table(f"{facts['direction']} {found}", ["", ""], [[k, str(v)] for k, v in facts.items()])


app.command(cls=Command)(compare)
