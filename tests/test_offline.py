"""The guard of the test suite holds: the loopback is open, everything else is not, in child processes too."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

# 192.0.2.0/24 is set aside for documentation (RFC 5737): nothing is there even if the guard should fail.
OUTSIDE = "192.0.2.1"


def test_outside_is_blocked() -> None:
    with socket.socket() as s, pytest.raises(RuntimeError, match="only the loopback"):
        s.connect((OUTSIDE, 80))
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s,
        pytest.raises(RuntimeError, match="only the loopback"),
    ):
        s.sendto(b"x", (OUTSIDE, 53))


def test_looking_up_a_name_is_blocked() -> None:
    with pytest.raises(RuntimeError, match="only the loopback"):
        socket.getaddrinfo("example.org", 80)


def test_loopback_is_open() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_child_processes_are_blocked_too() -> None:
    code = f"import socket; socket.create_connection(({OUTSIDE!r}, 80), timeout=2)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "only the loopback is open" in done.stderr
