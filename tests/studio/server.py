"""A studio as a person starts it: `etude studio`, its link, and requests to it that are not a browser's."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Studio:
    """A running server. `link` works once; `cookie` is what it was exchanged for."""

    process: subprocess.Popen[str]
    link: str
    port: int
    started_s: float
    cookie: str = ""
    closed: bool = field(default=False)

    @property
    def own(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, body: Any = None, *, drop: tuple[str, ...] = (), **headers: str
    ) -> Answer:
        """A request as our pages make it; `headers` (_ for -) replace its own, `drop` leaves some out."""
        said = {"Host": self.own, "Cookie": self.cookie, "Origin": f"http://{self.own}"}
        said["Sec-Fetch-Site"] = "same-origin"
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in said.items():
            if name not in drop:
                line.putheader(name, value)
        line.putheader("Content-Length", str(len(data or b"")))
        line.endheaders(data)
        got = line.getresponse()
        answer = Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        line.close()
        return answer

    def enter(self) -> Answer:
        """Exchange the link for the cookie."""
        token = self.link.partition("#")[2].partition("/")[0]
        answer = self.ask("POST", "/enter", {"token": token})
        if answer.status == 200:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer

    def job(self, name: str, seconds: float = 60.0) -> dict[str, Any]:
        """The last state that the stream of a job tells, once it is over."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        line.request("GET", f"/api/jobs/{name}/events", headers={"Host": self.own, "Cookie": self.cookie})
        got = line.getresponse()
        assert got.status == 200, got.read()
        kind = ""
        try:
            while True:
                text = got.readline().decode().rstrip("\n")
                if text.startswith("event: "):
                    kind = text[7:]
                elif text.startswith("data: ") and kind == "state":
                    state: dict[str, Any] = json.loads(text[6:])
                    if state["state"] in ("done", "failed", "stopped"):
                        return state
        finally:
            line.close()

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            gone = self.process.poll() is not None  # a test killed it
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()
            assert gone or self.process.returncode == 0, "Ctrl-C closes a studio without a word of Python"


def start(folder: Path, *words: str) -> Studio:
    """`etude studio` on a folder, made a project if it is none."""
    began = time.monotonic()
    command = [sys.executable, "-m", "etude", "studio", str(folder), "--no-browser", "--port", "0", *words]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ}
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "http://127.0.0.1:" in line, (line, process.poll())
    link = line[line.index("http://") :].strip()
    port = int(link.split(":")[2].partition("/")[0])
    return Studio(process, link, port, time.monotonic() - began)
