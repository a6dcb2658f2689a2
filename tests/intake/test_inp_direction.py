"""Which way the links of an .inp lead: by their inverts and the way to an outfall, whatever the order of a row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import drainage as dr
from drainage.errors import SimulationError
from drainage.formats.inp import read_inp
from tests.support.small_inp import BODY, inp, overflow_m3, storm


def ends_of(path: Path) -> dict[str, str]:
    pipes = read_inp(path).pipes
    return {str(name): f"{row.from_node}-{row.to_node}" for name, row in pipes.iterrows()}


def written(path: Path, *changes: tuple[str, str]) -> Path:
    body = BODY
    for old, new in changes:
        assert old in body
        body = body.replace(old, new)
    return inp(path, body=body)


SPUR = (
    ("J3 9.0 2.4 0 0 0", "J3 9.0 2.4 0 0 0\nE 8.0 1.0 0 0 0"),
    ("C3 J3 O1", "C4 J1 E 50 0.013 0 0 0 0\nC3 J3 O1"),
    ("C3 CIRC", "C4 CIRCULAR 0.5 0 0 0 1\nC3 CIRC"),
)
REVERSED = ("C2 J2 J3 100 0.013 0 0", "C2 J3 J2 100 0.013 0 0")


def test_a_row_that_is_written_against_its_fall_leads_the_way_that_water_runs(tmp_path: Path) -> None:
    """C2 falls from 9.5 m at J2 to 9.0 m at J3, whichever end its row names first."""
    plain, other = written(tmp_path / "plain.inp"), written(tmp_path / "other.inp", REVERSED)
    assert ends_of(other) == ends_of(plain) == {"C1": "J1-J2", "C2": "J2-J3", "C3": "J3-O1"}
    issues = read_inp(other).issues
    assert issues.loc[issues["code"] == "row_against_flow", ["severity", "feature_id"]].to_numpy().tolist() == [
        ["info", "C2"]
    ]
    states = [dr.screen(dr.read_network(path), storm()) for path in (plain, other)]
    assert states[0].nodes["overflow_m3"].sum() > 100.0
    assert np.allclose(states[0].nodes["overflow_m3"], states[1].nodes["overflow_m3"])


def test_such_a_row_keeps_its_sign_when_the_model_is_written(tmp_path: Path) -> None:
    path = written(tmp_path / "other.inp", REVERSED)
    dr.write_inp(dr.read_network(path), None, tmp_path / "out.inp")
    assert read_inp(tmp_path / "out.inp").text.rows("CONDUITS") == read_inp(path).text.rows("CONDUITS")
    assert overflow_m3(tmp_path / "out.inp", own_rain=True) == overflow_m3(path, own_rain=True)


def test_the_line_of_a_turned_link_runs_with_the_water(tmp_path: Path) -> None:
    path = inp(tmp_path / "bent.inp", "[VERTICES]\nC2 500180 3700010\nC2 500120 3700010\n",
               body=BODY.replace(*REVERSED))  # fmt: skip
    line = read_inp(path).pipes.geometry["C2"]
    assert [x for x, _ in line.coords] == [500100.0, 500120.0, 500180.0, 500200.0]


def test_a_pipe_that_rises_on_the_only_way_to_the_outfall_keeps_its_way(tmp_path: Path) -> None:
    risen = written(tmp_path / "risen.inp", ("J3 9.0 2.4", "J3 9.6 2.4"))
    assert ends_of(risen)["C2"] == "J2-J3"
    against = written(tmp_path / "against.inp", ("J3 9.0 2.4", "J3 9.6 2.4"), REVERSED)
    assert ends_of(against)["C2"] == "J2-J3"  # the row falls, but water of J1 and J2 has no other way out


def test_twins_that_rise_lead_the_same_way(tmp_path: Path) -> None:
    beside = ("C3 J3 O1", "C4 J2 J3 120 0.013 0 0 0 0\nC3 J3 O1"), ("C3 CIRC", "C4 CIRCULAR 0.4 0 0 0 1\nC3 CIRC")
    twins = written(tmp_path / "twins.inp", ("J3 9.0 2.4", "J3 9.6 2.4"), *beside)
    assert {ends_of(twins)[name] for name in ("C2", "C4")} == {"J2-J3"}


def test_a_pipe_that_falls_to_a_dead_end_is_not_turned(tmp_path: Path) -> None:
    """The ground of E, 9.0 m, lies below the sill of C4 at J1, 10 m: water spills there before it comes back."""
    dead = written(tmp_path / "dead.inp", *SPUR)
    assert ends_of(dead)["C4"] == "J1-E"


def test_pumps_and_orifices_lead_as_they_are_written(tmp_path: Path) -> None:
    lifted = written(tmp_path / "lifted.inp", ("C2 J2 J3 100 0.013 0 0 0 0\n", ""), ("C2 CIRCULAR 0.4 0 0 0 1\n", ""),
                     ("[XSECTIONS]", "[PUMPS]\nC2 J3 J2 * ON\n[XSECTIONS]"))  # fmt: skip
    assert ends_of(lifted)["C2"] == "J3-J2"


@pytest.mark.parametrize("run", [dr.screen, dr.simulate_swmm])
def test_a_network_without_an_outfall_is_refused_with_its_remedy(tmp_path: Path, run: object) -> None:
    path = written(
        tmp_path / "closed.inp", ("[OUTFALLS]\nO1 8.5 FREE NO\n", ""), ("J3 9.0 2.4 0 0 0", "J3 9.0 2.4\nO1 8.5 3")
    )
    with pytest.raises(SimulationError, match=r"closed\.inp: none of its 4 nodes is an outfall.*\[OUTFALLS\]"):
        run(dr.read_network(path), storm())  # type: ignore[operator]  # a simulation of either engine


def test_a_part_of_a_network_ends_where_its_pipes_below_are_cut(tmp_path: Path) -> None:
    part = dr.read_network(written(tmp_path / "whole.inp")).upstream_of("J2")
    assert part.nodes["kind"].to_dict() == {"J1": "manhole", "J2": "outfall"}
    assert dr.screen(part, storm()).balance["outflow_m3"] > 0.0
    assert dr.simulate_swmm(part, storm()).balance["outflow_m3"] > 0.0


def test_ground_that_drains_to_a_dead_end_stays_with_it(tmp_path: Path) -> None:
    dead = written(tmp_path / "dead.inp", *SPUR, ("S1 RG1 J1", "S1 RG1 E"))
    assert dr.screen(dr.read_network(dead), storm()).nodes.loc["E", "area_ha"] == pytest.approx(2.0)
