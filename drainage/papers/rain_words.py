"""How the rain of a drawing is named in its notes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from drainage.papers.sayings import saying
from drainage.said import Said, in_language, joined

if TYPE_CHECKING:
    from drainage.hydraulics.rainfall import Storm
    from drainage.said import Language


def rains(named: Iterable[tuple[Said, Storm]], lang: Language) -> str:
    """Name rains by formula, whether that is verified, length, and the depth of each."""
    depths: dict[tuple[str, object], list[str]] = {}
    for name, storm in named:
        facts = storm.facts
        formula = str(facts.get("formula", ""))
        verified = saying("verified" if facts.get("verified") else "not_verified", lang) if formula else ""
        told = saying("rain_depth", lang, storm=name, depth_mm=facts["depth_mm"])
        depths.setdefault((f"{formula}{verified} ".lstrip(), round(storm.duration_min, 1)), []).append(told)
    told_each = [
        saying("rain", lang, formula=formula, minutes=minutes, depths=in_language(joined(each, ", "), lang))
        for (formula, minutes), each in depths.items()
    ]
    return str(in_language(joined(told_each, "; "), lang))
