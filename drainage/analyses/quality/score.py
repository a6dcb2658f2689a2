"""How good is a delivery: shares of features with faults, of values that were guessed or are missing, and a score."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from drainage.analyses.quality.check import check_quality
from drainage.analyses.quality.profile import SCORE, Acceptance, QualityProfile, load_profile
from drainage.network import DrainageNetwork
from drainage.result import Result
from drainage.wants import wants

#: Values on which the answers rest: layer, columns of which one must be known, column that says where it comes from.
_COUNTED: Final = (
    ("pipes", "system", ("system",), None),
    ("pipes", "size", ("diameter_mm", "height_mm"), None),
    ("pipes", "invert_from_m", ("invert_from_m",), "invert_from_source"),
    ("pipes", "invert_to_m", ("invert_to_m",), "invert_to_source"),
    ("pipes", "length_m", ("length_m",), "length_source"),
    ("nodes", "kind", ("kind",), "kind_source"),
    ("nodes", "ground_m", ("ground_m",), "ground_source"),
)
#: Values that are shown but do not count: no answer fails without them.
_SHOWN: Final = (
    ("pipes", "material", ("material",), None),
    ("pipes", "road", ("road",), None),
    ("pipes", "commissioned", ("commissioned",), None),
)


@wants
def score_delivery(net: DrainageNetwork, *, profile: QualityProfile | str | Path | None = None) -> Result:
    """Score a delivery and, where the profile has an acceptance, say whether it is to be accepted.

    The score is our own definition: 100 × (share of features without an error) × (share of values recorded). A feature
    is a pipe or node, those that had to be set aside on reading included; it has an error where a rule of severity
    error or an error on reading names it. Values are those on which the answers rest: system, size, both inverts and
    length of pipes, kind and ground of nodes.

    Parameters
    ----------
    net
        The delivery as it was read, with its issues: not ``as_of`` a day, which sets pipes aside.
    profile
        As for `check_quality`; its ``[acceptance]`` holds the bounds. No bound is ours: what it does not name is not
        asked for.

    Returns
    -------
    Result
        ``rules``: findings, features judged, ``share`` and, where bounded, ``share_max`` and ``kept``; ``columns``:
        recorded, filled and missing values of each column; ``reading``: errors and warnings on reading by code;
        ``criteria``: every bound of the acceptance with what was found. Summary: ``score``, ``accepted`` (None
        without an acceptance), shares, and why it is refused.

    Examples
    --------
    >>> import drainage as dr
    >>> delivery = dr.load_demo()
    >>> score = dr.analyses.score_delivery(delivery, profile="docs/survey/quality-profile.toml")
    >>> score.summary["accepted"]
    True
    """
    chosen = load_profile(profile)
    quality = check_quality(net, profile=chosen)
    columns = _columns(net)
    counted = columns[columns["counted"]]
    values = counted[["recorded", "filled", "missing"]].sum()
    guessed, missing = (float(values[name] / max(values.sum(), 1)) for name in ("filled", "missing"))
    shares = _features(net, quality.tables["findings"])
    errors = shares["errors_share"]
    found = {
        "errors_share_max": errors,
        "warnings_share_max": shares["warnings_share"],
        "guessed_share_max": guessed,
        "missing_share_max": missing,
        SCORE: 100 * (1 - errors) * (1 - guessed - missing),
    }
    rules = quality.tables["rules"][["severity", "findings", "checked", "family", "reason"]].copy()
    rules["share"] = rules["findings"] / rules["checked"].where(rules["checked"] > 0)
    bounds = chosen.acceptance
    rules["share_max"] = pd.Series(dict(bounds.rules) if bounds else {}, dtype="float64").reindex(rules.index)
    rules["kept"] = (rules["share"].fillna(0.0) <= rules["share_max"]).where(rules["share_max"].notna())
    criteria = _criteria(bounds, found, rules)
    refused = criteria.index[~criteria["kept"]].tolist()
    summary = pd.Series(
        {
            "score": round(found[SCORE], 2),
            "accepted": None if bounds is None else not refused,
            "refused_because": ", ".join(refused) or None,
            "features": shares["features"],
            "errors_share": errors,
            "warnings_share": shares["warnings_share"],
            "guessed_share": guessed,
            "missing_share": missing,
        },
        dtype=object,
    )
    tables = {"rules": rules, "columns": columns, "reading": _reading(net), "criteria": criteria}
    return Result("delivery_score", tables, summary, quality.layers, provenance=quality.provenance)


def _columns(net: DrainageNetwork) -> pd.DataFrame:
    layers = {"pipes": net.pipes, "nodes": net.nodes}
    rows = []
    for counted, columns in ((True, _COUNTED), (False, _SHOWN)):
        for layer, name, any_of, source in columns:
            frame = layers[layer]
            known = np.zeros(len(frame), np.bool_)
            for column in any_of:
                if column in frame:
                    known |= (frame[column].notna() & (frame[column].astype(object) != "unknown")).to_numpy()
            filled = np.zeros(len(frame), np.bool_)
            if source is not None and source in frame:
                filled = known & frame[source].notna().to_numpy() & (frame[source] != "recorded").to_numpy()
            n = (int((known & ~filled).sum()), int(filled.sum()), int((~known).sum()))
            total = max(len(frame), 1)
            rows.append((f"{layer}.{name}", counted, *n, n[1] / total, n[2] / total))
    heads = ["column", "counted", "recorded", "filled", "missing", "filled_share", "missing_share"]
    return pd.DataFrame(rows, columns=heads).set_index("column")


def _features(net: DrainageNetwork, findings: pd.DataFrame) -> dict[str, float]:
    """Count features that are faulty by the rules or were on reading; one that was set aside is a feature too."""
    issues = net.issues[net.issues["feature_kind"].isin(["pipe", "node", "row"])]
    both = pd.concat(
        [frame[["feature_kind", "feature_id", "severity"]] for frame in (findings, issues)], ignore_index=True
    )
    known = net.pipes.index.size + net.nodes.index.size
    inside = ((both["feature_kind"] == "pipe") & both["feature_id"].isin(net.pipes.index)) | (
        (both["feature_kind"] == "node") & both["feature_id"].isin(net.nodes.index)
    )
    named = ["feature_kind", "feature_id"]
    wrong, doubtful = both["severity"] == "error", (both["severity"] == "warning") & inside
    aside, *count = (len(both[mask][named].drop_duplicates()) for mask in (wrong & ~inside, wrong, doubtful))
    features = known + aside
    return {
        "features": features,
        "errors_share": count[0] / max(features, 1),
        "warnings_share": count[1] / max(features, 1),
    }


def _reading(net: DrainageNetwork) -> pd.DataFrame:
    issues = net.issues[net.issues["severity"] != "info"]
    return issues.groupby(["severity", "code"], sort=True).size().rename("count").reset_index().set_index("code")


def _criteria(bounds: Acceptance | None, found: dict[str, float], rules: pd.DataFrame) -> pd.DataFrame:
    rows = [] if bounds is None else [(name, found[name], bound) for name, bound in bounds.bounds.items()]
    bounded = rules[rules["share_max"].notna()]
    rows += [(str(name), float(row["share"]), float(row["share_max"])) for name, row in bounded.iterrows()]
    table = pd.DataFrame(rows, columns=["criterion", "found", "bound"]).set_index("criterion")
    least = table.index == SCORE
    value = table["found"].fillna(0.0)
    table["kept"] = np.where(least, value >= table["bound"], value <= table["bound"]).astype(np.bool_)
    return table
