"""The first chapters of a report: its findings in brief, and the network as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from drainage.hydraulics.formulas import IntensityFormula, StormFormula
from drainage.papers.documents.document import Paragraph
from drainage.papers.system_map.draw_map import plot_map
from drainage.papers.title_words import is_dated
from drainage.report.office.effects_chapter import relieved, without_outlet
from drainage.report.office.pages import Pages
from drainage.result import Result
from drainage.said import in_language
from drainage.words import all_of, question, word


def write_brief(pages: Pages) -> None:
    """Write the findings of all questions, a sentence or two for each, and what could not be answered."""
    pages.chapter("brief", number=False)
    told = [_network_words(pages)]
    for name, words_of in _BRIEF.items():
        if pages.tells(name):
            told += words_of(pages, dict(pages.report.results[name].summary))
    pages.items(told)
    for name in pages.asked:
        if (reason := pages.why_not(name)) is not None:
            pages.warn(pages.saying("not_answered", question=question(name, pages.lang), reason=reason))
    for name in pages.asked:
        for text in pages.report.results[name].warnings if pages.tells(name) else ():
            pages.warn(text)


def write_standing(pages: Pages) -> None:
    """Write what the network is, of what data, and how good these are."""
    pages.chapter("standing")
    pages.section("network")
    pages.blocks.append(Paragraph(_network_words(pages)))
    draw_map(pages, "network_map")
    pages.table("pipes_by_system", _by_system(pages), ("system", "pipes", "length_km", "smallest_mm", "largest_mm"),
                most=None, heads={name: pages.saying(name) for name in ("smallest_mm", "largest_mm")},
                note=pages.saying("sizes_note"))  # fmt: skip
    pages.table("nodes_by_kind", _by_kind(pages), ("kind", "nodes"), most=None)
    write_data(pages)


def draw_map(pages: Pages, key: str, waterlogging: Result | None = None) -> None:
    """Draw the system map, with points of waterlogging where they are given."""
    with pages.saying_why(pages.saying(key)):
        paper = plot_map(pages.report.network, size="A4", bare=True, waterlogging=waterlogging, lang=pages.lang)
        pages.remarks.extend(paper.remarks)
        pages.picture(key, paper.sheets[0])


def write_data(pages: Pages) -> None:
    """Write where the data come from, what was filled in, and what the quality rules found."""
    provenance = pages.report.provenance
    pages.section("data")
    pages.say(
        "data_read",
        sources=pages.listed(list(provenance.source or ())),
        crs=provenance.crs or pages.saying("crs_unknown"),
    )
    if (formula := formula_words(pages)) is not None:
        pages.say("rain_told", rain=rain_words(pages, provenance.storm or {}), formula=formula)
    for remark in () if pages.report.state is None else pages.report.state.storm.remarks:
        pages.warn(remark)
    filled: Mapping[str, Any] = pages.report.summary.get("inputs", {}).get("filled") or {}  # type: ignore[attr-defined]  # a mapping
    counted = [(word(name, pages.lang), count) for name, count in filled.items() if count]
    heads = {"value": pages.saying("fact"), "count": pages.saying("how_many")}
    if counted:
        pages.table("filled_values", pd.DataFrame(counted, columns=list(heads)), tuple(heads), most=None, heads=heads)
        pages.note("filled_note")
    else:
        pages.say("nothing_filled")
    lacking = _lacking(pages)
    if lacking:
        pages.say("values_lacking", values=pages.listed(lacking))
    else:
        pages.say("nothing_lacking")
    if not pages.tells("quality"):
        return
    result = pages.report.results["quality"]
    summary = result.summary
    pages.say("quality_told", rules=summary["rules_checked"], errors=summary["errors"], warnings=summary["warnings"],
              infos=summary["infos"], unchecked=summary["rules_without_data"])  # fmt: skip
    rules = result.tables["rules"]
    found = rules[rules["findings"] > 0].sort_values("findings", ascending=False, kind="stable")
    said = all_of("rules")
    texts = [str(in_language(said.get(str(name), str(name)), pages.lang)) for name in found.index]
    pages.table("rules_broken", found.assign(rule_text=texts), ("rule_text", "severity", "findings", "checked"),
                heads={"rule_text": pages.saying("rule")})  # fmt: skip


def formula_words(pages: Pages) -> str | None:
    """Return the storm formula with its source, and whether that is verified; None where there is none."""
    state = pages.report.state
    formula = getattr(state.storm, "formula", None) if state is not None else None
    if not isinstance(formula, IntensityFormula):
        return None
    told = formula.name or formula.source
    if isinstance(formula, StormFormula):
        told += f"  q = {formula.A:g} (1 + {formula.C:g} lg P) / (t + {formula.b:g})^{formula.n:g}"
    verified = pages.saying("formula_verified" if formula.verified else "formula_not_verified")
    return pages.saying("formula", formula=told, source=formula.source, verified=verified)


def _lacking(pages: Pages) -> list[str]:
    """Return what is not known of pipes and nodes, in words, each with how many it is not known of."""
    pipes, nodes = pages.report.network.pipes, pages.report.network.nodes
    sized = pipes["diameter_mm"].notna() | (pipes["width_mm"].notna() & pipes["height_mm"].notna())
    lacking = {
        "invert_from_m": pipes["invert_from_m"].isna().sum(),
        "invert_to_m": pipes["invert_to_m"].isna().sum(),
        "diameter_mm": (~sized).sum(),
        "ground_m": nodes["ground_m"].isna().sum(),
    }
    return [f"{word(name, pages.lang)} {int(count):,}" for name, count in lacking.items() if count]


def _network_words(pages: Pages) -> str:
    net = pages.report.network
    length_km = net.pipes.groupby("system", sort=False)["length_m"].sum() / 1000.0
    systems = pages.listed([f"{pages.code('system', str(name))} {km:.1f} km" for name, km in length_km.items()])
    day = net.origin.as_of
    lying = pages.saying("of_all_days") if day is None else pages.saying("on_day", day=day)
    return pages.saying(
        "network_brief", day=lying if is_dated(net) else pages.saying("of_no_day"),
        length_km=float(length_km.sum()), pipes=len(net.pipes), systems=systems, nodes=len(net.nodes),
        outfalls=int((net.nodes["kind"] == "outfall").sum()),
    )  # fmt: skip


def _by_system(pages: Pages) -> pd.DataFrame:
    pipes = pages.report.network.pipes
    groups = pipes.assign(wide_mm=pipes["diameter_mm"].fillna(pipes["width_mm"])).groupby("system", sort=False)
    sizes = groups["wide_mm"]
    return pd.DataFrame(
        {
            "pipes": groups.size(),
            "length_km": groups["length_m"].sum() / 1000.0,
            "smallest_mm": sizes.min(),
            "largest_mm": sizes.max(),
        }
    ).rename_axis("system")


def _by_kind(pages: Pages) -> pd.DataFrame:
    kinds = pages.report.network.nodes["kind"].value_counts().rename_axis("kind")
    return pd.DataFrame({"nodes": kinds})


def _waterlogging(pages: Pages, found: Mapping[str, Any]) -> list[str]:
    points = pages.report.results["waterlogging"].tables["points"]
    told = [
        pages.saying(
            "waterlogging_brief", rain=rain_words(pages, pages.report.provenance.storm or {}), points=len(points),
            volume_m3=float(points["volume_m3"].sum()), grades=pages.counts("grade", found["by_grade"]),
        )
    ]  # fmt: skip
    if found["points"]:
        told.append(pages.saying("standards_brief", points=len(points), beyond=found["within_standard"]["no"]))
        told.append(pages.saying("causes_brief", causes=pages.counts("cause", found["by_cause"])))
    if found["reported"]:
        told.append(
            pages.saying("reported_brief", reported=found["reported"], hits=found["hits"], misses=found["misses"])
        )
    return told


def _mixed_flow(pages: Pages, found: Mapping[str, Any]) -> list[str]:
    return [
        pages.saying(
            "mixed_brief", misconnections=found["misconnections"], into_storm=found["sewage_into_storm"],
            into_sewage=found["storm_into_sewage"], mixed_km=found["mixed_length_km"],
            outfalls=found["fouled_outfalls"],
        )
    ]  # fmt: skip


def _separation(pages: Pages, found: Mapping[str, Any]) -> list[str]:
    return [
        pages.saying(
            "separation_brief", roads=found["roads"], length_km=found["length_km"], coverage=found["coverage_share"],
            effective=found["effective_share"], plots=found["plots_without_sewer"],
        )
    ]  # fmt: skip


def _quality(pages: Pages, found: Mapping[str, Any]) -> list[str]:
    return [pages.saying("quality_brief", errors=found["errors"], warnings=found["warnings"], infos=found["infos"])]


def _relief(pages: Pages, found: Mapping[str, Any]) -> list[str]:
    if not len(pages.report.results["relief"].tables["works"]):
        return [pages.saying("relief_none")]
    before_m3, after_m3, others = relieved(pages)
    told = [pages.saying("relief_brief", works=pages.counts("kind", found["works"]), laid_m=found["laid_m"],
                         before_m3=before_m3, after_m3=after_m3)]  # fmt: skip
    return [*told, pages.saying("relief_not_shown", count=len(others), points=pages.listed(others))] if others else told


def _closures(pages: Pages, found: Mapping[str, Any]) -> list[str]:
    lost = without_outlet(pages)
    told = [
        pages.saying(
            "closures_brief", closures=found["closures"], misconnections=found["misconnections"],
            freed_km=found["freed_length_km"], mixed_km=found["mixed_length_km"], outfalls=found["freed_outfalls"],
        )
    ]  # fmt: skip
    return [*told, pages.saying("closures_lost", count=lost)] if lost else told


def _cleaning(pages: Pages, found: Mapping[str, Any]) -> list[str]:
    return [
        pages.saying(
            "cleaning_brief", runs=found["runs"], length_m=found["length_m"], silt_m3=found["silt_volume_m3"],
            avoided_m3=found["avoided_together_m3"],
        )
    ]  # fmt: skip


def _inspection(pages: Pages, found: Mapping[str, Any]) -> list[str]:
    return [pages.saying("inspection_brief", openings=found["openings"], walk_km=found["walk_m"] / 1000.0)]


def rain_words(pages: Pages, storm: Mapping[str, Any]) -> str:
    """Return the rain of an answer in words."""
    if not storm:
        return pages.saying("rain_of_model")
    period = storm.get("return_period_a")
    depth, minutes = storm["depth_mm"], storm["duration_min"]
    known = isinstance(period, int | float)
    return pages.saying("rain_designed" if known else "rain_other", period=period, depth_mm=depth, minutes=minutes)


_BRIEF = {
    "quality": _quality,
    "waterlogging": _waterlogging,
    "mixed_flow": _mixed_flow,
    "separation": _separation,
    "relief": _relief,
    "closures": _closures,
    "cleaning": _cleaning,
    "inspection": _inspection,
}
