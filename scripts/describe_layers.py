"""Write docs/reference/data-dictionary.md: every column of every layer, from the table of layers and nothing else.

Run ``python scripts/describe_layers.py`` after a change of drainage/schema/layers.toml or codes.toml.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from drainage import words  # noqa: E402 - the checkout that the script lies in
from drainage.schema import codes  # noqa: E402
from drainage.schema.layers import EVIDENCE, LAYERS  # noqa: E402

if TYPE_CHECKING:
    from drainage.schema.layers import Column, LayerModel

PAGE = ROOT / "docs" / "reference" / "data-dictionary.md"
HEAD = """---
reader: 要核对字段、单位和代码的人 · whoever asks what a column holds, and in which unit
afterwards: 查到本软件的字段名及其在各地文件中的写法 · name every column rightly in a file, a mapping and a program
---
# 数据字典 Data dictionary

Every column of every layer: its unit, its range, and the names under which files hold it. What the words mean:
[glossary](glossary.md). How columns are matched, and how to name others in a mapping: [reading](../survey/reading.md).
Case, punctuation and full width of names do not matter, and a unit may stand in the name: 管径(mm). Names joined by +
count together. A number outside its range is an issue and becomes unknown.

各图层的字段、单位、范围及其在文件中的写法。名词见[名词](glossary.md)，字段怎样识别、怎样用映射文件指定见
[文件怎样读入](../survey/reading.md)。字段名不分大小写、全角半角和标点，可以带单位，如“管径(mm)”；以 + 相连的几个字段
合并使用。超出范围的数值记为问题并视为未知。
"""
_COLUMNS = ("column", "中文", "English", "kind", "unit", "range", "codes", "names in the wild")
_DRAWN = {"line": "lines", "point": "points", "polygon": "areas", "none": "nothing"}


def page() -> str:
    """Return the page as it should be."""
    layers = [*LAYERS.values(), *EVIDENCE.values()]
    return "\n".join([HEAD, *map(_layer, layers), *map(_code_list, codes.WORDS)])


def _layer(layer: LayerModel) -> str:
    about = f"{layer.en}; drawn as {' or '.join(_DRAWN[one] for one in layer.geometry)}."
    if layer.id:
        about += f" Index `{layer.id}`; features without one are numbered {layer.prefix}1, {layer.prefix}2 …"
    alike = next(name for name, other in {**LAYERS, **EVIDENCE}.items() if [*other.columns] == [*layer.columns])
    if alike != layer.name:
        return f"## {layer.zh} {layer.name}\n\n{about} Columns are those of {alike}.\n"
    rows = [_row(one, ", ".join(one.aliases)) for one in layer.columns.values()]
    rows += [_row(one, "its own name only") for one in layer.also.values()]
    return f"## {layer.zh} {layer.name}\n\n{about}\n\n{_table(_COLUMNS, rows)}"


def _row(column: Column, names: str) -> tuple[str, ...]:
    span = f"{column.least:g} – {column.most:g}" if column.kind == "number" else ""
    of_list = column.codes == codes.WORDS.get(column.name)
    said = f"[{column.name}](#code-{column.name})" if of_list else ", ".join(f"`{one}`" for one in column.codes)
    return (f"`{column.name}`", column.zh, column.en, column.kind, column.unit, span, said, names)


def _code_list(name: str) -> str:
    """Write the codes of a list with what they mean and how they are met."""
    met = {
        ours: [theirs for theirs, word in codes.MEANINGS[name].items() if word == ours] for ours in codes.WORDS[name]
    }
    rows = [(f"`{ours}`", *(str(words.code(name, ours, lang)) for lang in words.LANGUAGES), ", ".join(theirs))
            for ours, theirs in met.items()]  # fmt: skip
    return f'## <a id="code-{name}"></a>Codes of `{name}`\n\n{_table(("code", "中文", "English", "met as"), rows)}'


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
