"""Drawn sheets as a value, and their files: the ending of the name says of which kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drainage.errors import FormatError
from drainage.papers.drawn.as_dxf import write_dxf
from drainage.papers.drawn.as_figure import figure_of, write_pdf, write_png
from drainage.papers.drawn.as_svg import svg_of
from drainage.papers.drawn.lettering import lacking
from drainage.papers.drawn.sheets import Sheet
from drainage.papers.earlier_sheets import earlier_sheets, sheet_files
from drainage.provenance import Provenance
from drainage.said import Said, joined
from drainage.words import in_both
from drainage.writing import check_free, replacing_files

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Kinds of files that sheets are written as.
PAPER_ENDINGS: Final = (".pdf", ".png", ".svg", ".dxf")
#: Dots per inch of a PNG: A3 becomes 2150 dots wide.
DPI: Final = 130.0


@dataclass(frozen=True, eq=False)
class Paper:
    """Sheets that belong together, what they are made of and what must be known of them.

    Parameters
    ----------
    sheets
        In their order.
    content
        The numbers that are drawn: a `LongSection` or a `WaterOverTime`.
    provenance
        Where they come from; it is written into every file.
    remarks
        What is not, or not as one might expect, on the sheets.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> paper = dr.plot_section(net, "YS1039", "YS1043", lang="en")
    >>> len(paper.sheets), paper.sheets[0].width_mm, paper.sheets[0].height_mm
    (1, 420.0, 297.0)
    """

    sheets: tuple[Sheet, ...]
    content: object
    provenance: Provenance
    remarks: tuple[Said, ...]

    def save(
        self, path: str | Path, *, force: bool = False, dpi: float = DPI,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[Path, ...]:  # fmt: skip
        """Write the sheets as the name ends: all into one ``.pdf``, each into its own ``.png``, ``.svg`` or ``.dxf``.

        Several sheets are numbered: ``section.dxf`` becomes ``section-1.dxf`` and ``section-2.dxf``. ``dpi`` is of
        PNG, dots per inch. DXF is in millimetres on paper. With ``force`` the sheets go that an earlier run of another
        number of sheets wrote under the same name: `drainage.papers.earlier_sheets`. ``progress`` takes the share of
        sheets that are written, 0-1.

        Returns
        -------
        The files.

        Raises
        ------
        FormatError
            Another ending, a file that exists and ``force`` is False, or a library that is not installed.
        """
        goal = Path(path)
        check_ending(goal)
        kind, said = goal.suffix.lower(), self.provenance.as_json()
        goals = sheet_files(goal, len(self.sheets))
        earlier = earlier_sheets(goal, len(self.sheets)) if force else []
        with replacing_files(goals, force=force, outlived=earlier) as folder:
            for number, (sheet, made) in enumerate(zip(self.sheets, goals, strict=False)):
                part = folder / made.name
                if kind == ".pdf":
                    write_pdf(self.sheets, part, provenance=said, progress=progress)
                elif kind == ".png":
                    write_png(sheet, part, dpi=dpi, provenance=said)
                elif kind == ".svg":
                    part.write_text(svg_of(sheet, provenance=said), encoding="utf-8")
                else:
                    write_dxf(sheet, part, provenance=said)
                if progress is not None and kind != ".pdf":
                    progress((number + 1) / len(goals))
        return tuple(goals)

    def svgs(self) -> list[str]:
        """Return each sheet as the text of an SVG file."""
        said = self.provenance.as_json()
        return [svg_of(sheet, provenance=said) for sheet in self.sheets]

    def figures(self) -> list[Figure]:
        """Return each sheet as a figure of matplotlib, to go on with; its data are millimetres on paper."""
        return [figure_of(sheet) for sheet in self.sheets]

    def __repr__(self) -> str:
        """Return one line: sheets and their size."""
        sizes = sorted({f"{sheet.width_mm:g} × {sheet.height_mm:g} mm" for sheet in self.sheets})
        return f"<Paper: {len(self.sheets)} of {', '.join(sizes)}, {self.sheets[0].title}>"

    def _repr_html_(self) -> str:
        """Show the sheets in a notebook."""
        return "\n".join(svg_of(sheet).partition("?>")[2] for sheet in self.sheets)


def check_ending(path: Path) -> None:
    """Raise where sheets cannot be written to a file of this name.

    Raises
    ------
    FormatError
        Another ending than `PAPER_ENDINGS`.
    """
    if path.suffix.lower() not in PAPER_ENDINGS:
        raise FormatError(in_both("ending_unknown", name=path.name, known=", ".join(PAPER_ENDINGS)))


def check_paper(path: Path, *, force: bool) -> None:
    """Raise, before any work is done, where a file cannot be written.

    Raises
    ------
    FormatError
        Another ending, or the file exists and ``force`` is False.
    """
    check_ending(path)
    check_free(path, ending=path.suffix.lower(), force=force)


def about_letters(sheets: Iterable[Sheet]) -> list[Said]:
    """Name the signs of the sheets that the font lacks, each with the text in which it stands."""
    return about_texts(text.text for sheet in sheets for text in sheet.texts)


def about_texts(texts: Iterable[str]) -> list[Said]:
    """Name the signs of texts that the font lacks, each with the text in which it stands."""
    lost = lacking(texts)
    named = joined([f"{sign} U+{ord(sign):04X} ({text})" for sign, text in lost.items()], ", ")
    return [in_both("letters_lacking", signs=named)] if lost else []
