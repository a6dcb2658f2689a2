"""From where a request comes: its peer, or the client whom a proxy names that the settings trust."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.datastructures import Headers
from starlette.types import Scope

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]


def client_of(scope: Scope, proxies: Networks) -> str:
    """Return the address of the client; empty where there is none, as behind a socket of the file system.

    Of X-Forwarded-For the last address is believed that is none of the trusted proxies themselves.
    """
    peer: str = (scope.get("client") or ("", 0))[0]
    if not is_within(peer, proxies):
        return peer
    named = [one.strip() for line in Headers(scope=scope).getlist("x-forwarded-for") for one in line.split(",")]
    strangers = [one for one in named if as_address(one) is not None and not is_within(one, proxies)]
    return strangers[-1] if strangers else peer


def over_tls(scope: Scope, proxies: Networks) -> bool:
    """Tell whether the client asked over TLS, here or as a trusted proxy says."""
    if scope.get("scheme") == "https":
        return True
    peer: str = (scope.get("client") or ("", 0))[0]
    said = Headers(scope=scope).getlist("x-forwarded-proto")
    return is_within(peer, proxies) and said == ["https"]


def group_of(address: str) -> str:
    """Return what is counted as one client: an address, of IPv6 its /64, which one client may fill."""
    found = as_address(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, 64), strict=False))
    return address if found is None else str(found)


@lru_cache(maxsize=4096)
def as_address(text: str) -> Address | None:
    """Return an IP address, IPv4 where it is one in the clothes of IPv6; None where it is none."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def is_within(address: str, networks: Networks) -> bool:
    """Tell whether an address lies in one of some networks; what is none, as a socket of the file system, does not."""
    found = as_address(address) if networks else None
    return found is not None and any(found in one for one in networks)
