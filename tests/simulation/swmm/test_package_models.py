"""Models of swmmio, pystorms and pyswmm: all load, and written again all flood as they did.

Where EPA SWMM itself refuses a model, the fault is mended in the original before it is read
(`tests.support.package_models`); two that take long are run for their first hours.
``docs/validation/models.md`` has the whole runs.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import drainage as dr
from drainage.errors import FormatError
from tests.support.engine import run_file
from tests.support.package_models import BLANK, COUNTS, EXAMPLES, MODELS, REFUSED, WITHOUT_PIPES, every, run_again

RUN = {name: path for name, path in MODELS.items() if name not in BLANK and (
    name not in REFUSED or REFUSED[name].mend is not None)}  # fmt: skip
pytestmark = pytest.mark.long
needs_models = pytest.mark.skipif(not MODELS, reason="needs DRAINAGE_TEST_MODELS (make models)")


@needs_models
def test_no_model_is_passed_over() -> None:
    assert Counter(name.split("/")[0] for name in MODELS) == COUNTS
    assert {f"swmmio/{name}" for name in EXAMPLES} <= set(MODELS)
    assert {*REFUSED, *BLANK, *WITHOUT_PIPES} <= set(MODELS)


@every(MODELS)
def test_every_model_loads(name: str) -> None:
    if name in BLANK:
        with pytest.raises(FormatError, match="has no nodes"):
            dr.read_network(MODELS[name])
        return
    net = dr.read_network(MODELS[name])
    rows = [line.split()[0] for line in MODELS[name].read_text(encoding="latin-1").splitlines() if line.strip()]
    heads = [number for number, word in enumerate(rows) if word.startswith("[")]
    size: Counter[str] = Counter()
    for begin, end in zip(heads, [*heads[1:], len(rows)], strict=True):
        size[rows[begin].strip("[]")] += sum(not word.startswith(";") for word in rows[begin + 1 : end])
    assert len(net.nodes) == sum(size[part] for part in ("JUNCTIONS", "OUTFALLS", "STORAGE", "DIVIDERS"))
    links = sum(size[part] for part in ("CONDUITS", "PUMPS", "ORIFICES", "WEIRS", "OUTLETS"))
    assert len(net.pipes) + int((net.issues["code"] == "unknown_node").sum()) == links
    assert (len(net.pipes) == 0) == (name in WITHOUT_PIPES)
    errors = net.issues.loc[net.issues["severity"] == "error", "code"]
    assert name in WITHOUT_PIPES or name == "swmmio/invalid_model" or errors.empty


@every({name: path for name, path in MODELS.items() if name in REFUSED})
def test_the_engine_refuses_those_that_are_said_to_be_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"ERROR|error"):
        run_file(MODELS[name], tmp_path)
    report = (tmp_path / "run.rpt").read_text(encoding="latin-1")
    assert re.findall(r"ERROR (\d+)", report)[0] == str(REFUSED[name].error)


@every(RUN)
def test_every_model_written_floods_as_it_did(name: str, tmp_path: Path) -> None:
    """The same flooded nodes, volumes of floods and outfalls within 1 %; also with all levels raised by ten metres."""
    first, *others = run_again(name, tmp_path)
    for run in others:
        assert run.flooded.keys() == first.flooded.keys()
        assert run.flooded == pytest.approx(first.flooded, rel=0.01)
        assert run.outfall == pytest.approx(first.outfall, rel=0.01)
