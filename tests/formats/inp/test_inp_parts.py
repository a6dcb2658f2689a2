"""A part of an .inp, written: nothing in it names what is gone, and nothing of what is left goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from swmm.toolkit import solver

import drainage as dr
from drainage.formats.inp.edit.rules import prune_rules
from tests.support.said import said_codes
from tests.support.small_inp import BODY, inp

if TYPE_CHECKING:
    from pathlib import Path

    from drainage.simulation.swmm.export import WrittenInp

#: Node J3 is 1, pipe C3 is 2: numbers that stand for much else in a file.
NUMBERED = BODY.replace("J3", "1").replace("C3", "2")
RULES = """
[ORIFICES]
OR1 J1 J2 SIDE 0 0.65 NO 0
[XSECTIONS]
OR1 CIRCULAR 0.2 0 0 0
[CONTROLS]
VARIABLE near = NODE J1 DEPTH
VARIABLE far = NODE O1 DEPTH
EXPRESSION fall = near - far
RULE kept
IF near > 1
AND NODE J1 DEPTH > 0.5
THEN ORIFICE OR1 SETTING = 1
ELSE ORIFICE OR1 SETTING = 0.2
RULE of_a_variable
IF far > 1
THEN ORIFICE OR1 SETTING = 1
RULE of_an_expression
IF fall > 2
THEN ORIFICE OR1 SETTING = 1
RULE beside
IF NODE J1 DEPTH > NODE O1 DEPTH
THEN ORIFICE OR1 SETTING = 1
"""


def opens(path: Path) -> bool:
    """Tell whether the engine takes a file."""
    try:
        solver.swmm_open(str(path), f"{path}.rpt", f"{path}.out")
    except Exception:  # noqa: BLE001 - the toolkit knows no other
        return False
    finally:
        solver.swmm_close()
    return True


def part_text(path: Path, node: str, goal: Path) -> tuple[str, WrittenInp]:
    written = dr.write_inp(dr.read_network(path).upstream_of(node), None, goal)
    return written.path.read_text(encoding="utf-8"), written


@pytest.mark.parametrize("node", ["J2", "1"])
def test_a_rule_goes_only_where_it_names_what_is_gone(tmp_path: Path, node: str) -> None:
    text, written = part_text(inp(tmp_path / "model.inp", RULES, body=NUMBERED), node, tmp_path / "part.inp")
    assert "RULE kept" in text
    assert "VARIABLE near" in text
    assert "rule_left_out" in said_codes(written.issues)
    left_out = written.issues.loc[written.issues["code"] == "rule_left_out", "feature_id"]
    assert set(left_out) == {"far", "fall", "of_a_variable", "of_an_expression", "beside"}
    assert "O1" not in text.split("[CONTROLS]")[1].split("[")[0]
    assert opens(written.path)


def test_definitions_behind_a_rule_that_goes_stay() -> None:
    lines = ["RULE gone", "IF NODE X DEPTH > 1", "THEN PUMP P STATUS = ON", "VARIABLE v = NODE Y DEPTH", "RULE kept",
             "IF v > 1", "THEN PUMP P STATUS = ON"]  # fmt: skip
    kept, left_out = prune_rules(lines, {"X"}, set())
    assert left_out == ["gone"]
    assert kept == [lines[3], *lines[4:]]


def test_a_lid_keeps_its_row_and_loses_the_drain_that_is_gone(tmp_path: Path) -> None:
    more = ("[LID_CONTROLS]\nL1 BC\nL1 SURFACE 100 0 0.1 1 5\nL1 SOIL 300 0.5 0.2 0.1 10 10 80\n"
            "L1 STORAGE 200 0.75 10 0\nL1 DRAIN 1 0.5 0 6 0 0\n[LID_USAGE]\nS1 L1 1 100 5 0 20 0 * J3 0\n")  # fmt: skip
    text, written = part_text(inp(tmp_path / "model.inp", more), "J2", tmp_path / "part.inp")
    row = text.split("[LID_USAGE]")[1].split("[")[0].split()
    assert row == ["S1", "L1", "1", "100", "5", "0", "20", "0", "*", "*", "0"]
    assert opens(written.path)


def test_names_at_the_ends_of_other_rows_go_too(tmp_path: Path) -> None:
    body = BODY.replace("O1 8.5 FREE NO", "O1 8.5 FREE NO\nO2 9.9 FREE NO S2").replace(
        "C3 J3 O1", "C4 J1 O2 10 0.013 0 0 0 0\nC3 J3 O1"
    ).replace("C3 CIRCULAR 0.5", "C4 CIRCULAR 0.1 0 0 0 1\nC3 CIRCULAR 0.5")  # fmt: skip
    more = ("[ADJUSTMENTS]\nN-PERV S2 P1\n[PATTERNS]\nP1 MONTHLY 1 1 1 1 1 1 1 1 1 1 1 1\n"
            '[LABELS]\n1 2 "here" J3\n[PROFILES]\n"main" C1 C2 C3\n'
            "[FILES]\nUSE HOTSTART start.hsf\nUSE INFLOWS more.txt\n")  # fmt: skip
    (tmp_path / "start.hsf").write_text("x")
    path = inp(tmp_path / "model.inp", more, body=body)
    net = dr.read_network(path)
    pipes = net.pipes
    part = net.replace(
        pipes=pipes.loc[["C1", "C4"]],
        nodes=net.nodes.loc[["J1", "J2", "O2"]],
        catchments=net.catchments.loc[["S1"]] if net.catchments is not None else None,
    )
    written = dr.write_inp(part, None, tmp_path / "part.inp")
    text = written.path.read_text(encoding="utf-8")
    assert "S2" not in text
    assert "J3" not in text
    assert "HOTSTART" not in text
    assert "USE INFLOWS" in text
    assert text.split("[PROFILES]")[1].split("[")[0].split() == ["main", "C1"]
    assert {"file_of_whole", "cut_end", "catchment_left_out"} <= said_codes(written.issues)


def test_a_divider_that_loses_a_pipe_becomes_a_junction(tmp_path: Path) -> None:
    body = (
        BODY.replace("J2 9.5 2.2 0 0 0\n", "")
        .replace("[OUTFALLS]", "[DIVIDERS]\nJ2 9.5 C3 CUTOFF 5 2.2 0 0 0\n[OUTFALLS]")
        .replace("C3 J3 O1", "C4 J3 O1 100 0.013 0 0 0 0\nC3 J2 O2")
        .replace("O1 8.5 FREE NO", "O1 8.5 FREE NO\nO2 8.4 FREE NO")
        .replace("C3 CIRCULAR", "C4 CIRCULAR 0.5 0 0 0 1\nC3 CIRCULAR")
    )
    text, written = part_text(inp(tmp_path / "model.inp", body=body), "J3", tmp_path / "part.inp")
    assert "J2  9.5  2.2" in text
    assert opens(written.path)


def test_a_storage_unit_at_a_cut_drains_by_an_outlet(tmp_path: Path) -> None:
    body = BODY.replace("J3 9.0 2.4 0 0 0\n", "").replace(
        "[OUTFALLS]", "[STORAGE]\nJ3 9.0 2.4 0 FUNCTIONAL 0 0 50 0 0\n[OUTFALLS]"
    )
    text, written = part_text(inp(tmp_path / "model.inp", body=body), "J3", tmp_path / "part.inp")
    assert "J3~out  J3  J3~out  0  FUNCTIONAL/DEPTH  10000  0.5" in text
    assert opens(written.path)
