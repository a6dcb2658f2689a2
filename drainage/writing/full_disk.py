"""Whether a disk is full: by what the system says, and by what is left on it."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import Final

#: What the system says where a disk, a quota or the limit of a file is reached.
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: With less left, what failed is taken to have failed for it (own choice).
_FULL_BYTES: Final = 1 << 20


def is_full(folder: Path) -> bool:
    """Return whether the disk of a folder is full."""
    return shutil.disk_usage(folder).free < _FULL_BYTES


def means_full(error: OSError) -> bool:
    """Return whether an error means that the disk is full."""
    return error.errno in FULL
