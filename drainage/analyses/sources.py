"""Where the storm network can hold an undrawn sewage source, and with what chance, given everything that was observed.

What a pipe was designed for, what it is recorded as, what was observed in it and what is inferred stand side by side
and never overwrite each other. Drawn entries, interceptors and combined areas are part of the model and not reported
(`drainage.inference.forest`); the model and its numbers stand in `drainage.inference.posterior`.
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Ints32
from drainage.evidence import Evidence
from drainage.inference.findings import understand
from drainage.inference.forest import StormForest
from drainage.inference.posterior import Beliefs, SourceRates
from drainage.inference.rules import Scheme, SourceLimits, tell
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.schema import Issues
from drainage.schema.codes import spell
from drainage.wants import wants

_LIKELY = 0.5
_SAYS = ("entry", "wet", "dry", "no_entry")  # where several were seen, the first counts as the observation


class _Observed(NamedTuple):
    """What was concluded of each cell, (n_cells,) number in `_SAYS` or −1, and which of the texts names its rows."""

    says: NDArray[np.int8]
    rows: Ints32
    texts: list[str]


@wants
def find_sources(
    net: DrainageNetwork,
    evidence: Evidence | None = None,
    *,
    rates: SourceRates | None = None,
    limits: SourceLimits | None = None,
    tracers: Scheme = "cecs",
) -> Result:
    """Find which reaches may have an undrawn sewage source, how likely, and judge every reading by its rule.

    Parameters
    ----------
    net
        A network with pipes recorded as storm, on the day of the field work (``net.as_of``).
    evidence
        Observations and measurements (`drainage.read_evidence`); None: use the prior only.
    rates
        Prior and error rates of the model; assumptions, stated in `SourceRates`.
    limits
        Limits of the rules, each with its clause or marked as our choice.
    tracers
        ``cecs``: water is named by T/CECS 758-2020, 5.3.2; ``idde``: by the flow chart of the EPA IDDE manual.

    Returns
    -------
    Result
        Tables:

        ``reaches`` (index ``pipe_id``, storm pipes)
            ``probability`` that a source enters the pipe or its upper manhole; ``system_designed`` (only where the
            source has that column), ``system_recorded``, ``observed`` (entry | wet | dry | no_entry, at the pipe or its
            upper manhole), ``inferred`` (likely | possible | unlikely), ``evidence_rows``, ``drawn`` (the drawing shows
            sewage entering here: not counted as undrawn), ``approximate`` (a fork or loop: not exact).
        ``manholes`` (index ``node_id``)
            ``probability`` of a source at the manhole itself, ``flow_probability`` of dry-weather flow through it.
        ``verdicts``
            One row per reading and rule: ``rule``, ``clause``, ``zh``, ``en``, ``node_id``, ``pipe_id``,
            ``evidence_rows``, ``reading``, ``used_as``.
        ``issues``
            Evidence that could not be used, by file and row. Summary: ``expected_sources`` (undrawn),
            ``likely_reaches`` (≥ 50 %), ``approximate_reaches``, verdicts.

    Raises
    ------
    SchemaError
        No pipe is recorded as storm.

    References
    ----------
    T/CECS 758-2020: 4.2, 5.2.4, 5.3.2; DB4201/T 651-2021: 5.4.1, 5.5.3, 5.5.9; US EPA IDDE manual (2004).

    Examples
    --------
    >>> import drainage as dr
    >>> sources = dr.find_sources(dr.load_demo("2021-05-07"))
    >>> bool(sources.reaches["probability"].between(0, 1).all())
    True
    """
    rates, limits = rates or SourceRates(), limits or SourceLimits()
    evidence = evidence or Evidence()
    issues = Issues()
    issues.extend(evidence.issues)
    forest = StormForest.from_network(net)
    understood = understand(net, forest, evidence, issues, rates, limits, tracers)
    beliefs = Beliefs(forest, rates, understood.readings)
    observed = _observed(forest, understood.findings)
    reaches = _reaches(net, forest, beliefs, observed)
    manholes = _manholes(net, forest, beliefs, observed)
    verdicts = _verdicts(net, understood.findings)
    tables = {"reaches": reaches, "manholes": manholes, "verdicts": verdicts, "issues": issues.frame()}
    summary = _summary(reaches, verdicts, tables["issues"], rates)
    layers = (*context_of(net), Layer("sources", reaches, "probability", _POPUP))
    return Result(
        "sources",
        tables,
        summary,
        layers,
        provenance=Provenance.of(net, beside=evidence),
        not_known=understood.not_known(evidence),
    )


_POPUP = ("pipe_id", "probability", "system_recorded", "observed", "inferred", "evidence_rows", "approximate")


def _observed(forest: StormForest, findings: pd.DataFrame) -> _Observed:
    says = np.full(forest.n_cells, -1, np.int8)
    rows = np.zeros(forest.n_cells, np.int32)
    here = findings[findings["cell"] >= 0]
    for number in reversed(range(len(_SAYS))):
        says[here.loc[here["says"] == _SAYS[number], "cell"].to_numpy()] = number
    joined = here.groupby("cell")["rows"].agg(lambda one: ", ".join(dict.fromkeys(one)))
    rows[joined.index.to_numpy(dtype=np.intp)] = np.arange(1, len(joined) + 1)
    return _Observed(says, rows, ["", *joined])


def _reaches(net: DrainageNetwork, forest: StormForest, beliefs: Beliefs, observed: _Observed) -> gpd.GeoDataFrame:
    pipe_rows = np.flatnonzero(forest.pipe_cell >= 0).astype(np.int32)
    pipes = net.pipes.iloc[pipe_rows]
    probability = beliefs.reaches(pipe_rows)
    cell = forest.pipe_cell[pipe_rows]
    upper = forest.node_cell[net.graph.tail[pipe_rows]]
    own = forest.parent[upper] == cell  # the upper manhole belongs to the pipe that its flow takes
    at_upper = np.where(own, observed.says[upper], -1)
    says = np.where(observed.says[cell] >= 0, observed.says[cell], at_upper)
    rows = _joined(observed.texts, observed.rows[cell], np.where(own, observed.rows[upper], 0))
    inferred = np.add(probability >= _LIKELY, probability >= beliefs.rates.reach_prior, dtype=np.intp)
    table = gpd.GeoDataFrame(
        {
            "probability": probability,
            "system_designed": pipes.get("system_designed", pd.Series(pd.NA, pipes.index, dtype="str")),
            "system_recorded": pipes["system"],
            "observed": spell(_SAYS, says),
            "inferred": spell(["unlikely", "possible", "likely"], inferred),
            "evidence_rows": rows,
            "drawn": forest.drawn[upper] & own,
            "approximate": forest.approximate[cell],
        },
        index=pipes.index,
        geometry=pipes.geometry,
    )
    return table.join(pipes[["from_node", "to_node", "length_m", "road"]])


def _joined(texts: list[str], first: Ints32, second: Ints32) -> pd.api.extensions.ExtensionArray:
    """Texts of two columns of numbers of them, side by side where both say something."""
    both = np.flatnonzero((first > 0) & (second > 0))
    number = np.where(first > 0, first, second)
    number[both] = len(texts) + np.arange(len(both))
    pairs = [f"{texts[a]}, {texts[b]}" for a, b in zip(first[both], second[both], strict=True)]
    return spell([*texts, *pairs], number)


def _manholes(net: DrainageNetwork, forest: StormForest, beliefs: Beliefs, observed: _Observed) -> gpd.GeoDataFrame:
    node_rows = np.flatnonzero(forest.node_cell >= 0)
    nodes, cell = net.nodes.iloc[node_rows], forest.node_cell[node_rows]
    return gpd.GeoDataFrame(
        {
            "probability": beliefs.source[cell],
            "flow_probability": beliefs.wet[cell],
            "observed": spell(_SAYS, observed.says[cell]),
            "evidence_rows": spell(observed.texts, observed.rows[cell]),
            "drawn": forest.drawn[cell],
            "approximate": forest.approximate[cell],
            "kind": nodes["kind"],
        },
        index=nodes.index,
        geometry=nodes.geometry,
    )


def _verdicts(net: DrainageNetwork, findings: pd.DataFrame) -> pd.DataFrame:
    named = {
        column: index.astype("str").take(findings[rows].to_numpy(dtype=np.intp), fill_value=np.nan)
        for column, rows, index in (("node_id", "node_row", net.nodes.index), ("pipe_id", "pipe_row", net.pipes.index))
    }
    rule = findings["rule"]
    table = pd.DataFrame(
        {
            "rule": rule,
            **tell(rule),
            **named,
            "evidence_rows": findings["rows"],
            "reading": findings["reading"],
            "used_as": findings["says"].replace("", "not used for sources"),
        }
    )
    return table.set_axis(pd.Index([f"V{k + 1}" for k in range(len(table))], name="verdict_id", dtype="str"))


def _summary(reaches: gpd.GeoDataFrame, verdicts: pd.DataFrame, issues: pd.DataFrame, rates: SourceRates) -> pd.Series:
    undrawn = reaches[~reaches["drawn"]]
    used = ~verdicts["used_as"].eq("not used for sources")
    return pd.Series(
        {
            "reaches": len(reaches),
            "expected_sources": float(undrawn["probability"].sum()),
            "likely_reaches": int((undrawn["probability"] >= _LIKELY).sum()),
            "drawn_entries": int(reaches["drawn"].sum()),
            "approximate_reaches": int(reaches["approximate"].sum()),
            "verdicts": len(verdicts),
            "readings_used": int(used.sum()),
            "rows_with_issues": len(issues),
            **{f"verdicts_{rule}": int(n) for rule, n in verdicts["rule"].value_counts(sort=False).items()},
            "reach_prior": rates.reach_prior,
        },
        dtype=object,
    )
