"""A profile: which rules count, how severely, with which limits, and what makes a delivery acceptable."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self, get_args

from drainage.analyses.quality.rules import RULES, Rule
from drainage.errors import FormatError, SchemaError
from drainage.said import joined
from drainage.schema.issues import Severity
from drainage.words import in_both

#: Shares that an acceptance may bound from above, each between 0 and 1; and a least score between 0 and 100.
SHARES = ("errors_share_max", "warnings_share_max", "guessed_share_max", "missing_share_max")
SCORE = "score_min"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a delivery must keep to.

    Parameters
    ----------
    bounds
        `SHARES` and `SCORE` by name; what is not named is not asked for.
    rules
        Largest share of the features judged that a rule may find, by rule.
    """

    bounds: Mapping[str, float] = field(default_factory=dict)
    rules: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QualityProfile:
    """The rules in force, and the acceptance criteria, None if the profile has none.

    Parameters
    ----------
    rules
        Rules by id, in the order of the catalogue, without those that are switched off.
    acceptance
        Limits that `score_delivery` checks.

    Examples
    --------
    >>> import drainage as dr
    >>> profile = dr.analyses.QualityProfile.from_file("docs/survey/quality-profile.toml")
    >>> len(dr.analyses.QualityProfile().rules), len(profile.rules)
    (79, 78)
    >>> profile.limits()["gap"], profile.with_limit("gap", "distance_m", 0.2).limits()["gap"]
    ({'distance_m': 0.3}, {'distance_m': 0.2})
    """

    rules: Mapping[str, Rule] = field(default_factory=lambda: dict(RULES))
    acceptance: Acceptance | None = None

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a TOML file.

        Raises
        ------
        FormatError
            The file cannot be read or is not TOML.
        SchemaError
            It names an unknown rule or limit; the message lists the known ones.
        """
        file = Path(path)
        try:
            return cls.from_toml(file.read_text(encoding="utf-8"), place=file.name)
        except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as error:
            raise FormatError(in_both("no_profile", file=file.name, error=error)) from error

    @classmethod
    def from_toml(cls, text: str, *, place: str = "profile") -> Self:
        """Read a profile from text; see `from_file`."""
        document = tomllib.loads(text)
        if odd := sorted(set(document) - {"rules", "acceptance"}):
            raise SchemaError(in_both("unknown_tables", place=place, names=", ".join(odd)))
        changes = document.get("rules", {})
        _refuse_unknown(changes, place)
        rules = {name: _changed(rule, changes.get(name, {}), place) for name, rule in RULES.items()}
        in_force = {name: rule for name, rule in rules.items() if rule is not None}
        acceptance = _acceptance(document["acceptance"], place) if "acceptance" in document else None
        return cls(in_force, acceptance)

    def with_limit(self, rule: str, limit: str, value: float) -> Self:
        """Return a profile with one limit changed."""
        if rule not in self.rules:
            return self
        changed = replace(self.rules[rule], limits={**self.rules[rule].limits, limit: value})
        return replace(self, rules={**self.rules, rule: changed})

    def limits(self) -> dict[str, dict[str, float]]:
        """Return the limits of every rule, also of those that are switched off."""
        return {name: dict(self.rules.get(name, rule).limits) for name, rule in RULES.items()}


def load_profile(profile: QualityProfile | str | Path | None) -> QualityProfile:
    """Return a profile: as given, from a file, or the catalogue as it is."""
    if profile is None:
        return QualityProfile()
    return profile if isinstance(profile, QualityProfile) else QualityProfile.from_file(profile)


def _refuse_unknown(names: Mapping[str, object], place: str) -> None:
    if odd := sorted(set(names) - set(RULES)):
        raise SchemaError(in_both("unknown_rules", place=place, names=", ".join(odd), known=", ".join(RULES)))


def _changed(rule: Rule, change: object, place: str) -> Rule | None:
    if isinstance(change, bool):
        return rule if change else None
    if not isinstance(change, dict):
        raise SchemaError(in_both("rule_no_table", place=place, rule=rule.id, value=change))
    settings = dict(change)
    enabled, severity = settings.pop("enabled", True), settings.pop("severity", rule.severity)
    if not isinstance(enabled, bool):
        raise SchemaError(in_both("rule_not_switched", place=place, rule=rule.id, value=enabled))
    if severity not in get_args(Severity):
        known = ", ".join(get_args(Severity))
        wrong = in_both("not_one_of", name=f"rules.{rule.id}.severity", value=severity, known=known)
        raise SchemaError(joined([place, wrong], ": "))
    if odd := sorted(set(settings) - set(rule.limits)):
        known = ", ".join(["enabled", "severity", *rule.limits])
        raise SchemaError(in_both("has_no_key", place=place, of=f"rules.{rule.id}", names=", ".join(odd), known=known))
    limits = {name: _number(value, place, f"rules.{rule.id}.{name}") for name, value in settings.items()}
    return replace(rule, severity=severity, limits={**rule.limits, **limits}) if enabled else None


def _acceptance(table: Mapping[str, object], place: str) -> Acceptance:
    by_rule = table.get("rules", {})
    if not isinstance(by_rule, dict):
        raise SchemaError(in_both("shares_no_table", place=place, value=by_rule))
    _refuse_unknown(by_rule, joined([place, "acceptance.rules"], ": "))
    bounds = {name: value for name, value in table.items() if name != "rules"}
    if odd := sorted(set(bounds) - {*SHARES, SCORE}):
        known = ", ".join((*SHARES, SCORE, "rules"))
        raise SchemaError(in_both("has_no_key", place=place, of="acceptance", names=", ".join(odd), known=known))
    most = dict.fromkeys(SHARES, 1.0) | {SCORE: 100.0}
    return Acceptance(
        {name: _number(v, place, f"acceptance.{name}", most[name]) for name, v in bounds.items()},
        {name: _number(v, place, f"acceptance.rules.{name}", 1.0) for name, v in by_rule.items()},
    )


def _number(value: object, place: str, key: str, most: float = float("inf")) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
        wanted = "key_not_within" if most < float("inf") else "key_negative"
        raise SchemaError(in_both(wanted, place=place, key=key, value=value, most=most))
    return float(value)
