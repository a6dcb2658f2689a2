"""Is the network fit to be analysed: every rule of the catalogue, asked of the whole network at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage import words
from drainage.analyses.quality.attributes import check_attributes
from drainage.analyses.quality.findings import table_of_findings, table_of_rules
from drainage.analyses.quality.geometry import check_geometry
from drainage.analyses.quality.hydraulics import check_hydraulics
from drainage.analyses.quality.levels import check_levels
from drainage.analyses.quality.naming import check_naming
from drainage.analyses.quality.places import Places
from drainage.analyses.quality.profile import QualityProfile, load_profile
from drainage.analyses.quality.rules import RULES, Hits
from drainage.analyses.quality.sizes import check_sizes
from drainage.analyses.quality.topology import check_topology
from drainage.analyses.quality.view import View
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import Said
from drainage.wants import wants
from drainage.words import in_both

_POPUP = ("feature_id", "other_id", "road", "reason", "magnitude_measured", "clause", "remedy")


@wants
def check_quality(
    net: DrainageNetwork,
    *,
    profile: QualityProfile | str | Path | None = None,
    min_slope_m_per_m: float = 0.0,
    progress: Callable[[float], None] | None = None,
) -> Result:
    """Check geometry, topology, levels, sizes, hydraulics, attributes and names.

    The table ``rules`` of the answer lists every rule with its clause and limits; ``docs/survey/quality.md`` says how
    to use them. Pumps, weirs and pressure pipes are exempt from the rules for gravity flow; pipes that were never in
    the ground together are not compared.

    Parameters
    ----------
    net
        Any network. Rules about locations need a CRS; roads and waterways are taken from ``net.layers``.
    profile
        Switches rules off and changes limits and severities: a `QualityProfile`, or the path of a TOML file.
    min_slope_m_per_m
        Gravity pipes flatter than this are reported as ``flat``; 0 leaves that to the profile. GB 50014-2021, table
        5.2.10 asks for 0.002–0.003, which plains such as northern Anhui cannot give: choose it for the place.
    progress
        Called with the share that is done, 0-1, after each family of rules; an exception that it raises stops the
        check.

    Returns
    -------
    Result
        ``findings``: one row per rule and feature, errors first: ``feature_kind``, ``feature_id``, ``severity``,
        ``rule``, ``reason``, ``remedy``, ``magnitude`` in ``unit``, ``family``, ``clause``, ``other_id`` (the second
        feature of a pair), ``road``, ``filled`` (a level behind it was not recorded), geometry. ``rules``:
        every rule in force, zero findings included, with how many features it could judge (``checked``) and a
        ``message``. The summary counts findings by severity.

    Raises
    ------
    FormatError, SchemaError
        The profile cannot be read, or names an unknown rule or limit.

    References
    ----------
    GB 50014-2021, 5.2 (velocities, least diameters and slopes), 5.3 (joints, cover), 5.4 (manholes), 5.5 (drops).

    Examples
    --------
    >>> import drainage as dr
    >>> quality = dr.check_quality(dr.load_demo("2021-05-07"))
    >>> int(quality.summary["errors"])
    0
    """
    chosen = load_profile(profile)
    if min_slope_m_per_m > 0:
        chosen = chosen.with_limit("flat", "slope", min_slope_m_per_m)
    limits, view = chosen.limits(), View(net)
    reach = max(limits[rule]["distance_m"] for rule in ("gap", "missed_junction", "node_on_pipe", "duplicate_node"))
    places = Places(view, reach, limits["overlap"]["length_m"])
    families: tuple[Callable[[], list[Hits]], ...] = (
        lambda: check_geometry(view, places, limits),
        lambda: check_topology(view, places, limits),
        lambda: check_levels(view, limits),
        lambda: check_sizes(view, limits),
        lambda: check_hydraulics(view, limits),
        lambda: check_attributes(view, limits),
        lambda: check_naming(view, limits),
    )
    found: list[Hits] = []
    for number, family in enumerate(families, start=1):
        found += family()
        if progress is not None:
            progress(number / len(families))
    by_rule = {hit.rule: hit for hit in found}
    in_force = [by_rule[name] for name in chosen.rules]
    findings = table_of_findings(view, in_force, chosen.rules)
    rules = table_of_rules(in_force, chosen.rules)
    by_severity = findings["severity"].value_counts()
    summary = pd.Series(
        {f"{name}s": int(by_severity.get(name, 0)) for name in ("error", "warning", "info")}
        | {
            "findings_on_filled_values": int(findings["filled"].sum()),
            "rules_checked": len(rules),
            "rules_without_data": int((rules["checked"] == 0).sum()),
        }
    )
    return Result(
        "quality",
        {"findings": findings, "rules": rules},
        summary,
        (*context_of(net), Layer("quality", _measured(findings), "severity", _POPUP)),
        provenance=Provenance.of(net),
        not_known=None if (rules["checked"] > 0).any() else in_both("rules_unchecked"),
    )


def _measured(findings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add how bad each finding is, with its unit; None where nothing is measured."""
    rows = zip(findings["magnitude"], findings["unit"].fillna("").astype(str), strict=True)
    said = [None if np.isnan(size) else _with_unit(f"{size:.4g}", unit) for size, unit in rows]
    told = {"magnitude_measured": said, "clause": [_short(RULES[rule].clause) for rule in findings["rule"]]}
    return findings.assign(**{name: pd.Series(cells, findings.index, dtype=object) for name, cells in told.items()})


def _short(clause: Said) -> Said:
    """Return a clause without what it says of exemptions."""
    return Said(clause.partition(";")[0], clause.chinese.partition("；")[0])


def _with_unit(size: str, unit: str) -> Said:
    """Return a figure with its unit, which may be what is counted."""
    return Said(f"{size} {unit}".strip(), f"{size} {words.word(unit, 'zh')}".strip())
