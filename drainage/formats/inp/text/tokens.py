"""The text of an .inp: its sections, lines and tokens, its options and units; nothing of what they mean for a network.

Read as the engine reads it (SWMM 5.2, input.c): sections and keywords by their first letters in any case, ``;`` begins
a comment, spaces and tabs part tokens and no other blank does (a no-break or a wide space belongs to a name), a token
in quotes may be empty or hold blanks, a line whose first token begins with ``[`` is a heading, names differ by more
than case.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.errors import FormatError
from drainage.said import joined
from drainage.schema import Issues
from drainage.words import in_both

_PLAIN_TOKEN: Final = re.compile(r"[^ \t\r\n]+")
_TOKEN: Final = re.compile(r'"([^"\n]*)"?|([^ \t\r\n]+)')
#: The engine reads no more tokens of a line.
MOST_TOKENS: Final = 40

#: First letters by which the engine knows a section → our one name for it.
_SECTIONS: Final = {
    word.rstrip("+"): word.replace("+", "S")
    for word in [
        "TITLE",
        "OPTION+",
        "FILE+",
        "RAINGAGE+",
        "TEMPERATURE",
        "EVAP",
        "SUBCATCHMENT+",
        "SUBAREA+",
        "INFIL",
        "AQUIFER+",
        "GROUNDWATER",
        "SNOWPACK+",
        "JUNC",
        "OUTFALL+",
        "STORAGE",
        "DIVIDER+",
        "CONDUIT+",
        "PUMP+",
        "ORIFICE+",
        "WEIR+",
        "OUTLET+",
        "XSECT",
        "TRANSECT+",
        "LOSS",
        "CONTROL+",
        "POLLUT",
        "LANDUSE+",
        "BUILDUP",
        "WASHOFF",
        "COVERAGE+",
        "INFLOW+",
        "DWF",
        "PATTERN+",
        "RDII",
        "HYDROGRAPH+",
        "LOADING+",
        "TREATMENT",
        "CURVE+",
        "TIMESERIES",
        "REPORT",
        "COORDINATE+",
        "VERTICES",
        "POLYGON+",
        "LABEL+",
        "SYMBOL+",
        "BACKDROP",
        "TAG+",
        "PROFILE+",
        "MAP",
        "LID_CONTROL+",
        "LID_USAGE",
        "GWF",
        "ADJUSTMENT+",
        "EVENT+",
        "STREET+",
        "INLET+",
        "INLET_USAGE",
    ]
} | {"JUNC": "JUNCTIONS", "XSECT": "XSECTIONS", "INFIL": "INFILTRATION", "EVAP": "EVAPORATION", "LOSS": "LOSSES"}
_SECTIONS["POLLUT"] = "POLLUTANTS"
#: Names of all sections that the engine knows.
SECTIONS: Final = frozenset(_SECTIONS.values())
#: Sections that only EPANET knows, the engine for water supply whose files have the same ending.
_EPANET: Final = ("PIPE", "RESERVOIR", "TANK", "VALVE", "EMITTER", "DEMAND", "REACTION", "ENERGY", "MIXING")

#: Options by their first letters, in the order in which the engine looks for them.
_OPTIONS: Final = (
    "FLOW_UNITS", "INFILTRATION", "FLOW_ROUTING", "START_DATE", "START_TIME", "END_DATE", "END_TIME",
    "REPORT_START_DATE", "REPORT_START_TIME", "SWEEP_START", "SWEEP_END", "DRY_DAYS", "WET_STEP", "DRY_STEP",
    "REPORT_STEP", "RULE_STEP", "ROUTING_STEP", "ALLOW_PONDING", "INERTIAL_DAMPING", "SLOPE_WEIGHTING",
    "VARIABLE_STEP", "NORMAL_FLOW_LIMITED", "LENGTHENING_STEP", "MIN_SURFAREA", "COMPATIBILITY", "SKIP_STEADY_STATE",
    "TEMPDIR", "IGNORE_RAINFALL", "FORCE_MAIN_EQUATION", "LINK_OFFSETS", "MIN_SLOPE", "IGNORE_SNOWMELT",
    "IGNORE_GROUNDWATER", "IGNORE_ROUTING", "IGNORE_QUALITY", "MAX_TRIALS", "HEAD_TOLERANCE", "SYS_FLOW_TOL",
    "LAT_FLOW_TOL", "IGNORE_RDII", "MINIMUM_STEP", "THREADS", "SURCHARGE_METHOD",
)  # fmt: skip

#: m³/s per unit of flow; the first three go with feet and acres, the others with metres and hectares.
FLOW_M3S: Final = {
    "CFS": 0.3048**3,
    "GPM": 231 * 0.0254**3 / 60,
    "MGD": 231e6 * 0.0254**3 / 86400,
    "CMS": 1.0,
    "LPS": 1e-3,
    "MLD": 1e3 / 86400,
}
_US: Final = ("CFS", "GPM", "MGD")


@dataclass(frozen=True, slots=True)
class Units:
    """What one unit of the file is in ours.

    Parameters
    ----------
    flow
        Name of the unit of flow, which decides the others.
    """

    flow: str

    @property
    def length_m(self) -> float:
        """Foot or metre."""
        return 0.3048 if self.flow in _US else 1.0

    @property
    def area_ha(self) -> float:
        """Acre or hectare."""
        return 43560 * 0.3048**2 / 1e4 if self.flow in _US else 1.0

    @property
    def flow_m3s(self) -> float:
        """Unit of flow."""
        return FLOW_M3S[self.flow]


@dataclass(frozen=True, slots=True)
class InpText:
    """An .inp as it stands.

    Parameters
    ----------
    path
        The file.
    sections
        Name → lines verbatim, comments and column headings included, in the order of the file; a section that is
        repeated is joined.
    encoding
        How the bytes were read.
    allow_outside
        The user's yes to files that it names and that lie outside its folder.
    """

    path: Path
    sections: Mapping[str, Sequence[str]]
    encoding: str
    allow_outside: bool = False
    options: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Read the options; the last of a name counts."""
        named = {option_word(row[0]): row[1].upper() for row in self.rows("OPTIONS") if len(row) > 1}
        object.__setattr__(self, "options", named)

    def rows(self, section: str) -> list[list[str]]:
        """Return the tokens of the lines of a section that have any."""
        return [tokens for line in self.sections.get(section, ()) if (tokens := split_line(line))]

    def table(self, section: str, columns: Sequence[str]) -> pd.DataFrame:
        """Return a section as columns of text; what a line lacks is missing, what it has beyond is left out."""
        width = len(columns)
        rows = [[*row[:width], *[None] * (width - len(row))] for row in self.rows(section)]
        return pd.DataFrame(rows, columns=list(columns), dtype=object)

    @property
    def units(self) -> Units:
        """Units of the file: CFS and feet where it names none."""
        written = self.options.get("FLOW_UNITS", "CFS")
        return Units(next((unit for unit in FLOW_M3S if written.startswith(unit)), written))

    @property
    def has_elevation_offsets(self) -> bool:
        """Whether offsets of links are elevations, not heights above the node."""
        return self.options.get("LINK_OFFSETS", "DEPTH").startswith("ELEV")


def read_text(path: str | Path, issues: Issues, *, allow_outside: bool = False) -> InpText:
    """Read an .inp into its sections.

    Parameters
    ----------
    issues
        Takes sections that the engine does not know.
    allow_outside
        Read and run files that it names and that lie outside its folder.

    Raises
    ------
    FormatError
        No such file, no SWMM model, an EPANET model, or a unit of flow that the engine does not know.
    """
    file = Path(path)
    if not file.is_file():
        raise FormatError(in_both("folder_of_inp" if file.is_dir() else "inp_not_there", file=file))
    content, encoding = _decode(file.read_bytes())
    sections, unknown = part_sections(content)
    _check_kind(file, sections, unknown)
    issues.add("unknown_section", "info", "file", [file.name] * len(unknown),
               [in_both("section_of_none", section=name) for name in unknown], in_both("kept_as_text"))  # fmt: skip
    text = InpText(file, {name: tuple(part) for name, part in sections.items()}, encoding, allow_outside)
    if text.units.flow not in FLOW_M3S:
        raise FormatError(
            in_both("flow_units_unknown", file=file.name, unit=text.units.flow, known=joined(FLOW_M3S, ", "))
        )
    return text


def part_sections(content: str) -> tuple[dict[str, list[str]], list[str]]:
    """Split a text into its sections, and name the headings that the engine does not know; repeated ones are joined."""
    sections: dict[str, list[str]] = {}
    lines: list[str] = []
    unknown = []
    for line in split_lines(content):
        heading = heading_of(line)
        if not heading:
            lines.append(line)
            continue
        name = _section(heading)
        if name is None:
            unknown.append(heading)
        lines = sections.setdefault(name or heading, [])
    return sections, unknown


def heading_of(line: str) -> str:
    """Return the heading that a line is, in quotes or not; empty where it is none."""
    if line.lstrip(' \t\r"')[:1] != "[":
        return ""
    first = next(iter(split_line(line)), "")
    return first if first.startswith("[") else ""


def split_lines(content: str) -> list[str]:
    """Return the lines of a text: only a line feed ends one, not also the ellipsis of Windows-1252 and other marks."""
    return content.replace("\r\n", "\n").removesuffix("\n").split("\n")


def split_line(line: str) -> list[str]:
    """Return the tokens of a line without its comment, as many as the engine reads."""
    body = line.split(";", 1)[0]
    if '"' not in body:
        return _PLAIN_TOKEN.findall(body)[:MOST_TOKENS]
    return [plain or quoted for quoted, plain in _TOKEN.findall(body)][:MOST_TOKENS]


def option_word(written: str) -> str:
    """Return the option that the engine takes a word for; the word itself where it knows none."""
    word = written.upper()
    return next((name for name in _OPTIONS if word.startswith(name)), word)


def numbers(table: pd.DataFrame, column: str, issues: Issues, *, feature_kind: str, default: float = np.nan) -> Floats:
    """Read a column as numbers; ``*`` and missing tokens are the default, and so are other texts, with an issue.

    Parameters
    ----------
    table
        Columns of text, the first holds the ids.
    """
    texts = table[column]
    read = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64, copy=True)
    unreadable = (np.isnan(read) & texts.notna() & ~texts.isin(["*", ""])).to_numpy()
    issues.add(
        "not_a_number",
        "error",
        feature_kind,
        table.iloc[:, 0][unreadable],
        [in_both("is_no_number", column=column, text=text) for text in texts[unreadable]],
        in_both("column_unknown", column=column)
        if np.isnan(default)
        else in_both("column_taken_as", column=column, value=default),
    )
    read[np.isnan(read)] = default
    return read


def match_names(names: pd.Series, known: pd.Index | pd.Series) -> pd.Series:
    """Return names as they are written where they are defined, whatever their case here; missing where nowhere."""
    spelled = {str(name).upper(): str(name) for name in known}
    return names.map(lambda name: spelled.get(str(name).upper()), na_action="ignore").astype(object)


def begins(column: pd.Series, *words: str) -> pd.Series:
    """Mark where a column of text begins with one of some words, in any case."""
    return column.astype("str").str.upper().str.startswith(words).fillna(value=False).astype(bool)


def one_row_per_id(table: pd.DataFrame, feature_kind: str, issues: Issues) -> pd.DataFrame:
    """Keep the first of the rows whose first column, the id, is the same but for case."""
    repeated = table.iloc[:, 0].astype("str").str.upper().duplicated()
    ids = table.iloc[:, 0][repeated]
    issues.add("duplicate_id", "error", feature_kind, ids, in_both("id_repeated"), in_both("first_kept"))
    return table[~repeated].reset_index(drop=True)


def _decode(content: bytes) -> tuple[str, str]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace"), "utf-16"
    # the engine would end a line at a character 0, that goes on for everybody else
    content = content.replace(b"\0", b"")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            read = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "gb18030" or _looks_chinese(content):
            return read, encoding
    return content.decode("latin-1"), "latin-1"


def _looks_chinese(content: bytes) -> bool:
    """Return whether text decoded as GB 18030 is Chinese, not Latin-1, whose bytes decode as Chinese too.

    Letters with accents stand among plain ones, so that as Chinese they pair with those; of Chinese text most bytes
    pair with others beyond ASCII (own choice: at least as many).
    """
    rest, rare = re.subn(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]", b" ", content)  # signs of four bytes
    pairs = re.findall(rb"[\x81-\xfe][\x30-\xfe]", rest)
    both_high = rare + sum(pair[1] >= 0x80 for pair in pairs)
    return bool(2 * both_high >= len(pairs) + rare)


def _section(heading: str) -> str | None:
    word = heading.removeprefix("[").rstrip("]").upper()
    begun = [prefix for prefix in _SECTIONS if word.startswith(prefix)]
    if begun:
        return _SECTIONS[max(begun, key=len)]
    shorter = {name for prefix, name in _SECTIONS.items() if len(word) >= 3 and prefix.startswith(word)}
    return shorter.pop() if len(shorter) == 1 else None


def _check_kind(file: Path, sections: Mapping[str, Sequence[str]], unknown: Sequence[str]) -> None:
    only_swmm = {"CONDUITS", "OUTFALLS", "SUBCATCHMENTS", "XSECTIONS", "STORAGE"} & set(sections)
    water_supply = [name for name in unknown if name.strip("[]").upper().startswith(_EPANET)]
    if water_supply and not only_swmm:
        raise FormatError(in_both("is_epanet", file=file.name, sections=joined(water_supply[:4], ", ")))
    if not any(name in sections for name in ("JUNCTIONS", "OUTFALLS", "STORAGE", "DIVIDERS", "SUBCATCHMENTS")):
        found = joined([f"[{name}]" for name in list(sections)[:4]], ", ") or in_both("no_section")
        raise FormatError(in_both("no_swmm_model", file=file.name, found=found))
