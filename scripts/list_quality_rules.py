"""Write the list of quality rules in docs/quality.md from the catalogue, or say with --check that it is up to date."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from drainage.analyses.quality import RULES, Rule

PAGE = Path(__file__).parent.parent / "docs" / "quality.md"
BEGIN, END = "<!-- rules: written by scripts/list_quality_rules.py -->\n", "<!-- end of rules -->\n"


def row(rule: Rule) -> str:
    """Write one rule as a row of a table."""
    limits = "<br>".join(f"`{name}` {value:g}" for name, value in rule.limits.items()) or "–"
    cells = (
        f"`{rule.id}`",
        rule.severity,
        f"{rule.kind}: {rule.en}<br>{rule.zh}",
        rule.unit or "–",
        limits,
        rule.clause,
        f"{rule.remedy_en}<br>{rule.remedy_zh}",
    )
    return f"| {' | '.join(cells)} |"


def tables() -> str:
    """Write a table for each family."""
    columns = ("Rule", "Severity", "Fires where a", "Magnitude", "Limits", "Clause or reason", "Remedy")
    head = f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}"
    parts = []
    for family, rules in groupby(RULES.values(), key=lambda rule: rule.family):
        rows = [row(rule) for rule in rules]
        parts.append(f"### {family.capitalize()} ({len(rows)})\n\n{head}\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def main() -> int:
    """Replace what stands between the marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    fresh = f"{before}{BEGIN}\n{tables()}\n{END}{after}"
    if "--check" in sys.argv[1:]:
        return int(fresh != page)
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
