"""Code lists: how systems, kinds of node, shapes and materials are written in the wild, and our one word for each."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

_FILE: Final = Path(__file__).with_suffix(".toml")
_SAID: Final[dict[str, dict[str, str]]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
#: Code list → our words.
WORDS: Final = {name: tuple(words) for name, words in _SAID.items()}
#: Code list → word in a file, folded → our word.
MEANINGS: Final = {
    name: {theirs: ours for ours, text in words.items() for theirs in text.split()} for name, words in _SAID.items()
}
_TEXT: Final = pd.StringDtype(na_value=np.nan)
#: Rows of a column of one word that lie in memory, again and again for the others.
_AGAIN: Final = 1 << 16
SYSTEMS: Final = WORDS["system"]
#: Systems whose pipes run under pressure by their nature: what holds for gravity does not hold for them.
UNDER_PRESSURE: Final = ("reclaimed",)
KINDS: Final = WORDS["kind"]
SHAPES: Final = WORDS["shape"]

#: Words for "not known", folded.
SAYS_NOTHING = frozenset(("", "unknown", "unk", "na", "n_a", "none", "null", "nan", "未知", "不详", "3027", "3357"))

_MATERIAL_WORDS = (
    "concrete reinforced_concrete prestressed_concrete rcp pccp pvc upvc cpvc hdpe polyethylene polypropylene "
    "vitrified_clay vcp vct clay stoneware cast_iron ductile_iron steel corrugated_steel corrugated_metal cmp csp "
    "brick frp grp asbestos_cement fibreglass beton steinzeug stahl gusseisen hormigon hormigón polietileno "
    "混凝土 钢筋混凝土 钢筋砼 砼 钢 钢管 铸铁 球墨铸铁 塑料 玻璃钢 陶土 陶管 砖 砖砌 石棉水泥 双壁波纹管 pe pp ac "
    "ci di st vc con conc abs"
)
#: Words by which a column of materials is known; which roughness each has is told by `drainage.hydraulics.manning`.
MATERIALS = dict.fromkeys(_MATERIAL_WORDS.split(), "material")
#: Columns whose codes are those of one program: code list → name of the column, folded → names of columns that only the
#: tables of that program have → code, folded → our word. Giswater: value_state (github.com/Giswater/giswater_dbmodel);
#: RAEPA: VAL_RAEPA_TYP_RESEAU_ASS.
_GISWATER = ("arc_id", "node_1", "expl_id", "sector_id", "state_type", "arccat_id", "nodecat_id", "sys_top_elev")
_OF_PROGRAM: dict[str, dict[str, tuple[tuple[str, ...], dict[str, str]]]] = {
    "status": {"state": (_GISWATER, {"0": "abandoned", "1": "in_use", "2": "planned"})},
    "system": {"typreseau": (("idnini", "zamont"), {"01": "storm", "02": "sewage", "03": "combined"})},
}


def words_of_program(code_list: str, source: str, others: Iterable[str]) -> dict[str, str]:
    """Return the codes that a column has in the tables of a program, found by its name and a column beside it."""
    marks, words = _OF_PROGRAM.get(code_list, {}).get(fold(source), ((), {}))
    return dict(words) if {fold(name) for name in others} & set(marks) else {}


def fold(text: str) -> str:
    """Reduce a code or column name to what matters: NFKC, lower case, runs of other signs as one underscore."""
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    return "_".join("".join(c if c.isalnum() else " " for c in folded).split())


def spell(words: Sequence[str | None], rows: NDArray[np.integer]) -> pd.api.extensions.ExtensionArray:
    """Return the word of each row, (n,); -1 is missing. Text of few words, a million times, without an object each."""
    if len(rows) and (rows == rows[0]).all():  # most columns of marks say one thing
        return blank_texts(len(rows)) if rows[0] < 0 else _repeated(words[int(rows[0])], len(rows))
    coded = pa.DictionaryArray.from_arrays(
        pa.array(rows.astype(np.int32), mask=rows < 0), pa.array(words, pa.large_string())
    )
    return _of_arrow(coded.cast(pa.large_string()))


def blank_texts(n_rows: int) -> pd.api.extensions.ExtensionArray:
    """Return a column of text that says nothing, (n_rows,)."""
    return _again(pa.nulls(min(n_rows, _AGAIN), pa.large_string()), n_rows)


def _repeated(word: str | None, n_rows: int) -> pd.api.extensions.ExtensionArray:
    """Return one word in every row, (n_rows,); `pyarrow.repeat` takes four times as long."""
    if word is None:
        return blank_texts(n_rows)
    signs, n_block = word.encode(), min(n_rows, _AGAIN)
    begin = np.arange(n_block + 1, dtype=np.int64) * len(signs)
    buffers = [None, pa.py_buffer(begin), pa.py_buffer(signs * n_block)]
    return _again(pa.Array.from_buffers(pa.large_string(), n_block, buffers), n_rows)


def _again(block: pa.Array, n_rows: int) -> pd.api.extensions.ExtensionArray:
    """Return a column, (n_rows,), of the same texts again and again, which lie in memory once."""
    times, rest = divmod(n_rows, max(len(block), 1))
    return _of_arrow(pa.chunked_array([block] * times + [block.slice(0, rest)] * bool(rest), pa.large_string()))


def _of_arrow(text: pa.Array | pa.ChunkedArray) -> pd.api.extensions.ExtensionArray:
    column: pd.api.extensions.ExtensionArray = _TEXT.__from_arrow__(text)  # type: ignore[attr-defined] # not in the stubs
    return column


def decode(values: pd.Series, word_list: Mapping[str, str]) -> pd.Series:
    """Translate codes into our words; None where the value is missing, ``?`` where the code is not in the list."""
    codes, unique = pd.factorize(values)
    names: list[str | None] = []
    for value in unique:
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        folded = fold(text)
        names.append(word_list.get(folded, None if folded in SAYS_NOTHING else "?"))
    lookup = pd.Series([*names, None], dtype="object")
    return pd.Series(lookup.to_numpy()[codes], index=values.index, dtype="object")
