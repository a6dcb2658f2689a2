"""Evidence that is posted. Truth: the drain of `served_town`, n0 to nout, whose first half is 人民路, with a sewer.

What was seen at n2 moves the chance of a source above it, silt in a pipe makes a run to clean.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import drainage as dr
from drainage.report import Answered, EvidenceFile, Report, answer_with_evidence
from drainage.report.evidenced import answers
from drainage.said import Said
from tests.analyses.test_infiltration import flow, readings
from tests.support.networks import build
from tests.support.served_town import OURS, THEIRS, flooded

SEEN = "node_id,date,dry_hours,flowing,entry\nn2,2024-05-01,96,yes,yes\nn8,2024-05-01,96,no,no\n"
SILT = "pipe_id,date,code,grade,position_m,length_m,silt_share\nn-p3,2024-05-01,CJ,3,0,50,0.5\n"


@cache
def town() -> Report:
    return flooded()


def posted(folder: Path, kind: str, text: str, *roads: str, name: str = "") -> EvidenceFile:
    file = folder / (name or f"{kind}.csv")
    file.write_text(text, encoding="utf-8")
    return EvidenceFile(kind=kind, file=file, roads=roads)


def ask(*files: EvidenceFile) -> Answered:
    return answer_with_evidence(town(), files)


@pytest.mark.long
def test_what_was_seen_moves_the_chances_and_the_next_openings(tmp_path: Path) -> None:
    answered = ask(posted(tmp_path, "inspections", SEEN))
    document = answered.document
    assert document["read"] == {"rows": 2, "set_aside": 0, "issues": [], "remarks": []}
    moved = {row["pipe_id"]: row for row in document["changes"]["sources"]}
    assert moved["n-p2"]["probability_after"] > 0.3 > moved["n-p2"]["probability_before"]
    assert {row["road"] for row in moved.values()} <= {OURS, THEIRS}
    assert document["changes"]["cleaning"] == []
    alone = dr.plan_inspection(town().network, dr.read_evidence(tmp_path / "inspections.csv"))
    rows = document["answers"]["inspection"]["rows"]
    assert [row["node_id"] for row in rows] == list(alone.openings.index)
    assert list(answered.collections) == ["sources", "inspection", "cleaning"]


def test_silt_makes_a_run_to_clean_and_earlier_evidence_is_no_change(tmp_path: Path) -> None:
    first, last = posted(tmp_path, "inspections", SEEN), posted(tmp_path, "cctv", SILT)
    document = ask(first, last).document
    assert document["changes"]["sources"] == document["changes"]["inspection"] == []
    [one] = document["changes"]["cleaning"]
    assert (one["pipe_id"], one["road"], one["fate"], one["silt_share_after"]) == ("n-p3", OURS, "to_clean", 0.5)
    assert document["answers"]["sources"]["summary"]["readings_used"] > 0  # of the first file


@pytest.mark.long
def test_who_has_some_roads_tells_of_those_alone(tmp_path: Path) -> None:
    """n5 is the end of one road and the beginning of the other: it is of both."""
    more = SEEN + "n5,2024-05-01,96,no,no\n,2024-05-01,96,no,no\n"
    document = ask(posted(tmp_path, "inspections", more, OURS)).document
    aside = [row["row"] for row in document["read"]["issues"] if row["code"] == "not_on_roads"]
    assert aside == ["inspections.csv:3", "inspections.csv:5"]
    assert document["read"]["rows"] == 4
    both = posted(
        tmp_path, "inspections", "node_id,pipe_id,date,flowing\nn2,n-p8,2024-05-01,yes\n", OURS, name="two.csv"
    )
    assert [row["code"] for row in ask(both).document["read"]["issues"]] == ["not_on_roads"]


@pytest.mark.long
def test_who_has_some_roads_misses_no_row_on_them_however_many_of_others_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sewage was seen on the first half of the drain alone, so that the likeliest reach lies there."""
    monkeypatch.setattr(answers, "MOST_ROWS", 1)
    seen = posted(tmp_path, "inspections", SEEN)
    dry = "node_id,date,dry_hours,flowing,entry\nn9,2024-05-02,96,no,no\n"

    def rows(*roads: str) -> list[str]:
        last = posted(tmp_path, "inspections", dry, *roads, name="dry.csv")
        return [row["road"] for row in ask(seen, last).document["answers"]["sources"]["rows"]]

    assert rows() == [OURS]
    assert rows(THEIRS) == [OURS, THEIRS]


@pytest.mark.long
def test_what_is_set_aside_is_named_whoever_sets_it_aside(tmp_path: Path) -> None:
    """A day to come is refused when the file is read, a manhole that is not there when it is asked for."""
    bad = SEEN + "n3,2999-01-01,96,perhaps,no\nXX9,2024-05-01,96,yes,no\n"
    issues = ask(posted(tmp_path, "inspections", bad)).document["read"]["issues"]
    rows = {(row["row"], row["code"]) for row in issues if row["severity"] == "error"}
    assert {("inspections.csv:4", "impossible_date"), ("inspections.csv:4", "not_yes_or_no")} <= rows
    assert "inspections.csv:5" in {row for row, _ in rows}
    assert all(isinstance(row["reason"], Said) for row in issues)


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("inspections", "node_id,date\n", "no rows"),
        ("inspections", "what,is,this\n1,2,3\n", "no row names its manhole"),
        ("photos", "a,b\n1,2\n", "photos"),
        ("rain", "a,b\n1,2\n", "rain"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_both_languages(
    tmp_path: Path, kind: str, text: str, words: str
) -> None:
    with pytest.raises(dr.DrainageError, match=words) as refused:
        ask(posted(tmp_path, kind, text))
    assert isinstance(refused.value.args[0], Said)


@pytest.mark.long
def test_an_earlier_file_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    lost = posted(tmp_path, "inspections", "node_id,date\n", name="lost.csv")
    assert ask(lost, posted(tmp_path, "cctv", SILT)).document["changes"]["cleaning"]


@pytest.mark.long
def test_infiltration_says_what_it_wants_and_is_answered_with_it(tmp_path: Path) -> None:
    """Sewers a > b > c > works, meters at b and c, twelve dry days but for one shower: the first answer is a change."""
    pipes = ["a>b sewage", "b>c sewage", "c>works sewage"]
    net = build(pipes, kinds={"works": "works"}, places=None, road=["北街"] * 3)
    sewers = dr.analyze(net)
    pattern = np.array([4.0] * 6 + [12.0] * 18)
    table = readings({"b": flow(pattern), "c": flow(2 * pattern, 30.0)})[["node_id", "date", "flow_m3_per_day"]]
    meters = posted(tmp_path, "flows", table.to_csv(index=False))
    hours = pd.date_range("2024-05-28", periods=15 * 24, freq="h")
    mm = np.where(hours == pd.Timestamp("2024-06-10 10:00"), 20.0, 0.0)
    rain = posted(tmp_path, "rain", pd.DataFrame({"time": hours, "depth_mm": mm}).to_csv(index=False))
    first = answer_with_evidence(sewers, [meters]).document
    assert "flows and rain" in first["answers"]["infiltration"]["not_answered"]
    assert first["changes"]["infiltration"] == []
    both = answer_with_evidence(sewers, [meters, rain]).document
    assert {row["meter_id"] for row in both["answers"]["infiltration"]["rows"]} == {"b", "c"}
    assert {(row["meter_id"], row["road"]) for row in both["changes"]["infiltration"]} == {("b", "北街"), ("c", "北街")}
    assert "not_answered" in both["answers"]["cleaning"]  # no rain was simulated


@pytest.mark.long
def test_the_document_is_plain(tmp_path: Path) -> None:
    steps: list[float] = []
    file = posted(tmp_path, "inspections", SEEN)
    answered = answer_with_evidence(town(), [file], step=lambda share, _: steps.append(share))
    json.dumps(answered.document, allow_nan=False)
    assert steps == sorted(steps) == [0.0, 0.2, 0.6]
    with pytest.raises(dr.errors.FormatError):
        answer_with_evidence(town(), [])
