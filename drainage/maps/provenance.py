"""The line under the heading of a map: for which rain, of which day, by which engine, from what, made when."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drainage.provenance import Provenance

_MOST_FILES = 3


def provenance_line(said: Provenance) -> str:
    """Return where an answer comes from as one line; what does not apply is left out.

    Examples
    --------
    >>> from drainage.provenance import Provenance
    >>> provenance_line(Provenance(as_of="2024-06-30", engine="screening", made_at="2024-07-01T08:00:00+08:00"))
    '管网日期 as of 2024-06-30 · 引擎 engine screening · 制作 made 2024-07-01 08:00 · drainage 0.1.0'
    """
    files = list(said.source or ())
    more = f" +{len(files) - _MOST_FILES}" if len(files) > _MOST_FILES else ""
    parts = [
        *(_storm(said.storm) if said.storm else ()),
        _named("管网日期 as of", said.as_of),
        _named("引擎 engine", said.engine),
        _named("来源 source", files[:_MOST_FILES]) + more if files else "",
        f"制作 made {said.made_at[:16].replace('T', ' ')}",
        f"drainage {said.version}",
    ]
    return " · ".join(part for part in parts if part)


def _storm(storm: Mapping[str, object]) -> list[str]:
    formula = storm["formula"] is not None
    figures = [
        f"P = {_text(storm['return_period_a'])} a" if formula else "",
        f"{_text(storm['duration_min'])} min",
        f"{_text(storm['depth_mm'])} mm",
        _text(storm["shape"]),
    ]
    rain = "设计暴雨 design storm" if formula else "实际降雨 given rain"
    verified = {True: "已核实 verified", False: "未核实 not verified"}.get(storm["verified"] is True)
    return [
        f"{rain} {', '.join(filter(None, figures))}",
        *([f"暴雨公式 formula {_text(storm['formula'])}（{verified}）"] if formula else []),
    ]


def _named(name: str, value: object) -> str:
    return f"{name} {_text(value)}" if value else ""


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)
