"""The security defaults, one by one: who may ask, what every answer carries, and what is never served."""

from __future__ import annotations

import asyncio
import os
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

import etude
from etude import api
from etude.config.studio import STUDIO
from etude.studio import app, content
from etude.studio.here import Here
from etude.workspace.core import Workspace
from tests.studio.asgi import Client
from tests.studio.conftest import HOSTILE
from tests.studio.server import start

FOLDER = Path(app.__file__).parent
PAGES = ("/first", "/collection", "/curate", "/learn", "/desk", "/history", "/trace", "/audit", "/deliver")


def test_1_only_the_loopback_is_listened_on(tmp_path: Path) -> None:
    api.init(tmp_path / "studio")
    kept = tmp_path / "studio" / "pieces" / "well.md"
    kept.write_text("A well.")
    studio = start(tmp_path / "studio", "--open", str(kept))
    try:
        assert studio.link.endswith("/deliver"), "where the file belongs"
        process = psutil.Process(studio.process.pid)
        listening = [c.laddr for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
        assert [(address.ip, address.port) for address in listening] == [("127.0.0.1", studio.port)]
        assert studio.enter().status == 200, "the printed link lets one in"
        assert studio.enter().status == 403, "and works once"
        assert studio.ask("GET", "/first").status == 200
    finally:
        studio.close()


@pytest.mark.parametrize(
    "path", ["/", "/first", "/enter", "/static/style.css", "/api/live", "/content/w-1/tile", "/no"]
)
@pytest.mark.parametrize(
    "hosts", [[], ["evil.test:8737"], ["127.0.0.1"], ["127.0.0.1:80"], ["localhost:8737", "evil.test:8737"]]
)
def test_2_another_host_is_answered_nothing_wherever_it_asks(
    client: Client, path: str, hosts: list[str]
) -> None:
    headers = [*((k, v) for k, v in client.own.items() if k != "host"), *(("host", host) for host in hosts)]
    got = client.ask("GET", path, headers=headers)
    assert got.status == 421
    assert "etude" not in got.text.lower() or "on this machine alone" in got.text


def test_2_the_names_of_this_machine_are_let_in(client: Client) -> None:
    for host in ("127.0.0.1:8737", "localhost:8737", "LOCALHOST:8737", "[::1]:8737"):
        headers = [("host", host), ("cookie", client.cookie)]
        assert client.ask("GET", "/first", headers=headers).status == 200


def test_3_a_link_works_once_and_gives_a_cookie_that_no_script_reads(client: Client, here: Here) -> None:
    token = here.door.token()
    bare = [(k, v) for k, v in client.own.items() if k != "cookie"]
    for path in (*PAGES, "/", "/api/versions", "/content/w-000000000000/tile"):
        assert client.ask("GET", path, headers=bare).status == 401
        wrong = [*bare, ("cookie", "etude-8737=" + "x" * 43)]
        assert client.ask("GET", path, headers=wrong).status == 401
    got = client.ask("POST", "/enter", {"token": token}, headers=bare)
    cookie = got.headers["set-cookie"]
    assert cookie.startswith("etude-8737=") and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert client.ask("POST", "/enter", {"token": token}, headers=bare).status == 403
    assert client.ask("POST", "/enter", {"token": ""}, headers=bare).status == 403
    assert client.ask("GET", "/first", headers=[*bare, ("cookie", cookie.partition(";")[0])]).status == 200


def test_3_a_link_that_nobody_opened_dies(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etude.studio.guard.STUDIO", replace(STUDIO, token_s=-1.0))
    assert here.door.exchange(here.door.token()) is None


@pytest.mark.parametrize(
    "change",
    [
        {"origin": None},
        {"origin": "http://evil.test"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8737"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_4_what_changes_something_must_come_from_a_page_of_ours(
    client: Client, ws: Workspace, change: dict[str, str | None]
) -> None:
    headers = {**client.own, **change}
    sent = [(k, v) for k, v in headers.items() if v is not None]
    for method, path in (
        ("POST", "/api/samples"),
        ("PUT", "/api/drops/d-0"),
        ("POST", "/enter"),
        ("DELETE", "/"),
    ):
        assert client.ask(method, path, {"sample": "poets"}, headers=sent).status == 403
    assert api.jobs(ws).jobs == ()


def test_4_nobody_is_invited_across_origins(client: Client) -> None:
    for path in (*PAGES, "/api/versions", "/static/base.js"):
        assert not [name for name in client.get(path).headers if name.startswith("access-control")]
    stranger = {**client.own, "sec-fetch-site": "cross-site"}
    assert client.ask("GET", "/api/versions", headers=list(stranger.items())).status == 403


def test_5_a_websocket_is_closed_whatever_it_asks(client: Client) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    headers = [(k.encode(), v.encode()) for k, v in client.own.items()]
    scope = {"type": "websocket", "path": "/api/live", "headers": headers}
    # a coroutine, as an application is
    asyncio.run(client.app(scope, receive, send))  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close", "code": 1008}]
    code = "\n".join(path.read_text() for path in FOLDER.glob("*.py"))
    assert "BaseHTTPMiddleware" not in code and "WebSocketRoute" not in code


def test_6_the_policy_allows_our_own_files_and_nothing_else(client: Client) -> None:
    for path in (*PAGES, "/enter", "/nothing", "/api/versions", "/static/base.js"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert (
            "default-src 'none'" in policy
            and "script-src 'self';" in policy
            and "style-src 'self';" in policy
        )
        assert "require-trusted-types-for 'script'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert (
            headers["cross-origin-resource-policy"] == headers["cross-origin-opener-policy"] == "same-origin"
        )
        assert headers["referrer-policy"] == "no-referrer"


def test_6_no_template_holds_a_script_or_style_of_its_own() -> None:
    for path in (FOLDER / "templates").glob("*.html"):
        html = path.read_text()
        assert not re.search(
            r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|\|\s*safe\b", html
        ), path
    for path in (FOLDER / "static").glob("*.js"):
        text = path.read_text()
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
        ), path
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), path


@pytest.mark.parametrize(
    "path",
    [
        "/content/..%2f..%2fetude.toml/tile",
        "/content/file/../../etude.toml",
        "/content/trace/..%2f..%2fetude",
        "/content/%2fetc%2fpasswd/tile",
        "/content/w-..%2f..%2fx/tile",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/content/etude.toml/tile",
    ],
)
def test_7_no_path_is_ever_served(client: Client, path: str) -> None:
    got = client.get(path)
    assert got.status in (400, 404) and b"format =" not in got.body and b"import" not in got.body


def test_7_bytes_are_served_by_id_with_a_type_of_ours(client: Client, ws: Workspace, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (40, 30), "red").save(tmp_path / "red.png")
    (tmp_path / "page.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script><rect '
        'width="9" '
        'height="9"/></svg>'
    )
    api.add(ws, [tmp_path / "red.png"], collection="red", licence="own", consent="yes")
    work = next(one for one in ws.project.works() if one.title == "red")
    got = client.get(f"/content/{work.id}/tile")
    assert (got.status, got.headers["content-type"]) == (200, "image/png")
    assert "sandbox" in got.headers["content-security-policy"]
    assert client.get(f"/content/{work.id}/sound").status == 400
    assert client.get(f"/content/{work.id}/exe").status == 400
    headers = content._headers(".svg", "x.svg", "no-store")
    assert (
        headers["content-disposition"].startswith("attachment")
        and "sandbox" in headers["content-security-policy"]
    )


def test_7_a_trace_stands_in_a_frame_that_is_nobodys(client: Client, ws: Workspace) -> None:
    folder = ws.project.cache_dir("traces")
    html = "<!doctype html><meta content=\"default-src 'none'; script-src 'sha256-abc='\"><p>trace"
    (folder / "t-0123456789ab.html").write_text(html)
    got = client.get("/content/trace/t-0123456789ab")
    policy = got.headers["content-security-policy"]
    assert "sandbox allow-scripts" in policy and "allow-same-origin" not in policy
    assert "script-src 'sha256-abc='" in policy and "default-src 'none'" in policy
    assert 'sandbox="allow-scripts"' in (FOLDER / "templates" / "take.html").read_text()


def test_8_a_file_is_what_its_bytes_say(client: Client, ws: Workspace) -> None:
    drop = client.post("/api/drops", {}).json()["drop"]
    assert (
        client.ask("PUT", f"/api/drops/{drop}", b"<script>alert(1)</script>", x_name="evil.png").status == 200
    )
    job = client.post("/api/add", {"drop": drop, "collection": "odd"}).json()
    api.jobs_run(ws)
    found = api.job(ws, job["id"]).job
    assert found.state == "failed" and "evil.png" in found.message
    assert len(ws.project.works()) == 3


def test_9_a_drop_has_limits_and_leaves_nothing_half(
    client: Client, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "etude.studio.uploads.STUDIO", replace(STUDIO, file_bytes=100, drop_bytes=150, drop_files=3)
    )
    drop = client.post("/api/drops", {}).json()["drop"]
    put = f"/api/drops/{drop}"
    assert client.ask("PUT", put, b"x" * 100, x_name="a.txt").status == 200
    got = client.ask("PUT", put, b"x" * 101, x_name="b.txt")
    assert got.status == 400 and "larger than" in got.json()["error"]
    assert client.ask("PUT", put, b"x" * 60, x_name="b.txt").status == 400
    for _ in range(2):
        assert client.ask("PUT", put, b"x", x_name="c.txt").status == 200
    assert "3 files" in client.ask("PUT", put, b"x", x_name="d.txt").json()["error"]
    assert client.get(put).json()["files"] == 3


@pytest.mark.parametrize(
    ("called", "kept"),
    [
        ("../../etude.toml", "etude.toml"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a%00b.md", "a b.md"),
        ("--html%3Dx.md", "html=x.md"),
        (".bashrc", "bashrc"),
        ("", "untitled"),
        ("x" * 300 + ".md", "x" * 80 + ".md"),
    ],
)
def test_9_names_that_come_in_are_harmless(client: Client, ws: Workspace, called: str, kept: str) -> None:
    drop = client.post("/api/drops", {}).json()["drop"]
    assert client.ask("PUT", f"/api/drops/{drop}", b"x", x_name=called).json()["name"] == kept
    outside = [p for p in ws.project.root.rglob("*") if p.is_file() and ".etude" not in p.parts]
    assert {p.name for p in outside if p.stat().st_size == 1} == set()


def test_9_a_request_that_is_no_file_is_small(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etude.studio.requests.STUDIO", replace(STUDIO, body_bytes=1000))
    assert "larger than" in client.post("/api/samples", {"sample": "x" * 2000}).json()["error"]


def test_10_the_server_reaches_for_no_network_and_no_torch(tmp_path: Path) -> None:
    """The guard of the tests is in the server too: it would have failed at the first address that is not the
    loopback's."""
    studio = start(tmp_path / "studio")
    try:
        studio.enter()
        for path in PAGES:
            assert studio.ask("GET", path).status == 200
        maps = Path(f"/proc/{studio.process.pid}/maps")
        if maps.exists():
            assert "libtorch" not in maps.read_text()
        connected = psutil.Process(studio.process.pid).net_connections("inet")
        assert {c.raddr.ip for c in connected if c.status == psutil.CONN_ESTABLISHED} <= {"127.0.0.1"}
        spent = psutil.Process(studio.process.pid).cpu_times()
        assert spent.user + spent.system < 3.5, (
            "processor time of the start and eight pages; importing torch adds 3"
        )
    finally:
        studio.close()


def test_11_there_are_no_plugins_and_no_installer() -> None:
    code = "\n".join(path.read_text() for path in FOLDER.rglob("*.py"))
    assert not re.search(r"entry_points|pip\b.*install|importlib\.import_module", code)


def test_12_no_key_and_no_private_note_leaves_with_a_piece(
    ws: Workspace, etude_home: Path, tmp_path: Path
) -> None:
    assert not etude_home.resolve().is_relative_to(ws.project.root)
    piece = ws.project.put_piece(
        b"Words.", suffix=".md", title="Words", record={"take": "t-0", "note": "not for others"}
    )
    done = api.pieces_zip(ws, [piece.id], tmp_path / "out.zip")
    assert done.files == (piece.file,)


def test_13_an_error_is_never_a_200(client: Client) -> None:
    for path, said in (
        ("/api/samples", {"sample": "no such"}),
        ("/api/learn", {"name": "x", "collection": "none", "budget": "1m"}),
        ("/api/make", {"model": "none"}),
        ("/api/accept", {"take": "t-000000000000"}),
        ("/api/jobs/j-000099/stop", {}),
        ("/api/add", {"drop": "d-0000000000000000", "collection": "x"}),
    ):
        got = client.post(path, said)
        assert got.status == 400, (path, got.text)
        assert got.json()["error"] and got.json()["schema"] == "etude.error/1"
    assert client.get("/api/none").status == 404 and client.get("/none").status == 404


def test_13_a_lost_race_is_shown_and_overwrites_nothing(client: Client, ws: Workspace) -> None:
    page = client.get("/collection").text
    assert f"Etude {etude.__version__} on this machine" in page
    seen = re.search(r'data-version="([^"]+)"', page)
    assert seen is not None
    work = ws.project.works()[0]
    said = {"works": [work.id], "maker": "First tab"}
    assert client.post("/api/works/edit", said, if_match=seen[1]).status == 200
    late = client.post("/api/works/edit", {**said, "maker": "Second tab"}, if_match=seen[1])
    assert late.status == 412 and "another window" in late.json()["error"]
    assert ws.project.work(work.id).maker == "First tab"
    assert client.post("/api/works/edit", said).status == 412, "and nobody goes without"
    assert client.post("/api/undo", {}, if_match="stale").status == 412


def test_14_titles_and_makers_are_a_strangers(client: Client) -> None:
    page = client.get("/collection").text
    assert HOSTILE not in page and "<script>alert" not in page
    assert "&lt;img src=x onerror=" in page
    for query in ("/collection?q=%3Cscript%3Ealert(1)%3C/script%3E", "/collection?name=%22%3E%3Cscript%3E"):
        assert "<script>alert" not in client.get(query).text


def test_a_missing_extra_is_said_with_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from etude.cli import studio as door
    from etude.cli.main import cli

    monkeypatch.setattr(door, "find_spec", lambda name: None)
    said = CliRunner().invoke(cli, ["studio", str(tmp_path / "s")])
    assert said.exit_code == 2 and 'pip install "etude[studio]"' in said.output
    assert not (tmp_path / "s").exists()


def test_7_the_script_of_a_trace_is_the_one_that_it_names(client: Client, ws: Workspace) -> None:
    from etude.media.html import Markup
    from etude.media.html import page as trace_page

    made = trace_page("A trace", Markup("<p>x</p>"), style="", script="let shown = 1")
    (ws.project.cache_dir("traces") / "t-0123456789ab.html").write_text(made)
    policy = client.get("/content/trace/t-0123456789ab").headers["content-security-policy"]
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]{44}';", policy)


def test_a_file_is_verified_with_the_credential_beside_it(client: Client, ws: Workspace) -> None:
    drop = client.post("/api/drops", {}).json()["drop"]
    for name in ("well.md", "well.c2pa"):
        client.ask("PUT", f"/api/drops/{drop}", b"x", x_name=name)
    job = client.post("/api/verify", {"drop": drop}).json()
    words = api.job(ws, job["id"]).job.words
    assert words[0] == "verify" and sorted(p.name for p in Path(words[1]).parent.iterdir()) == [
        "well.c2pa",
        "well.md",
    ]


def test_a_bug_shows_no_traceback(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(api, "collections", broken)
    got = client.get("/collection")
    assert got.status == 500 and "secret detail" not in got.text and "Traceback" not in got.text


def test_malformed_requests_are_refused_in_words(client: Client, ws: Workspace) -> None:
    """Some hundreds of requests that no page makes: never a 500, never a traceback, nothing started that was
    not asked for."""
    draw = random.Random(8)
    junk: list[Any] = [
        None,
        0,
        -1,
        1e99,
        True,
        "",
        "x" * 500,
        "../..",
        "\x00",
        "--html=/x",
        [],
        {},
        [None],
        {"a": [1]},
    ]
    names = sorted(
        {
            name
            for file in (
                "acts.py",
                "clips.py",
                "curating.py",
                "drafting.py",
                "looking.py",
                "past.py",
                "trusting.py",
            )
            for name in re.findall(
                r'(?:_raw|text|ids|whole|said\.get)\(?(?:said, )?"(\w+)"', (FOLDER / file).read_text()
            )
        }
    )
    assert len(names) > 12
    methods = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
    routes = [f"/api/{name}" for name in app.ACTS]
    routes += [
        "/api/jobs/x/stop",
        "/api/jobs/x/no",
        "/api/drops",
        "/api/drops/x",
        "/content/x/y",
        "/desk/x",
        "/content/zip",
        "/draft/x",
        "/wall",
        "/api/draft/x",
        "/api/passage/w-0123456789ab/1-2",
        "/api/passage/x/y",
        "/content/draft/x/y",
        "/content/strip/x/1",
        "/content/audit/x",
        "/content/plot/x/cost-9.svg",
        "/content/receipt/w-0123456789ab",
        "/content/copy/t-0123456789ab/..",
        "/collection/x",
        "/timeline",
        "/api/jobs/x/answer",
        "/api/collections/x",
        "/api/works/x",
    ]
    for turn in range(int(os.environ.get("ETUDE_FUZZ", "400"))):
        path = draw.choice([*routes, *PAGES])
        method = draw.choice(methods) if turn % 3 else "POST"
        body: Any = {name: draw.choice(junk) for name in draw.sample(names, 6)}
        if turn % 7 == 0:
            body = draw.choice([b"", b"{", b"[1]", b"\xff\xfe", b'{"a":' * 900, b"null"])
        got = client.ask(
            method, f"{path}?page={draw.choice(['x', '-1', '9' * 40])}&name=%00", body, if_match="x"
        )
        assert got.status < 500 and b"Traceback" not in got.body, (method, path, body, got.text[:300])
    assert [job.words for job in api.jobs(ws).jobs] == []
    assert len(ws.project.works()) == 3
