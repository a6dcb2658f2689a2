"""How well the values of a column fit one of ours: above 0 they speak for it, below against it, and −4 forbids it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from drainage.intake.matching.column_profiles import Profile
from drainage.intake.matching.sample import Sample
from drainage.schema.columns import METRES_PER_UNIT

#: What forbids a column: neither a name alone nor a twin overrules it.
FORBIDDEN: Final = -4.0
#: A code list → points for a column of nothing but its words.
_OF_WORDS: Final = {"system": 3.0, "material": 3.2, "status": 2.6, "shape": 2.4, "kind": 2.0}
_UNITS: Final = ("MM", "CM", "IN", '"', "''", "INCH", "毫米")


class Says(NamedTuple):
    """Points, and the sentence of words.toml that gives the reason, with the number in it."""

    points: float
    key: str = ""
    share: float = 0.0
    unit: str = ""


_SILENT: Final = Says(0.0)


def what_content_says(sample: Sample, column: Profile, ours: str) -> Says:
    """Return how well the values of a column fit a column of ours."""
    if ours in _JUDGES:
        return _JUDGES[ours](column)
    if ours == "length_m":
        return _as_length(sample, column)
    if ours in ("commissioned", "abandoned"):
        return _as_date(sample, column)
    return _as_words(sample, column, ours) if ours in _OF_WORDS else _as_other(column, ours)


def _as_id(column: Profile) -> Says:
    measured = column.numeric > 0.9 and column.whole < 0.98
    if column.dates > 0.5 or (measured and (_is_number(column) or column.unique <= 0.985)):
        return Says(FORBIDDEN, "match_no_ids")
    if column.unique <= 0.985:
        return Says(-1.5 if column.unique > 0.95 else FORBIDDEN, "match_ids_repeat", column.unique)
    if measured:  # texts such as 79.1, the first pipe of node 79
        return _SILENT
    lettered = column.guid < 0.5 and _lettered(column)
    points = 1.0 + 0.3 * lettered if column.filled > 0.99 else -0.2 if column.filled > 0.6 else -1.2
    return Says(points, "match_ids_unique", column.unique)


def _lettered(column: Profile) -> bool:
    """Return whether most values are letters and a number, as an office names its features: MH-1234."""
    texts = column.spelled[:-1][:200]
    named = sum(text[:1].isalpha() and text.isascii() and any(sign.isdigit() for sign in text) for text in texts)
    return bool(named > 0.8 * len(texts))


def _as_end(column: Profile) -> Says:
    if not column.is_key or column.unique <= 0.2:
        return Says(FORBIDDEN, "match_no_keys")
    return Says(0.5, "match_keys") if column.whole == 1 or column.numeric < 0.5 else _SILENT


def _as_level(column: Profile) -> Says:
    if column.is_level:
        return Says(0.5, "match_levels")
    if column.numeric > 0.8 and len(column.known) < 12 and column.dates < 0.5:
        return Says(0.4 if column.whole < 1 else 0.0, "match_few_numbers")
    return Says(FORBIDDEN, "match_no_levels")


def _as_depth(column: Profile) -> Says:
    known = column.known
    fits = column.numeric > 0.8 and column.dates < 0.5 and column.years < 0.5 and len(known) > 0
    if fits and np.percentile(known, 5) >= 0 and np.median(known) < 20:
        return Says(0.3, "match_depths")
    return Says(FORBIDDEN, "match_no_depths")


def _as_diameter(column: Profile) -> Says:
    in_text = column.numeric < 0.8 and column.size_text > 0.5
    return Says(1.0, "match_size_texts", column.size_text) if in_text else _as_size(column)


def _as_size(column: Profile) -> Says:
    if column.numeric > 0.5 and column.size_text > 0.3 and not _is_number(column):
        return Says(2.0, "match_sizes_with_unit") if _has_units(column) else _in_series(column)
    known = column.known
    if column.numeric < 0.8 or column.dates > 0.5 or column.years > 0.9 or not len(known) or known.min() < 0:
        return Says(FORBIDDEN, "match_no_sizes")
    return _in_series(column)


def _in_series(column: Profile) -> Says:
    unit, share = column.series
    if share >= 0.8:
        return Says(1.5, "match_sizes", share, unit)
    return Says(0.3, "match_some_sizes", share, unit) if share >= 0.5 else Says(-1.5, "match_odd_sizes", share, unit)


def _is_number(column: Profile) -> bool:
    return bool(np.issubdtype(column.values.dtype, np.number)) if isinstance(column.values.dtype, np.dtype) else False


def _has_units(column: Profile) -> bool:
    texts = column.spelled[:-1][:200]
    return bool(sum(text.endswith(_UNITS) for text in texts) > 0.3 * len(texts))


def _as_length(sample: Sample, column: Profile) -> Says:
    if column.numeric < 0.8 or column.dates > 0.5 or not len(column.known):
        return Says(FORBIDDEN, "match_no_lengths")
    with np.errstate(all="ignore"):
        ratio = column.number / sample.length
    ratio = ratio[np.isfinite(ratio)]
    if not len(ratio):
        return _SILENT
    median = float(np.median(ratio))
    for unit, one in (("m", 1.0), ("ft", 1 / METRES_PER_UNIT["ft"])):
        if (np.abs(ratio / one - 1) < 0.1).mean() > 0.5:
            return Says(2.5, "match_lengths", median, unit)
    return Says(FORBIDDEN, "match_other_lengths", median)


def _as_date(sample: Sample, column: Profile) -> Says:
    if max(column.dates, column.years) < 0.3:
        return Says(FORBIDDEN, "match_no_dates")
    return Says(1.0, "match_dates") if column.distinct > 1 or len(sample) < 4 else Says(-0.8, "match_one_date")


def _as_road(column: Profile) -> Says:
    if column.numeric > 0.8 or column.dates > 0.5:
        return Says(FORBIDDEN, "match_no_text")
    share = column.streets
    if share < 0.3:
        return Says(-0.5, "match_no_streets")
    return Says(3.2 if share > 0.6 else 1.2, "match_streets", share)


def _as_words(sample: Sample, column: Profile, ours: str) -> Says:
    coded = column.numeric > 0.8
    many = column.distinct > max(25, 0.2 * len(sample) * column.filled)
    if many or column.dates > 0.5 or column.guid > 0.5 or (coded and (column.whole < 0.98 or column.years > 0.5)):
        return Says(FORBIDDEN, "match_no_codes")
    share = column.shares.get(ours, 0.0)
    if share >= 0.5:
        short = column.distinct < 2 and len(column.spelled[0]) < 4  # one short code may mean anything
        several = 0.5 * (share > 0.85 and column.distinct > 2) + 0.5 * (share > 0.98 and column.distinct > 1)
        most = 1.0 if share > 0.85 else 0.7
        return Says(most * _OF_WORDS[ours] * share - 1.2 * short + several, "match_words", share)
    if coded:
        return Says(-0.6 if column.distinct <= 25 else -3.0, "match_codes")
    others = max((one for name, one in column.shares.items() if name not in (ours, "kind")), default=0.0)
    return (
        Says(-2.5, "match_other_words", others) if others > 0.8 and share < 0.2 else Says(-0.6, "match_unknown_words")
    )


def _as_other(column: Profile, ours: str) -> Says:
    """Columns that a name alone tells: their numbers must be such, where they are numbers."""
    bounds = _BOUNDS.get(ours)
    if bounds is None:
        return _SILENT
    fits = column.numeric > 0.5 and len(column.written) and np.nanmedian(column.written) <= bounds
    return _SILENT if fits else Says(FORBIDDEN, "match_no_such_numbers")


#: The most that a column which is told by its name may hold by and large.
_BOUNDS: Final = {
    "manning_n": 0.2, "silt_share": 100.0, "water_level_m": 9000.0, "area_ha": 1e5, "runoff_coefficient": 1.0,
}  # fmt: skip
_JUDGES: Final[dict[str, Callable[[Profile], Says]]] = {
    **dict.fromkeys(("pipe_id", "node_id"), _as_id),
    **dict.fromkeys(("from_node", "to_node"), _as_end),
    **dict.fromkeys(
        ("invert_from_m", "invert_to_m", "invert_m", "ground_from_m", "ground_to_m", "ground_m"), _as_level
    ),
    **dict.fromkeys(("depth_from_m", "depth_to_m", "depth_m"), _as_depth),
    "diameter_mm": _as_diameter,
    **dict.fromkeys(("width_mm", "height_mm"), _as_size),
    "road": _as_road,
}
