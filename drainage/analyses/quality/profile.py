"""A profile: which rules count, how severely, with which limits, and what makes a delivery acceptable."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self, get_args

from drainage.analyses.quality.rules import RULES, Rule
from drainage.errors import FormatError, SchemaError
from drainage.schema.issues import Severity

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
    """The rules in force, and the acceptance, None where the profile has none.

    Parameters
    ----------
    rules
        By id, in the order of the catalogue; rules that are switched off are not there.
    acceptance
        Only `score_delivery` asks for it.
    """

    rules: Mapping[str, Rule] = field(default_factory=lambda: dict(RULES))
    acceptance: Acceptance | None = None

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a TOML file.

        Raises
        ------
        FormatError
            It cannot be read or is no TOML.
        SchemaError
            It names a rule, limit or bound that there is not; the message lists those that there are.
        """
        file = Path(path)
        try:
            return cls.from_toml(file.read_text(encoding="utf-8"), place=file.name)
        except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as error:
            raise FormatError(f"{file.name}: cannot be read as a quality profile in TOML: {error}") from error

    @classmethod
    def from_toml(cls, text: str, *, place: str = "profile") -> Self:
        """Read a profile from text; see `from_file`."""
        document = tomllib.loads(text)
        if odd := sorted(set(document) - {"rules", "acceptance"}):
            raise SchemaError(f"{place}: unknown tables {', '.join(odd)}; expected rules, acceptance")
        changes = document.get("rules", {})
        _refuse_unknown(changes, place)
        rules = {name: _changed(rule, changes.get(name, {}), place) for name, rule in RULES.items()}
        in_force = {name: rule for name, rule in rules.items() if rule is not None}
        acceptance = _acceptance(document["acceptance"], place) if "acceptance" in document else None
        return cls(in_force, acceptance)

    def with_limit(self, rule: str, limit: str, value: float) -> Self:
        """Return a profile in which one limit is another."""
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
        raise SchemaError(f"{place}: unknown rules {', '.join(odd)}; expected some of {', '.join(RULES)}")


def _changed(rule: Rule, change: object, place: str) -> Rule | None:
    if isinstance(change, bool):
        return rule if change else None
    if not isinstance(change, dict):
        raise SchemaError(f"{place}: rules.{rule.id} = {change!r}; expected false, true or a table")
    settings = dict(change)
    enabled, severity = settings.pop("enabled", True), settings.pop("severity", rule.severity)
    if not isinstance(enabled, bool):
        raise SchemaError(f"{place}: rules.{rule.id}.enabled = {enabled!r}; expected true or false")
    if severity not in get_args(Severity):
        raise SchemaError(f"{place}: rules.{rule.id}.severity = {severity!r}; expected {', '.join(get_args(Severity))}")
    if odd := sorted(set(settings) - set(rule.limits)):
        known = ", ".join(["enabled", "severity", *rule.limits])
        raise SchemaError(f"{place}: rules.{rule.id} has no {', '.join(odd)}; expected {known}")
    limits = {name: _number(value, f"{place}: rules.{rule.id}.{name}") for name, value in settings.items()}
    return replace(rule, severity=severity, limits={**rule.limits, **limits}) if enabled else None


def _acceptance(table: Mapping[str, object], place: str) -> Acceptance:
    by_rule = table.get("rules", {})
    if not isinstance(by_rule, dict):
        raise SchemaError(f"{place}: acceptance.rules = {by_rule!r}; expected a table of shares by rule")
    _refuse_unknown(by_rule, f"{place}: acceptance.rules")
    bounds = {name: value for name, value in table.items() if name != "rules"}
    if odd := sorted(set(bounds) - {*SHARES, SCORE}):
        raise SchemaError(f"{place}: acceptance has no {', '.join(odd)}; expected {', '.join((*SHARES, SCORE))}, rules")
    most = dict.fromkeys(SHARES, 1.0) | {SCORE: 100.0}
    return Acceptance(
        {name: _number(v, f"{place}: acceptance.{name}", most[name]) for name, v in bounds.items()},
        {name: _number(v, f"{place}: acceptance.rules.{name}", 1.0) for name, v in by_rule.items()},
    )


def _number(value: object, where: str, most: float = float("inf")) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
        bound = f" between 0 and {most:g}" if most < float("inf") else ", not negative"
        raise SchemaError(f"{where} = {value!r}; expected a number{bound}")
    return float(value)
