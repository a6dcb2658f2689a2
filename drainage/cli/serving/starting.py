"""`drainage serve`: a report, a comparison or a network as a server, by its settings and what the command line says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drainage.cli.printing import say
from drainage.days import day_in
from drainage.errors import FormatError
from drainage.formats.guard.before_opening import no_file
from drainage.words import in_both


def serve(
    source: str, /, *, host: str | None = None, port: int | None = None, public_only: bool = False,
    store: str | None = None, workers: int | None = None, as_of: str | None = None, storm_formula: str | None = None,
) -> None:  # fmt: skip
    """Serve the answers as OGC API Features with their pages; needs the extra api."""
    if port is not None and not 0 < port < 2**16:
        raise FormatError(in_both("port_unknown", port=port))
    said: dict[str, Any] = {"host": host, "port": port, "public_only": public_only or None,
                            "workers": workers, "storm_formula": storm_formula}  # fmt: skip
    if store is not None:
        said["database_url" if "://" in store else "store"] = store
    said |= {"as_of": None if as_of is None else day_in(as_of), **_source(source, as_of, storm_formula)}
    try:
        from drainage_api.access import guarding
        from drainage_api.server.run import run
        from drainage_api.settings import from_words
    except ImportError as error:
        raise FormatError(in_both("serve_wants_extra")) from error
    settings = from_words(said)
    if guarding.check(settings) and not settings.public_only:
        say(in_both("serve_open"))
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    say(in_both("serve_at", address=f"http://{shown}:{settings.port}"))
    run(settings)


def _source(source: str, as_of: str | None, storm_formula: str | None) -> dict[str, Any]:
    """Return what the settings call it: results that were computed already, or a network that is to be asked."""
    path = Path(source)
    if "://" in source:
        return {"results": None, "source": source}
    if not path.exists():
        raise FormatError(no_file(path))
    if not path.is_dir() or path.suffix.lower() == ".gdb":
        return {"results": None, "source": path}
    given = [name for name, said in (("--as-of", as_of), ("--storm-formula", storm_formula)) if said is not None]
    if given:
        raise FormatError(in_both("public_asked_already", place=path, options=", ".join(given)))
    return {"results": path, "source": None}
