"""Cut the letters of papers and charts out of Noto Sans CJK SC: `drainage/fonts`, the same from the same source.

    python scripts/cut_font.py /usr/share/fonts/opentype/noto

Kept are GB 2312, letters and signs that papers use, and characters of place names that GB 2312 lacks. Outlines become
quadratic ones: PDF takes TrueType as it is, whereas readers complain of the cubic outlines that Noto comes with. The
SIL Open Font License allows this under another name; its text lies beside the fonts.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont, newTable

OUT = Path(__file__).parents[1] / "drainage" / "fonts"
FAMILY = "Drainage Sans SC"
FACE = "Noto Sans CJK SC"  # one of several in a file, by its name: the first is the Japanese one
HIGHEST = range(0xA1, 0xF8)
ANY = range(0xA1, 0xFF)
GB_2312 = {ord(bytes((high, low)).decode("gb2312", "ignore") or " ") for high in HIGHEST for low in ANY}
LATIN = set(range(0x20, 0x180))
SIGNS = set(map(ord, "‰²³⁻¹⁰·—–…×±≤≥≈°′″▲△▽▼●○■□→←↑↓⌀ΨψφηεΔ　"))
PLACES = set(map(ord, "埇浉鄠堽圳垟墈嶝峁梽漷瀼燊珺珲琚硚碶礐陉隰霅淠澥垾圐圙垚堃昇喆磾旸埕滘塱涌湴甽濠坭氹"))
ERROR = 1.5  # of a curve, in thousandths of an em
NAMES = {1: FAMILY, 16: FAMILY}


def cut(source: Path, weight: str) -> Path:
    """Cut one weight and return the file."""
    faces = TTCollection(source / f"NotoSansCJK-{weight}.ttc", lazy=True).fonts
    font = next(face for face in faces if str(face["name"].getDebugName(4)).startswith(FACE))
    options = Options(layout_features=["kern"], hinting=False, notdef_outline=True, name_languages=[0x409])
    subset = Subsetter(options)
    subset.populate(unicodes=GB_2312 | LATIN | SIGNS | PLACES)
    subset.subset(font)
    _make_quadratic(font)
    for record in font["name"].names:
        renamed = NAMES | {2: weight, 4: f"{FAMILY} {weight}", 6: f"DrainageSansSC-{weight}", 17: weight}
        record.string = renamed.get(record.nameID, record.toUnicode())
    font["head"].modified = font["head"].created  # the same from the same source
    font.recalcTimestamp = False
    path = OUT / f"DrainageSansSC-{weight}.ttf"
    font.save(path)
    return path


def _make_quadratic(font: TTFont) -> None:
    """Replace the outlines, in place."""
    order, shapes, glyf = font.getGlyphOrder(), font.getGlyphSet(), newTable("glyf")
    glyf.glyphs, glyf.glyphOrder = {}, order
    for name in order:
        pen = TTGlyphPen(None)
        shapes[name].draw(Cu2QuPen(pen, ERROR, reverse_direction=True))
        glyf.glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), glyf
    for table in {"CFF ", "VORG", "vhea", "vmtx", "VVAR", "BASE"} & set(font.keys()):
        del font[table]
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    for field in (
        "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
        "maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours", "maxCompositePoints",
        "maxCompositeContours", "maxComponentDepth",
    ):  # fmt: skip
        setattr(limits, field, 0)
    limits.maxZones = 1
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


if __name__ == "__main__":
    for kind in ("Regular", "Bold"):
        made = cut(Path(sys.argv[1]), kind)
        print(made, f"{made.stat().st_size:,} bytes")
