"""From placed evidence to what it says: verdicts with their rule and readings, and the readings of the model.

Each reading is used once. A sample that names its water stands for the look of the same day at the same place; a place
that is read as flowing and as dry on one day contradicts itself and is not used; what was read while the river stood in
the pipe, or less than 72 h after rain, says nothing of sources.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import marked
from drainage.evidence import Evidence
from drainage.inference.balance import rising, stretches, unbalanced
from drainage.inference.forest import StormForest
from drainage.inference.locate import is_wet_weather, locate
from drainage.inference.posterior import Readings, SourceRates
from drainage.inference.rules import CLEAN, SEWAGE, Scheme, SourceLimits, name_water
from drainage.network import DrainageNetwork
from drainage.schema import Issues
from drainage.schema.codes import fold
from drainage.schema.layers import EVIDENCE
from drainage.words import in_both

_RISING = ("nh3n_mg_l", "cod_mg_l", "surfactant_mg_l", "k_mg_l", "conductivity_us_cm")
_BRANCH = ("aj", "支管暗接", "暗接")
_DIRECT = ("污水直排", "直排", "zp")
_COLUMNS = ("rule", "rows", "cell", "node_row", "pipe_row", "says", "log_ratio", "reading")


@dataclass(frozen=True, slots=True, eq=False)
class Understood:
    """What the evidence says.

    Parameters
    ----------
    readings
        For the model.
    findings
        One row per verdict: ``rule``, ``rows`` (of evidence), ``cell``, ``node_row``, ``pipe_row``, ``says`` (wet, dry,
        entry, no_entry, rise, or nothing), ``log_ratio`` of a rise, ``reading`` (the values).
    """

    readings: Readings
    findings: pd.DataFrame

    def not_known(self, evidence: Evidence) -> str | None:
        """Return the message that no row of evidence was of use; None without evidence, when the prior is asked for."""
        rows = sum(len(getattr(evidence, kind)) for kind in EVIDENCE)
        if len(self.findings) or not (rows or len(evidence.issues)):
            return None
        return in_both("evidence_unused", rows=rows)


def understand(
    net: DrainageNetwork, forest: StormForest, evidence: Evidence, issues: Issues, rates: SourceRates,
    limits: SourceLimits, scheme: Scheme,
) -> Understood:  # fmt: skip
    """Apply all rules to the evidence."""
    placed = locate(net, forest, evidence, issues)
    drowned = {kind: _drowned(net, placed[kind], limits) for kind in ("samples", "flows")}
    wet_days = {kind: ~table["dry"].to_numpy() for kind, table in placed.items()}
    for kind in ("inspections", "samples"):
        late = placed[kind].index[wet_days[kind]]
        issues.add("not_dry", "warning", "row", late, in_both("soon_after_rain"), in_both("not_for_sources"))
    samples = _usable(placed["samples"], wet_days["samples"] | drowned["samples"])
    looks = _usable(placed["inspections"], wet_days["inspections"])
    flows = _usable(placed["flows"], wet_days["flows"] | drowned["flows"])
    named = samples.assign(water=name_water(samples, limits, scheme))
    looked = _agreeing(looks[looks["flowing"].notna() | looks["flow_m3_per_day"].notna()], issues)
    looked = _without_sampled(looked, named)
    metered = _by_place(flows)
    parts = [
        _of_mask("backflow", placed[kind], drowned[kind], "", ("level_m", "river_level_m"))
        for kind in ("samples", "flows")
    ]
    parts += _of_looks(net, placed["inspections"], looks, looked)
    parts += _of_water(named)
    parts += _of_meters(metered, limits)
    parts += _of_camera_and_dye(placed)
    parts += _of_stretches(forest, named, metered, rates, limits)
    parts += of_sewers(net, placed, limits)
    findings = pd.concat(parts, ignore_index=True)
    closed = placed["inspections"][placed["inspections"]["closed"].fillna(value=False).astype(bool)]
    findings = _before_closing(forest, findings, closed, evidence)
    load_cell = np.unique(np.concatenate([t["cell"].to_numpy()[t["cell"].to_numpy() >= 0] for t in (named, metered)]))
    shut = np.unique(closed["cell"].to_numpy(np.int32))
    return Understood(_readings(findings, load_cell.astype(np.int32), shut[shut >= 0]), findings)


def _usable(table: pd.DataFrame, spoilt: NDArray[np.bool_]) -> pd.DataFrame:
    return table[~spoilt & (table["cell"].to_numpy() >= 0)]


def _finding(rule: str, table: pd.DataFrame, says: str, columns: tuple[str, ...] = (), **more: object) -> pd.DataFrame:
    """Make findings of rows of evidence; the columns hold the values that were read."""
    cells = table[list(columns)].to_dict("records")
    read = ["; ".join(f"{c} {_shown(value)}" for c, value in row.items() if pd.notna(value)) for row in cells]
    return pd.DataFrame(
        {
            "rule": rule,
            "rows": table.index.to_numpy(dtype=object),
            "cell": table["cell"].to_numpy(),
            "node_row": table["node_row"].to_numpy(),
            "pipe_row": table["pipe_row"].to_numpy(),
            "says": says,
            "log_ratio": 0.0,
            "reading": pd.Series(read, dtype=object),
        }
        | more,
        columns=list(_COLUMNS),
    )


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _of_mask(
    rule: str, table: pd.DataFrame, mask: NDArray[np.bool_] | pd.Series, says: str, columns: tuple[str, ...] = ()
) -> pd.DataFrame:
    return _finding(rule, table[np.asarray(mask, np.bool_)], says, columns)


def _drowned(net: DrainageNetwork, table: pd.DataFrame, limits: SourceLimits) -> NDArray[np.bool_]:
    """Return where the river backs up into the pipe: its level is that in the manhole and above the invert."""
    river, level = (table[name].to_numpy(dtype=np.float64) for name in ("river_level_m", "level_m"))
    node = table["node_row"].to_numpy()
    invert = np.where(node >= 0, net.nodes["invert_m"].to_numpy(dtype=np.float64)[node], np.nan)
    return np.asarray((np.abs(river - level) <= limits.backflow_m) & ~(river < invert))


def _agreeing(looks: pd.DataFrame, issues: Issues) -> pd.DataFrame:
    """Leave out looks that contradict themselves: yes and no at one place on one day, or a dry one with flow."""
    flow = looks["flow_m3_per_day"].to_numpy(dtype=np.float64)
    said = looks["flowing"].to_numpy(dtype=object)
    itself = np.array([s is False and q > 0 for s, q in zip(said, flow, strict=True)], np.bool_)
    issues.add("contradiction", "error", "row", looks.index[itself], in_both("dry_with_flow"), in_both("not_used"))
    looks = looks[~itself]
    runs = looks["flow_m3_per_day"].gt(0).astype("boolean")
    looks = looks.assign(wet=looks["flowing"].fillna(runs).astype(bool))
    day = looks["date"].dt.normalize()
    differ = looks.groupby([looks["cell"], day], dropna=True)["wet"].transform("nunique") > 1
    apart = differ.fillna(value=False).to_numpy(dtype=np.bool_)
    reasons = [in_both("wet_and_dry", day=str(d)[:10]) for d in day[apart]]
    issues.add("contradiction", "error", "row", looks.index[apart], reasons, in_both("neither_used"))
    return looks[~apart]


def _without_sampled(looks: pd.DataFrame, named: pd.DataFrame) -> pd.DataFrame:
    told = named[named["water"].notna()]
    keys = set(zip(told["cell"], told["date"].dt.normalize(), strict=True))
    here = [key in keys for key in zip(looks["cell"], looks["date"].dt.normalize(), strict=True)]
    return looks[~np.array(here, np.bool_)]


def _by_place(flows: pd.DataFrame) -> pd.DataFrame:
    """Reduce each series to the median of its dry readings, named by its first row."""
    known = flows[flows["flow_m3_per_day"].notna()]
    median = known.groupby("cell")["flow_m3_per_day"].transform("median")
    return known.assign(flow_m3_per_day=median).drop_duplicates("cell")


def _of_looks(
    net: DrainageNetwork, placed: pd.DataFrame, looks: pd.DataFrame, looked: pd.DataFrame
) -> list[pd.DataFrame]:
    seen = looks[looks["entry"].notna()]
    entry = seen["entry"].astype(bool).to_numpy()
    node = placed["node_row"].to_numpy()
    largest = np.full(net.graph.n_nodes, np.nan)
    asked = marked(net.graph.n_nodes, node[node >= 0])
    leaving = np.flatnonzero(asked[net.graph.tail])
    size = net.pipes["diameter_mm"].to_numpy(dtype=np.float64)[leaving] / 1000.0
    np.fmax.at(largest, net.graph.tail[leaving], size)
    full = (node >= 0) & placed["dry"].to_numpy() & (placed["depth_m"].to_numpy(dtype=np.float64) > largest[node])
    closed = placed["closed"].fillna(value=False).astype(bool)
    return [
        _of_mask("dry_flow", looked, looked["wet"], "wet", ("date", "depth_m", "flow_m3_per_day")),
        _of_mask("dry", looked, ~looked["wet"], "dry", ("date",)),
        _of_mask("entry", seen, entry, "entry", ("date",)),
        _of_mask("no_entry", seen, ~entry, "no_entry", ("date",)),
        _of_mask("surcharged", placed, full, "", ("date", "depth_m")),
        _of_mask("closed", placed, closed, "", ("date",)),
    ]


def _of_water(named: pd.DataFrame) -> list[pd.DataFrame]:
    columns = ("date", "nh3n_mg_l", "cod_mg_l", "surfactant_mg_l", "k_mg_l", "fluoride_mg_l", "hardness_mg_l")
    return [
        _of_mask(water, named, named["water"] == water, "wet" if water in SEWAGE else "dry", columns)
        for water in (*SEWAGE, *CLEAN)
    ]


def _of_meters(metered: pd.DataFrame, limits: SourceLimits) -> list[pd.DataFrame]:
    runs = metered["flow_m3_per_day"] >= limits.least_flow_m3_per_day
    columns = ("flow_m3_per_day",)
    return [
        _of_mask("dry_flow", metered, runs, "wet", columns),
        _of_mask("dry", metered, ~runs, "dry", columns),
    ]


def _of_camera_and_dye(placed: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    cctv, dye = placed["cctv"], placed["dye"]
    code = cctv["code"].astype("str").map(fold, na_action="ignore")
    runs = ~cctv["discharging"].eq(other=False).fillna(value=False).to_numpy(dtype=np.bool_)
    inside = runs & (cctv["cell"].to_numpy() >= 0)
    branch = code.isin(_BRANCH).to_numpy()
    seen = dye["seen"].fillna(value=False).to_numpy(dtype=np.bool_)
    here = dye["cell"].to_numpy() >= 0
    return [
        _of_mask("hidden_branch", cctv, branch & inside, "entry", ("date", "code")),
        _of_mask("hidden_branch", cctv, branch & ~inside, "", ("date", "code")),
        _of_mask("direct_discharge", cctv, code.isin(_DIRECT).to_numpy() & inside, "entry", ("date", "code")),
        _of_mask("dye_seen", dye, seen & here, "wet", ("date", "entered")),
    ]


def _of_stretches(
    forest: StormForest, named: pd.DataFrame, metered: pd.DataFrame, rates: SourceRates, limits: SourceLimits
) -> list[pd.DataFrame]:
    """Compare consecutive readings of one day (samples) or of one season (meters)."""
    parts = [_finding("rise", named[:0], "rise")]
    strength = float(np.log((1.0 - rates.missed_rise) / rates.false_rise))
    every = pd.concat([named, metered])
    marks = every.drop_duplicates("cell")
    for _, campaign in named.groupby(named["date"].dt.normalize(), dropna=False):
        today = campaign.drop_duplicates("cell")
        pairs = _same_campaign(stretches(forest, marks), marks, today)
        rises = rising(today, pairs, _RISING, limits).drop_duplicates("below")
        loads = today["flow_m3_per_day"] * today["nh3n_mg_l"]
        typical = limits.source_m3_per_day * limits.source_nh3n_mg_l
        parts.append(_balanced(today, unbalanced(pairs, loads, typical, limits), "g/d NH3-N"))
        risen = rises[~rises["below"].isin(parts[-1]["rows"])]
        read = [f"{r.tracer} {r.low:g} at {r.above}, {r.high:g} here" for r in risen.itertuples(index=False)]
        found = _finding("rise", today.loc[risen["below"]], "rise", log_ratio=strength, reading=read)
        parts.append(found)
    pairs = _same_campaign(stretches(forest, marks), marks, metered)
    gains = unbalanced(pairs, metered["flow_m3_per_day"], limits.source_m3_per_day, limits)
    parts.append(_balanced(metered, gains, "m³/d"))
    return parts


def _same_campaign(pairs: pd.DataFrame, marks: pd.DataFrame, today: pd.DataFrame) -> pd.DataFrame:
    """Keep pairs whose both ends were measured together, named by their rows of that day."""
    row_at = pd.Series(today.index.to_numpy(dtype=object), index=today["cell"].to_numpy())
    ends = {end: row_at.reindex(marks["cell"].reindex(pairs[end]).to_numpy()).to_numpy() for end in pairs}
    both = pd.DataFrame(ends, columns=["above", "below"])
    incomplete = both[both["above"].isna()]["below"].dropna()
    whole = both.dropna()
    return whole.loc[~whole["below"].isin(incomplete)]


def _balanced(table: pd.DataFrame, gains: pd.DataFrame, unit: str) -> pd.DataFrame:
    read = [f"{g.gained:+.3g} ± {g.error:.2g} {unit} on those next above" for g in gains.itertuples()]
    return _finding("load", table.loc[gains.index], "rise", log_ratio=gains["log_ratio"].to_numpy(), reading=read)


def of_sewers(net: DrainageNetwork, placed: dict[str, pd.DataFrame], limits: SourceLimits) -> list[pd.DataFrame]:
    """Rules of the sewers, which say nothing of sources in storm pipes: infiltration, and storm water in rain.

    ``placed`` holds ``samples`` and ``flows`` as `drainage.inference.locate.locate` gives them; rows with a cell belong
    to the storm forest and are passed over.
    """
    from drainage.inference.forest import StormForest

    elsewhere = any((placed[kind]["cell"].to_numpy() < 0).any() for kind in ("samples", "flows"))
    if not elsewhere or not (net.pipes["system"] == "sewage").any():
        return []
    sewers = StormForest.from_network(net, "sewage")

    def in_sewer(table: pd.DataFrame) -> pd.DataFrame:
        cell = np.where(table["node_row"] >= 0, sewers.node_cell[table["node_row"]], -1)
        return table.assign(cell=cell)[(cell >= 0) & (table["cell"].to_numpy() < 0)]

    parts = []
    samples = in_sewer(placed["samples"])
    for (_, dry), campaign in samples.groupby([samples["date"].dt.normalize(), samples["dry"]], dropna=False):
        today = campaign.drop_duplicates("cell")
        pairs = stretches(sewers, today)
        above, below = (today.reindex(pairs[end]) for end in ("above", "below"))
        factor = 1.0 + limits.rise_share
        weaker = below["nh3n_mg_l"].to_numpy() * factor < above["nh3n_mg_l"].to_numpy()
        if not dry:
            parts.append(_of_mask("diluted_in_rain", below, weaker, "", ("nh3n_mg_l",)))
            continue
        harder = below["hardness_mg_l"].to_numpy() > above["hardness_mg_l"].to_numpy() * factor
        unknown = np.isnan(below["hardness_mg_l"].to_numpy()) | np.isnan(above["hardness_mg_l"].to_numpy())
        parts.append(_of_mask("infiltration", below, weaker & (harder | unknown), "", ("nh3n_mg_l", "hardness_mg_l")))
    flows = in_sewer(placed["flows"])
    rain = is_wet_weather(flows)
    dry_flow = flows[~rain].groupby("cell")["flow_m3_per_day"].median()
    wet_flow = flows[rain].groupby("cell")["flow_m3_per_day"].median()
    more = wet_flow.index[(wet_flow > limits.storm_in_sewage_times * dry_flow.reindex(wet_flow.index))]
    first = flows[rain & flows["cell"].isin(more).to_numpy()].drop_duplicates("cell")
    read = [f"{wet_flow[c]:.3g} m³/d in rain, {dry_flow[c]:.3g} in dry weather" for c in first["cell"]]
    return [*parts, _finding("storm_in_sewage", first, "", reading=read)]


def _before_closing(
    forest: StormForest, findings: pd.DataFrame, closed: pd.DataFrame, evidence: Evidence
) -> pd.DataFrame:
    """Discard positive readings below a source from before it was closed."""
    dates = pd.concat([getattr(evidence, kind)["date"] for kind in ("inspections", "samples", "flows", "cctv", "dye")])
    date = dates.reindex(findings["rows"]).to_numpy()
    positive = findings["says"].isin(["wet", "entry", "rise"]).to_numpy()
    silent = np.zeros(len(findings), np.bool_)
    for cell, day in zip(closed["cell"], closed["date"], strict=True):
        path = []
        while cell >= 0:
            path.append(int(cell))
            cell = forest.parent[cell]  # noqa: PLW2901 - a walk
        silent |= positive & findings["cell"].isin(path).to_numpy() & ~(date > np.datetime64(day))
    return findings.assign(says=findings["says"].mask(silent, ""))


def _readings(findings: pd.DataFrame, load_cell: NDArray[np.int32], closed: NDArray[np.int32]) -> Readings:
    def of(*says: str) -> pd.DataFrame:
        return findings[findings["says"].isin(says) & (findings["cell"] >= 0)]

    look, entry, rise = of("wet", "dry"), of("entry", "no_entry"), of("rise")
    return Readings(
        look["cell"].to_numpy(np.int32),
        (look["says"] == "wet").to_numpy(),
        entry["cell"].to_numpy(np.int32),
        (entry["says"] == "entry").to_numpy(),
        load_cell,
        rise["cell"].to_numpy(np.int32),
        rise["log_ratio"].to_numpy(np.float64),
        closed,
    )
