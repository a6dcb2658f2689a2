"""The log: one line of JSON for each thing that happened, with the request in which it did."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from contextvars import ContextVar
from typing import Final

#: The request that is being answered; empty outside of one.
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
#: One line a request.
requests: Final = logging.getLogger("drainage_api.requests")


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time, level, where from, what; a traceback where there is one."""
        line: dict[str, object] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        if identity := REQUEST_ID.get():
            line["request_id"] = identity
        line |= getattr(record, "told", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure() -> None:
    """Send all that this process logs to its standard error, where systemd and containers pick it up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for noisy in ("pyogrio", "numba", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
