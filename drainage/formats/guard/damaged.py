"""What reading a damaged archive raises: `zipfile` lets through whatever its parts and its decompressors raise."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from typing import Final

#: Besides the archive itself: a damaged stream, one cut off, a method, an offset or a name that is none, a password.
DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, LookupError, NotImplementedError,
    RuntimeError,
)  # fmt: skip
