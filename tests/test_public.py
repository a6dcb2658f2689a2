"""The public face: every name is there, sorted, lazily, and the terminal offers what the functions take."""

from __future__ import annotations

import ast
import doctest
import inspect
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Final, get_origin

import pytest

import drainage as dr
from drainage.cli import app
from tests.support.public import FIRST_DAY, PUBLIC, ROOMS, WORKING

#: Public classes that need no example → why.
NO_EXAMPLE: Final = {
    "an error, raised by others": {
        "errors.CrsError", "errors.EmptyLayerError", "errors.FormatError", "errors.NotKnownError",
        "errors.SchemaError", "errors.SimulationError", "errors.TopologyError",
    },
}  # fmt: skip


def test_every_public_name_exists_and_the_list_is_sorted() -> None:
    assert sorted(dr.__all__) == list(dr.__all__)
    assert len(FIRST_DAY) <= 35
    for name, one in {**ROOMS, **PUBLIC}.items():
        assert one.__doc__, name
    with pytest.raises(AttributeError, match="nothing"):
        getattr(dr, "nothing")  # noqa: B009 - the stub does not have it


def test_every_public_function_and_class_has_an_example_that_is_run() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    homes = {inspect.unwrap(one).__module__ for one in WORKING.values()}
    run = {test.name for home in homes for test in finder.find(import_module(home)) if test.examples}
    without = {
        name
        for name, one in WORKING.items()
        if f"{inspect.unwrap(one).__module__}.{inspect.unwrap(one).__qualname__}" not in run
    }
    assert without == set().union(*NO_EXAMPLE.values())


def test_every_room_lists_what_it_gives_and_no_more() -> None:
    """What a room has imported for itself is none of its names; what it defines for others is listed."""
    for room, module in ROOMS.items():
        names = module.__all__
        assert sorted(names) == sorted(set(names)), room
        for name in names:
            one = getattr(module, name)
            home = getattr(one, "__module__", None) or "drainage"
            assert not name.startswith("_"), f"{room}.{name}"
            assert home.startswith("drainage") or not callable(one) or get_origin(one), f"{room}.{name} is of {home}"
        own = {
            name
            for name, one in vars(module).items()
            if getattr(one, "__module__", None) == module.__name__ and not name.startswith("_")
        }
        assert own <= set(names), room


def test_a_name_that_has_moved_is_still_given_with_its_new_place() -> None:
    for room, names in vars(dr)["_MOVED"].items():
        for name in names.split():
            assert name not in dr.__all__
            with pytest.warns(DeprecationWarning, match=rf"drainage\.{room}\.{name} now"):
                assert getattr(dr, name) is getattr(ROOMS[room], name)
    with pytest.warns(DeprecationWarning, match="read_sightings now"):
        assert getattr(dr, "read_sightings") is dr.intake.read_sightings  # noqa: B009 - the stub does not have it


def test_a_section_is_reached_by_its_short_name_with_the_types_of_its_room() -> None:
    assert dr.plot_section is dr.papers.plot_section
    assert "plot_section" not in dr.__all__
    stub = ast.parse(Path(dr.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    (said,) = [one for one in stub.body if isinstance(one, ast.FunctionDef)]
    takes = inspect.signature(dr.papers.plot_section).parameters
    assert [one.arg for one in (*said.args.args, *said.args.kwonlyargs)] == list(takes)
    defaults = [ast.literal_eval(one) for one in said.args.kw_defaults if one is not None]
    assert defaults == [one.default for one in takes.values() if one.kind is one.KEYWORD_ONLY]


def test_import_loads_nothing_heavy() -> None:
    script = "import sys, drainage; print(sorted({'pandas', 'numba', 'folium', 'geopandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_first_answers_load_nothing_that_they_do_not_use() -> None:
    script = """
import sys
import drainage as dr
net = dr.load_demo()
dr.measure_separation(net, mixed=dr.find_mixed_flow(net))
print(sorted({'numba', 'folium', 'matplotlib', 'networkx', 'swmm', 'xlsxwriter'} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_demo_city_comes_with_the_package_and_says_that_it_is_made_up() -> None:
    """The six layers of ``data``, as they were on the day before its works and altogether."""
    whole, before = dr.load_demo(), dr.load_demo("2018-12-31")
    assert (len(whole), set(whole.layers)) == (6479, {"roads", "waterways", "reports", "neighbourhoods", "towns"})
    assert whole.catchments is not None
    assert 0 < len(before) < len(whole)
    assert before.synthetic
    assert "Synthetic" in str(dr.provenance.Provenance.of(before).notice)
    with pytest.raises(dr.errors.SchemaError, match="YYYY-MM-DD"):
        dr.load_demo("7 May")


def test_the_wheel_carries_what_the_demo_city_is_read_from() -> None:
    """Every layer in ``data``, at the place where `load_demo` looks first; what was planted stays in the repository."""
    root = Path(__file__).parents[1]
    build = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    carried = build["wheel"]["force-include"]
    assert carried == {f"data/{path.name}": f"drainage/demo/{path.name}" for path in (root / "data").glob("*.geojson")}


def test_the_terminal_has_a_command_per_question() -> None:
    commands = set(app.list_commands(None))
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
        "balance",
        "census",
        "crossings",
        "gauge",
        "apply",
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
        "bill",
        "pay",
        "demo",
        "serve",
        "keys",
        "audit",
        "backup",
        "restore",
        "publish",
        "sheet",
        "section",
        "hydrograph",
        "report",
        "terms",
    }


def test_options_carry_the_names_of_the_keywords() -> None:
    analyze = app.get_command(None, "analyze")
    assert analyze is not None
    options = {option.name for option in analyze.params}
    assert {"roads", "nodes", "reports", "crs"} <= options & set(inspect.signature(dr.read_network).parameters)
    assert {"return_period", "duration", "tailwater"} <= options
    keywords = {*inspect.signature(dr.DesignStorm).parameters, *inspect.signature(dr.Setup).parameters}
    assert {"return_period_a", "duration_min", "tailwater_m"} <= keywords
