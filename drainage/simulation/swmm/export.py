"""Write a network and a storm as a file for EPA SWMM."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from drainage.hydraulics.rainfall import Storm
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.simulation.pipes import STORM_SYSTEMS
from drainage.simulation.setup import Setup, setup_keywords
from drainage.simulation.swmm.compose import build_engine_models
from drainage.simulation.swmm.engine_values import EngineOptions
from drainage.wants import wants
from drainage.writing import replacing_file


class WrittenInp(NamedTuple):
    """What `write_inp` wrote.

    Parameters
    ----------
    path
        The file.
    issues
        What was left out, renamed or is seen otherwise by the engine; columns `drainage.schema.ISSUE_COLUMNS`.
    node_names, pipe_names
        Index the ids of the network: their names in the file.
    """

    path: Path
    issues: pd.DataFrame
    node_names: pd.Series
    pipe_names: pd.Series


@setup_keywords
@wants
def write_inp(
    net: DrainageNetwork,
    storm: Storm | None,
    path: str | Path,
    setup: Setup = Setup(),
    *,
    systems: Sequence[str] = STORM_SYSTEMS,
    options: EngineOptions | None = None,
    force: bool = False,
) -> WrittenInp:
    """Write a network and a storm as an EPA SWMM model.

    A network that was read from an .inp becomes that .inp again: later changes are applied to it, and everything else
    is verbatim, including controls, curves, patterns and dry weather flow; files that it names are found from its new
    location. Any other network becomes a complete model for dynamic wave routing in metres and m³/s: the impervious
    share of a catchment is its runoff coefficient, and the rest retains its rain; the invert of a node is that of its
    lowest pipe; each pipe that ends has its own outfall, with a flap gate if the node has one (``flap_gate``: yes);
    pumps lift what reaches them; the drains are initially filled to the level of the receiving water, except behind a
    flap gate. Pipes without inverts, size or length are left out and listed in the issues.

    Parameters
    ----------
    net
        The network.
    storm
        The design storm; None: an .inp keeps its own rain, another network has the constant inflow of its nodes only.
    path
        Where to write, ending in ``.inp``.
    setup
        Assumptions of the simulation.
    systems
        Systems whose pipes are written; storm, combined and unknown ones receive rain. Not used for an .inp.
    options
        Overland flow, steps and ponding of composed models; the step of the rain and the time after it of all models.
    force
        Replace an existing file.

    Raises
    ------
    FormatError
        The file exists and ``force`` is False, or its extension is not ``.inp``.
    SimulationError
        No pipe can be written, no water reaches those that can, or the model accepts no rain.

    References
    ----------
    EPA SWMM 5.2 User's Manual (EPA/600/R-22/030), appendix D: input file format.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60)
    >>> with TemporaryDirectory() as folder:
    ...     model = dr.write_inp(net, storm, f"{folder}/street.inp")
    ...     print(model.path.name, len(model.node_names), "nodes", len(model.pipe_names), "pipes")
    street.inp 5 nodes 4 pipes
    """
    goal = Path(path)
    said = Provenance.of(net, storm)
    with replacing_file(goal, ending=".inp", force=force, provenance=said) as part:
        (model,) = build_engine_models(net, storm, setup, folder=goal.parent, systems=tuple(systems), options=options)
        part.write_bytes(model.content)
    return WrittenInp(goal, model.issues, model.node_names, model.pipe_names)
