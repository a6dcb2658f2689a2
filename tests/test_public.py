"""The public face: every name is there, sorted, lazily, and the terminal offers what the functions take."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest
import typer

import drainage as dr
from drainage.cli import app


def test_every_public_name_exists_and_the_list_is_sorted() -> None:
    assert sorted(dr.__all__) == list(dr.__all__)
    for name in dr.__all__:
        assert getattr(dr, name).__doc__, name
    with pytest.raises(AttributeError, match="nothing"):
        getattr(dr, "nothing")  # noqa: B009 - the stub does not have it


def test_import_loads_nothing_heavy() -> None:
    script = "import sys, drainage; print(sorted({'pandas', 'numba', 'folium', 'geopandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_terminal_has_a_command_per_question() -> None:
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # a click group
    assert commands == {
        "analyze",
        "show",
        "quality",
        "mixed-flow",
        "waterlogging",
        "separation",
        "trace",
        "compare",
        "score",
        "changes",
        "repair",
        "export",
        "ensemble",
        "sources",
        "inspect",
        "storm",
        "infiltration",
        "mixing",
        "relief",
        "cleaning",
        "closures",
    }


def test_options_carry_the_names_of_the_keywords() -> None:
    group = typer.main.get_command(app)
    options = {option.name for option in group.commands["analyze"].params}  # type: ignore[attr-defined]  # a click group
    assert {"roads", "nodes", "reports", "crs"} <= options & set(inspect.signature(dr.read_network).parameters)
    assert {"return_period", "duration", "tailwater"} <= options
    keywords = {*inspect.signature(dr.DesignStorm).parameters, *inspect.signature(dr.Setup).parameters}
    assert {"return_period_a", "duration_min", "tailwater_m"} <= keywords
