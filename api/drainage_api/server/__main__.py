"""Start the server with the settings of the environment: ``python -m drainage_api.server``."""

from __future__ import annotations

import drainage as dr
from drainage_api.server.run import run
from drainage_api.settings import from_environment

if __name__ == "__main__":
    try:
        run(from_environment())
    except dr.DrainageError as error:
        raise SystemExit(str(error)) from error
