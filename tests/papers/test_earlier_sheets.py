"""A run of fewer sheets takes away those of the run before it, and nothing of anybody else."""

from __future__ import annotations

from pathlib import Path

import pytest

import drainage as dr
from tests.papers.test_section import street


@pytest.fixture(scope="module")
def papers() -> tuple[dr.papers.Paper, dr.papers.Paper]:
    """A section on several sheets, and the same on one."""
    long = dr.papers.plot_section(street(), "a", "d", along=500, lang="en")
    assert len(long.sheets) > 1
    return long, dr.papers.plot_section(street(), "a", "d", lang="en")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("ending", [".svg", ".dxf", ".png"])
def test_sheets_of_the_run_before_go(
    papers: tuple[dr.papers.Paper, dr.papers.Paper], tmp_path: Path, ending: str
) -> None:
    long, short = papers
    numbered = [path.name for path in long.save(tmp_path / f"s{ending}", dpi=30)]
    assert names(tmp_path) == sorted(numbered)
    short.save(tmp_path / f"s{ending}", force=True, dpi=30)
    assert names(tmp_path) == [f"s{ending}"]
    long.save(tmp_path / f"s{ending}", force=True, dpi=30)
    assert names(tmp_path) == sorted(numbered)


def test_files_of_others_other_names_and_numbers_after_a_gap_stay(
    papers: tuple[dr.papers.Paper, dr.papers.Paper], tmp_path: Path
) -> None:
    long, short = papers
    ours = long.save(tmp_path / "s.svg")
    after = len(ours) + 1
    (tmp_path / f"s-{after}.svg").write_text("<svg>of somebody</svg>")
    (tmp_path / f"s-{after + 2}.svg").write_bytes(ours[0].read_bytes())
    (tmp_path / "s-old.svg").write_bytes(ours[0].read_bytes())
    (tmp_path / "s-1.dxf").write_bytes(ours[0].read_bytes())
    short.save(tmp_path / "s.svg", force=True)
    assert names(tmp_path) == sorted(["s.svg", f"s-{after}.svg", f"s-{after + 2}.svg", "s-old.svg", "s-1.dxf"])


def test_without_force_nothing_goes(papers: tuple[dr.papers.Paper, dr.papers.Paper], tmp_path: Path) -> None:
    long, short = papers
    kept = [path.name for path in long.save(tmp_path / "s.svg")]
    short.save(tmp_path / "s.svg")
    assert names(tmp_path) == sorted([*kept, "s.svg"])
