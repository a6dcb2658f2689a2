"""`drainage serve`: a report, a comparison or a network as a server, by its settings and what the command line says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from drainage.cli.printing import say
from drainage.days import day_in
from drainage.errors import FormatError
from drainage.formats.guard.before_opening import no_file
from drainage.said import joined
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage_api.settings import Settings


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
    except ImportError as error:
        raise FormatError(in_both("serve_wants_extra")) from error
    settings = _settings(said)
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


def _settings(said: dict[str, Any]) -> Settings:
    """Return the settings of the environment, and before them what was said on the command line."""
    from pydantic import ValidationError

    from drainage_api.settings import Settings

    kept = {name: value for name, value in said.items() if value is not None or name in {"results", "source"}}
    try:
        return Settings(**kept)
    except ValidationError as error:
        faults = [(fault["loc"][0] if fault["loc"] else "", fault["msg"]) for fault in error.errors()]
        options = {name: "--store" if name == "database_url" else f"--{name}" for name in kept}
        named = [(options.get(str(name), f"DRAINAGE_{name}".upper()), why) for name, why in faults]
        raise FormatError(joined(in_both("serve_setting", setting=name, why=why) for name, why in named)) from error
