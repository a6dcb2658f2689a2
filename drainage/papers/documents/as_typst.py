"""A report as PDF, set by Typst: its content as JSON, its pictures as SVG, its looks in a template."""

from __future__ import annotations

import io
import json
import re
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from drainage.errors import FormatError
from drainage.fonts.letters import font_file
from drainage.papers.documents.document import Document, Picture
from drainage.papers.drawn.as_svg import svg_of
from drainage.papers.drawn.lettering import drawable
from drainage.papers.drawn.sheets import Sheet
from drainage.words import in_both

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TEMPLATE: Final = Path(__file__).with_name("report.typ")
#: What is fetched from elsewhere, or read from the folders of the user.
_PACKAGE: Final = re.compile(r"[\"']@\w+/")
_NO_FIELD: Final = re.compile(r'does not contain key "([^"]*)"')


def write_typst(document: Document, path: Path, *, template: Path | None = None) -> None:
    """Write a report as PDF.

    Raises
    ------
    FormatError
        Typst is not installed, or the template names unknown fields or does not compile.
    """
    try:
        import typst
    except ImportError as error:
        raise FormatError(in_both("needs_extra_papers")) from error
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        content = _content(document, place)
        try:
            text = (template or _TEMPLATE).read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise FormatError(_refused(str(error), template, document)) from error
        if _PACKAGE.search(text):
            raise FormatError(in_both("template_with_packages", file=(template or _TEMPLATE).name))
        (place / "data.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        (place / "report.typ").write_text(text, encoding="utf-8")
        try:
            _, warnings = typst.compile_with_warnings(
                place / "report.typ", output=path, root=place, font_paths=[font_file().parent],
                ignore_system_fonts=template is None,
            )  # fmt: skip
        except typst.TypstError as error:
            raise FormatError(_refused(str(error), template, document)) from error
        if lost := [one.message for one in warnings if "font" in one.message]:
            raise FormatError(in_both("template_font_unknown", file=(template or _TEMPLATE).name, message=lost[0]))


def _refused(message: str, template: Path | None, document: Document) -> str:
    """Say what is wrong with a template."""
    name = (template or _TEMPLATE).name
    if (lost := _NO_FIELD.search(message)) is not None:
        return in_both("template_field_unknown", file=name, field=lost[1], known=", ".join(document.fields))
    return in_both("template_refused", file=name, message=message.splitlines()[0])


def _content(document: Document, place: Path) -> dict[str, Any]:
    """Return a report as plain values; its pictures are written into a folder."""
    blocks: list[dict[str, Any]] = []
    for number, block in enumerate(document.blocks):
        kind = type(block).__name__.lower()
        if isinstance(block, Picture):
            name = f"picture-{number}.svg"
            (place / name).write_text(_svg(block.drawn), encoding="utf-8")
            wide, tall = block.size_mm
            blocks.append({"kind": kind, "caption": block.caption, "note": block.note, "file": name,
                           "wide": wide, "tall": tall, "shown": block.shown_mm, "large": block.large})  # fmt: skip
        else:
            blocks.append({"kind": kind, **asdict(block)})
    told = {
        "title": document.title, "subtitle": document.subtitle, "cover": document.cover, "foot": document.foot,
        "notice": document.notice, "lang": document.lang, "fields": dict(document.fields),
        "version": document.provenance.version, "blocks": blocks,
    }  # fmt: skip
    plain: dict[str, Any] = _drawable(told)
    return plain


def _drawable(value: Any) -> Any:  # noqa: ANN401 - of plain values
    """Return plain values whose texts hold no sign that the font lacks."""
    if isinstance(value, str):
        return "\n".join(map(drawable, value.split("\n")))
    if isinstance(value, dict):
        return {key: one if key == "file" else _drawable(one) for key, one in value.items()}
    return [_drawable(one) for one in value] if isinstance(value, list | tuple) else value


def _svg(drawn: Sheet | Figure) -> str:
    if isinstance(drawn, Sheet):
        return svg_of(drawn)
    from matplotlib import rc_context

    written = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "drainage"}):
        drawn.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()
