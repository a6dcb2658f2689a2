"""A web server of this machine that gives a folder out, with parts of files (Range) or, as many do, only whole ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


class _Whole(SimpleHTTPRequestHandler):
    """Gives whole files, and says nothing about it."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Parts(_Whole):
    """Gives parts of files where they are asked for."""

    def do_GET(self) -> None:
        """Answer a request."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if asked is None or not path.is_file():
            super().do_GET()
            return
        first, last = int(asked[1]), min(int(asked[2]), path.stat().st_size - 1)
        part = path.read_bytes()[first : last + 1]
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Range", f"bytes {first}-{last}/{path.stat().st_size}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)


@contextmanager
def served(folder: Path, *, parts: bool = True) -> Iterator[str]:
    """Yield the address at which a folder is given out."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Parts if parts else _Whole, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
