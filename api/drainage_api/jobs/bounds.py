"""What a job may take up, and what it must not reach."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:  # a job needs none
    from drainage_api.settings import Settings

#: Seconds of CPU between the signal that ends a job and the one that it cannot pass over; files that it may have open;
#: how much it lets others go first (own choices).
_GRACE_S: Final = 5
_FILES: Final = 512
_NICE: Final = 10
_NICE_SESSION: Final = 5  # a third of a share: at 10 a job got 4 % of a core beside readers who never paused
_AUTOGROUP: Final = Path("/proc/self/autogroup")
_PR_SET_PDEATHSIG: Final = 1  # prctl(2)
_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000  # unshare(2)
#: One thread each, so that the readers keep the other cores; no address and no grid is fetched.
_ENVIRONMENT: Final = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"),
    **dict.fromkeys(("GDAL_NUM_THREADS", "ARROW_IO_THREADS"), "1"),
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "PROJ_NETWORK": "OFF",
}
#: What of the environment of the server a job is given: where programs and libraries lie, and its language.
_PASSED_ON: Final = (
    "PATH",
    "HOME",
    "LD_LIBRARY_PATH",
    "PROJ_DATA",
    "PROJ_LIB",
    "GDAL_DATA",
    "NUMBA_CACHE_DIR",
    "TZ",
    "SYSTEMROOT",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may take up.

    Parameters
    ----------
    memory_mb
        Address space, in 10⁶ bytes.
    cpu_s
        Of all cores together.
    wall_s
        By the clock.
    file_mb
        The largest file that it may write, in 10⁶ bytes.
    """

    memory_mb: int = 6000
    cpu_s: int = 600
    wall_s: float = 1800.0
    file_mb: int = 1000

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return those of a server."""
        return cls(settings.job_memory_mb, settings.job_cpu_s, settings.job_wall_s, settings.job_file_mb)

    def apply(self) -> None:
        """Bind this process and those that it starts, for good."""
        import resource

        limits = {
            resource.RLIMIT_AS: (self.memory_mb * 1_000_000,) * 2,
            resource.RLIMIT_CPU: (self.cpu_s, self.cpu_s + _GRACE_S),
            resource.RLIMIT_FSIZE: (self.file_mb * 1_000_000,) * 2,
            resource.RLIMIT_NOFILE: (_FILES, _FILES),
            resource.RLIMIT_CORE: (0, 0),  # what was sent in must not lie about
        }
        for which, (soft, hard) in limits.items():
            most = resource.getrlimit(which)[1]
            within = [one if most == resource.RLIM_INFINITY else min(one, most) for one in (soft, hard)]
            resource.setrlimit(which, (within[0], within[1]))
        with contextlib.suppress(OSError):  # a hardened unit may forbid it
            os.nice(_NICE)
        with contextlib.suppress(OSError):  # Linux shares the processor among sessions first, and then within each
            _AUTOGROUP.write_text(str(_NICE_SESSION), encoding="ascii")


def environment(home: str) -> dict[str, str]:
    """Return the environment of a job, in which there is no setting of the server: among them may be passwords.

    Parameters
    ----------
    home
        Its directory.
    """
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**passed, **_ENVIRONMENT, "TMPDIR": home, "LC_ALL": "C.UTF-8"}


def killed_with(parent: int) -> None:
    """Let the system kill this process when the thread that started it ends, where it can."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def leave_the_network() -> None:
    """Leave every network, where the system lets a process without rights do so; the limits hold either way."""
    user, group = os.getuid(), os.getgid()
    with contextlib.suppress(OSError, AttributeError):
        if ctypes.CDLL(None).unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
            Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
