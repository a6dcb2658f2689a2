"""A hardened installation computes: nothing is writable where the package lies, and the user has no home."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import drainage
from drainage.formats.geopackage import write_network
from tests.support.drains import drain

PACKAGE = Path(drainage.__file__).parent

PROGRAM = """
import importlib, sys
import drainage as dr
import drainage.compiling
drainage.compiling.MANY_ROWS = 0
for name in sys.argv[2:]:
    importlib.import_module(name)
net = dr.read_network(sys.argv[1])
print(dr.__file__, len(net.upstream_of("c").pipes))
"""


def kernel_modules() -> list[str]:
    """List the modules whose loops are compiled."""
    files = [path for path in PACKAGE.rglob("*.py") if "@compiled" in path.read_text(encoding="utf-8")]
    return [".".join(("drainage", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in files]


def test_loops_are_compiled_in_one_way_only() -> None:
    """That which falls back: none asks numba itself."""
    assert len(kernel_modules()) >= 6
    asking = [path.name for path in PACKAGE.rglob("*.py") if re.search(r"\bn?jit\b", path.read_text(encoding="utf-8"))]
    assert asking == ["compiling.py"]


@pytest.mark.long
def test_it_computes_where_nothing_can_be_written(tmp_path: Path) -> None:
    """On a mount that is read-only, for this program alone; for another user it is the same."""
    site, source = tmp_path / "site", tmp_path / "pipes.gpkg"
    shutil.copytree(PACKAGE, site / "drainage", ignore=shutil.ignore_patterns("__pycache__"))
    write_network(drain(["a>b storm 300", "b>c storm 300"], {"a": 3.0, "b": 2.0, "c": 1.0}, ground=5.0), source)
    mount = f"mount --bind '{site}' '{site}' && mount -o remount,ro,bind '{site}' || exit 8"
    script = f'{mount}; touch \'{site}\'/x 2>/dev/null && exit 9; exec "$0" "$@"'
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-r", "-m", "true"], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    done = subprocess.run(
        ["unshare", "-r", "-m", "sh", "-c", script, sys.executable, "-c", PROGRAM, source, *kernel_modules()],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site), "HOME": "/proc/nonexistent"},
        cwd=tmp_path,
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    if done.returncode == 8:
        pytest.skip("nothing can be mounted here")
    assert done.stderr == ""
    assert done.stdout.split() == [str(site / "drainage" / "__init__.py"), "2"]
