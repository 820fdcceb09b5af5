"""No network but the loopback, for the test process and for every Python process that a test starts.

Python imports `sitecustomize` by itself when it finds one on its path; conftest.py puts this folder there for
child processes and imports it for the tests. Etude promises to need no network: a test that reaches for one
fails with the address.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any


class NetworkBlocked(RuntimeError):
    """Not an OSError, so that code which shrugs at a missing network cannot swallow it."""


def _allow(address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else address
    if not isinstance(address, tuple) or host in ("localhost", ""):
        return  # Unix sockets, and names of this machine
    try:
        if ipaddress.ip_address(str(host).split("%")[0]).is_loopback:
            return
    except ValueError:
        pass  # a name: looking it up is already the network
    raise NetworkBlocked(
        f"a test tried to reach {host!r}; Etude needs no network, only the loopback is open here"
    )


def _guarded(name: str) -> None:
    original = getattr(socket.socket, name)

    def call(self: socket.socket, *args: Any, **kwargs: Any) -> Any:
        address = args[-1] if name in ("sendto",) else args[0]
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _allow(address)
        return original(self, *args, **kwargs)

    setattr(socket.socket, name, call)


def _guard_lookup() -> None:
    original = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host is not None:
            _allow((host.decode() if isinstance(host, bytes) else host, 0))
        return original(host, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo


for _name in ("connect", "connect_ex", "sendto"):
    _guarded(_name)
_guard_lookup()
