"""What of an .inp would silence a design storm, cut it off, or let other water run instead: refused or set aside.

The engine does as its file says: it may keep statistics of other hours than those of the storm, let rain fall as snow,
take the runoff of a file for that of the rain. Each of these is undone here, and said.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from drainage.errors import SimulationError
from drainage.formats.inp.text.lines import drop_rows
from drainage.formats.inp.text.tokens import option_word, split_line
from drainage.words import in_both

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drainage.formats.inp.text.tokens import InpText
    from drainage.said import Said
    from drainage.schema import Issues

    Sections = dict[str, list[str]]

_DATE: Final = "%m/%d/%Y"
_TIME: Final = "%H:%M:%S"
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
#: A simulation that goes on for longer than this and than the storm and its drain-down ends there (own choice): three
#: days hold the water of a slow network and the patterns of dry weather.
LONGEST_MIN: Final = 4320.0
#: A step between reports beyond which a storm may see none at all (own choice).
LONGEST_REPORT_S: Final = 3600.0
#: Interface files whose water comes from another rain.
_OTHER_RAIN: Final = ("RAINFALL", "RUNOFF", "RDII")


def refuse_still_pipes(text: InpText) -> None:
    """Refuse a model whose pipes are not computed.

    Raises
    ------
    SimulationError
        It ignores routing, so that nothing could flood.
    """
    ignored = text.options.get("IGNORE_ROUTING", "NO").startswith("YES")
    if ignored or text.options.get("FLOW_ROUTING", "").startswith("NONE"):
        raise SimulationError(in_both("routing_ignored" if ignored else "routing_none", file=text.path.name))


def make_way_for_storm(sections: Sections, text: InpText, minutes: float, issues: Issues) -> None:
    """Start a storm at the beginning of a model, and its statistics with it (in place).

    Parameters
    ----------
    minutes
        Duration of the storm and of what drains down after it.
    issues
        Takes what was set otherwise, code ``set_for_storm``.

    Raises
    ------
    SimulationError
        The model ignores rain or routing.
    """
    if text.options.get("IGNORE_RAINFALL", "NO").startswith("YES"):
        raise SimulationError(in_both("rainfall_ignored", file=text.path.name))
    refuse_still_pipes(text)
    said = [
        *_drop(sections, "EVENTS", lambda _: True, in_both("events_limit"), in_both("left_out")),
        *_drop(sections, "FILES", lambda row: len(row) > 1 and row[0].upper().startswith("USE")
               and row[1].upper().startswith(_OTHER_RAIN), in_both("file_of_other_rain"), in_both("left_out")),
        *_drop(sections, "ADJUSTMENTS", lambda row: row[0].upper().startswith("RAIN"),
               in_both("rain_by_month"), in_both("rain_as_it_is")),
    ]  # fmt: skip
    if any(row[0].upper().startswith("CONDUCT") for row in text.rows("ADJUSTMENTS")):
        said.append((in_both("infiltration_by_month"), in_both("kept_by_month")))
    options: dict[str, str] = {}
    if text.options.get("SKIP_STEADY_STATE", "NO").startswith("YES"):
        options["SKIP_STEADY_STATE"] = "NO"
        said.append((in_both("passes_over_steady"), in_both("set_to_no")))
    by_temperature = any(row[0].upper().startswith(("TIMESERIES", "FILE")) for row in text.rows("TEMPERATURE"))
    if by_temperature and not text.options.get("IGNORE_SNOWMELT", "NO").startswith("YES"):
        options["IGNORE_SNOWMELT"] = "YES"
        said.append((in_both("rain_as_snow"), in_both("snowmelt_ignored")))
    if (step := clock_seconds(text.options.get("REPORT_STEP", ""))) is not None and step > LONGEST_REPORT_S:
        options["REPORT_STEP"] = "01:00:00"
        said.append((in_both("reports_seldom", hours=step / 3600), in_both("report_step_set")))
    options |= _settle_times(text, minutes, said)
    set_options(sections, options)
    for reason, action in said:
        issues.add("set_for_storm", "warning", "file", [text.path.name], reason, action)


def set_options(sections: Sections, options: Mapping[str, str]) -> None:
    """Set options, adding those that are missing (in place)."""
    if options:
        kept = drop_rows(sections.get("OPTIONS", []), lambda row: option_word(row[0]) in options)
        sections["OPTIONS"] = [*kept, *(f"{name}  {value}" for name, value in options.items())]


def begin_statistics(text: InpText, issues: Issues) -> dict[str, str]:
    """Return the options by which the statistics of a model begin with its simulation; none where they do."""
    begin, report = moment(text, "START", None), moment(text, "REPORT_START", None)
    named = any(name.startswith("REPORT_START") for name in text.options)
    if not named or begin is None or (report is not None and report <= begin):
        return {}
    reason, action = in_both("statistics_late"), in_both("statistics_begin")
    issues.add("late_report", "warning", "file", [text.path.name], reason, action)
    return {"REPORT_START_DATE": begin.strftime(_DATE), "REPORT_START_TIME": begin.strftime(_TIME)}


def span_words(text: InpText) -> str:
    """Say, as a clause behind others, from when to when a model runs; empty where its dates are not understood."""
    begin, end = moment(text, "START", None), moment(text, "END", None)
    return "" if begin is None or end is None else in_both("engine_span", begin=begin, end=end)


def moment(text: InpText, which: str, default: dt.datetime | None) -> dt.datetime | None:
    """Read a date and time of the options; the engine's own default is the first of January 2004."""
    date, time = text.options.get(f"{which}_DATE"), text.options.get(f"{which}_TIME", "0:00:00")
    base = default or dt.datetime(2004, 1, 1)  # noqa: DTZ001 - the model's own clock
    read = base if date is None else _day(date)
    seconds = clock_seconds(time)
    try:
        if read is None or seconds is None:
            return None
        return dt.datetime(read.year, read.month, read.day) + dt.timedelta(seconds=seconds)  # noqa: DTZ001 - likewise
    except OverflowError:
        return None


def clock_seconds(time: str) -> float | None:
    """Read hours, minutes and seconds separated by colons, s; None if the text is not a time."""
    try:
        parts = [float(part) for part in time.split(":")]
    except ValueError:
        return None
    return sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))


def _day(date: str) -> dt.datetime | None:
    """Read month, day and year, separated by - or /; the month may be a name."""
    parts = date.replace("-", "/").split("/")
    try:
        month = _MONTHS.index(parts[0][:3].upper()) + 1 if parts[0][:1].isalpha() else int(parts[0])
        return dt.datetime(int(parts[2]), month, int(parts[1]))  # noqa: DTZ001 - the model's own clock
    except (ValueError, IndexError, OverflowError):
        return None


def _settle_times(text: InpText, minutes: float, said: list[tuple[Said, Said]]) -> dict[str, str]:
    """Start the statistics with the simulation, and end both when the storm has drained."""
    begin = moment(text, "START", None)
    if begin is None:
        date, time = (text.options.get(f"START_{part}", "") for part in ("DATE", "TIME"))
        raise SimulationError(in_both("no_start", file=text.path.name, date=date, time=time))
    settled: dict[str, str] = {}
    report = moment(text, "REPORT_START", begin)
    if report is None or report > begin:
        settled |= {"REPORT_START_DATE": begin.strftime(_DATE), "REPORT_START_TIME": begin.strftime(_TIME)}
        said.append((in_both("statistics_late"), in_both("statistics_begin")))
    end = moment(text, "END", begin)
    least = begin + dt.timedelta(minutes=minutes)
    most = begin + dt.timedelta(minutes=max(minutes, LONGEST_MIN))
    until = least if end is None or end < least else most if end > most else None
    if until is not None:
        settled |= {"END_DATE": until.strftime(_DATE), "END_TIME": until.strftime(_TIME)}
        reason = in_both("ends_too_soon") if until == least else in_both("ends_too_late", end=end)
        said.append((reason, in_both("ends_at", end=until)))
    return settled


def _drop(
    sections: Sections, section: str, unwanted: Callable[[list[str]], bool], reason: Said, action: Said
) -> list[tuple[Said, Said]]:
    """Leave out rows, and say so where there were any."""
    lines = sections.get(section, [])
    kept = drop_rows(lines, unwanted)
    if len(kept) == len(lines):
        return []
    gone = [" ".join(split_line(line)) for line in lines if line not in kept]
    sections[section] = kept
    return [(in_both("with_its_row", what=reason, row=gone[0][:60]), action)]
