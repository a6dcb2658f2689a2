"""The EPA SWMM models that come with swmmio, pystorms and pyswmm: where they lie, and what is known of each.

``python scripts/fetch_models.py out/models`` fetches them; ``DRAINAGE_TEST_MODELS`` names the folder.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import drainage as dr
from tests.support.engine import FileRun, run_files

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork

FOLDER = os.environ.get("DRAINAGE_TEST_MODELS")
#: ``package/model`` → its file.
MODELS = {f"{path.parent.name}/{path.stem}": path for path in sorted(Path(FOLDER).glob("*/*.inp"))} if FOLDER else {}
#: How many each package has, and what stands behind the names of ``swmmio.examples``.
COUNTS = {"pystorms": 7, "pyswmm": 17, "swmmio": 27}
EXAMPLES = [
    "model_state_plane", "model_full_features_network_xy", "model_full_features_b", "model_full_features_network",
    "Example1", "model_green_ampt", "test_inlet_drains", "groundwater_model", "Pump_Control_Model",
]  # fmt: skip
#: Forms to be filled in, with no node: not read.
BLANK = {"swmmio/model_blank", "swmmio/model_blank_01"}
#: No link between two nodes: read as nodes alone.
WITHOUT_PIPES = {
    "pyswmm/model_subcatch_stats", "swmmio/groundwater_model", "swmmio/model-with-infiltration-parse-failure",
}  # fmt: skip


class Refused(NamedTuple):
    """Why the engine (SWMM 5.2) refuses a model, and what is changed in the original and so in the copy, if it helps.

    Parameters
    ----------
    error
        Number of its error.
    reason
        The fault in the file.
    mend
        Pattern and what replaces it; None: not run.
    """

    error: int
    reason: str
    mend: tuple[str, str] | None = None


REFUSED = {
    "pystorms/delta": Refused(
        235,
        "Green-Ampt moisture deficit of 4, more than 1; 0.4 taken",
        (r"(?m)^(\S+ +3 +0\.5 +)4\b", r"\g<1>0.4"),
    ),
    "pyswmm/model_bad_input_1": Refused(
        209,
        "a rain gage named *; the one that there is taken",
        (r"(?m)^(S1 +)\*", r"\1SCS_24h_Type_I_1in"),
    ),
    "swmmio/Example1": Refused(
        209,
        "unit hydrographs of a rain gage TS1 that there is not; RG1 taken",
        (r"(?m)^(Hydrograph1 +)TS1", r"\1RG1"),
    ),
    "swmmio/alt_test3": Refused(
        115,
        "an adverse slope under KINWAVE; the invert of baseline_test taken",
        (r"(?m)^(dummy_node1 +)-15", r"\g<1>-10.99"),
    ),
    "swmmio/invalid_model": Refused(209, "links, catchments and rules that name what is not there, on purpose"),
    "swmmio/model-with-infiltration-parse-failure": Refused(209, "a cutting: gages, nodes and series are not in it"),
    "swmmio/model_full_features_network": Refused(
        209,
        "a divider to a link C6 that there is not, a series in a file that is not there; both left out",
        (r"(?m)^(NODE5 +3\.0|TS2 +FILE).*", ""),
    ),
    "swmmio/model_mod_green_ampt": Refused(
        235,
        "Green-Ampt moisture deficit of 4, more than 1; 0.4 taken",
        (r"(?m)^(S\d +3(?:\.0)? +0\.5 +)4\b", r"\g<1>0.4"),
    ),
}
#: Outfalls whose level is a series or a curve, which stays where it is when all frames are raised.
TIDAL = {"pystorms/beta", "swmmio/outfalls_issue", "swmmio/outfalls_issue_free_first"}
#: Models that take long, and the day and hour at which their run ends instead.
SHORTENED = {"pystorms/beta": ("10/08/2016", "12:00:00"), "pystorms/epsilon": ("01/03/2017", "00:00:00")}


def original(name: str, folder: Path, *, whole: bool = False) -> Path:
    """Copy a model with one thread, mended where the engine refuses it, and shortened unless it is to run whole.

    What is read and written again is this copy, so that both runs are of the same length.
    """
    text = re.sub(r"(?im)^\s*THREADS\s.*$", "THREADS 1", MODELS[name].read_bytes().decode("latin-1"))
    if name in REFUSED and (mend := REFUSED[name].mend) is not None:
        text, count = re.subn(*mend, text)
        assert count > 0, name
    if name in SHORTENED and not whole:
        for option, value in zip(("END_DATE", "END_TIME"), SHORTENED[name], strict=True):
            text = re.sub(rf"(?im)^\s*{option}\s.*$", f"{option} {value}", text)
    copy = folder / f"{MODELS[name].stem}.inp"
    copy.write_bytes(text.encode("latin-1"))
    return copy


def raised(net: DrainageNetwork) -> DrainageNetwork:
    """Raise every level by ten metres, so that every row of nodes and of conduits with elevations is written anew."""
    nodes, pipes = net.nodes, net.pipes
    for column in ("invert_m", "ground_m", "water_level_m"):
        nodes[column] += 10.0
    for column in ("invert_from_m", "invert_to_m"):
        pipes[column] += 10.0
    return net.replace(nodes=nodes, pipes=pipes)


def run_again(name: str, folder: Path, *, whole: bool = False) -> list[FileRun]:
    """Run a model as it is, as written again, and as written raised where nothing in it would stay below."""
    first = original(name, folder, whole=whole)
    net = dr.read_network(first)
    written = [dr.write_inp(net, None, folder / "again.inp").path]
    if name not in TIDAL and len(net.pipes):
        written.append(dr.write_inp(raised(net), None, folder / "raised.inp").path)
    return run_files(first, *written, folder=folder)


def every(names: dict[str, Path]) -> pytest.MarkDecorator:
    """Run a test for each model; once, and skipped, where there are none."""
    skipped = pytest.param("none", marks=pytest.mark.skip(reason="needs DRAINAGE_TEST_MODELS (make models)"))
    return pytest.mark.parametrize("name", [*names] or [skipped])
