"""How a survey of built works was understood, on a screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from drainage.words import in_both, language

if TYPE_CHECKING:
    from drainage.report.submitted import Delivery


def survey_told(survey: Delivery) -> Iterator[str]:
    """Tell what a survey was understood to ask for, and what was decided where it leaves that open."""
    intake = cast("Mapping[str, Any]", survey.intake)
    counts = {action: intake["counts"][action] for action in ("add", "change", "abandon", "unchanged")}
    yield in_both("survey_understood", file=survey.name, **counts)
    yield from (one[language()] for one in intake["decided"])
    for place, left in intake["not_understood"].items():
        yield in_both("survey_left", place=place, columns=", ".join(left))
