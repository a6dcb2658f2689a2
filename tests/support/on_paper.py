"""What is printed, read by poppler and LibreOffice, which know nothing of this project."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import matplotlib.image as mpimg
import numpy as np
import pytest
from numpy.typing import NDArray

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
needs_libreoffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


def pages(pdf: Path) -> int:
    """Return how many sheets a PDF has."""
    found = re.search(r"^Pages:\s+(\d+)$", _said("pdfinfo", pdf), re.MULTILINE)
    assert found
    return int(found[1])


def text(pdf: Path) -> str:
    """Return what stands in a PDF, its places kept."""
    return _said("pdftotext", "-layout", pdf, "-")


def picture(pdf: Path, *, dots: int) -> NDArray[np.int_]:
    """Return the first sheet as 0 to 255 by row, column and colour; ``dots`` for each inch."""
    _said("pdftoppm", "-r", str(dots), "-png", "-singlefile", pdf, pdf.with_suffix(""))
    shares = np.asarray(mpimg.imread(pdf.with_suffix(".png")), dtype=np.float64)
    return np.rint(255 * shares[..., :3]).astype(np.int_)


def printed_by_libreoffice(book: Path, folder: Path) -> Path:
    """Return a workbook as LibreOffice prints it."""
    _said(
        "soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "pdf",
        "--outdir", folder, book,
    )  # fmt: skip
    return folder / f"{book.stem}.pdf"


def _said(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
