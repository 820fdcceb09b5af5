"""Takes that are made for an audit and not kept: as they come, and by quota."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from etude.config.audit import AUDIT
from etude.families.contract import MadeTake, Wish
from etude.store.models import ModelInfo
from etude.training.budget import Ledger, Meter
from etude.workspace.core import OnProgress, Workspace
from etude.workspace.generators import generator
from etude.workspace.host import host
from etude.workspace.making import recipe_of
from etude.workspace.quotas import Quota


def made(
    ws: Workspace,
    model: ModelInfo,
    most: int,
    seconds: float,
    progress: OnProgress,
    like: Mapping[str, str] | None = None,
) -> tuple[tuple[MadeTake, ...], Ledger]:
    """Takes as a person gets who asks for nothing (or for what is said), as many as the time allows, and what
    they cost."""
    opened, hosted = generator(ws, model, progress), host(ws)
    recipe, way, _ = recipe_of(ws, model.id, Wish(n=AUDIT.together, like=like or {}), AUDIT.seed)
    takes: list[MadeTake] = []
    meter, until = Meter(None), time.monotonic() + seconds
    while len(takes) < most and (not takes or time.monotonic() < until):
        progress(len(takes), most, "making takes")
        n = min(AUDIT.together, most - len(takes))
        request = opened.request(replace(recipe, index=len(takes)), n, way, hosted)
        takes += opened.make(request).takes
    return tuple(takes), meter.read()


def made_by_quota(
    ws: Workspace, model: ModelInfo, quota: Quota, most: int, seconds: float, progress: OnProgress
) -> tuple[MadeTake, ...]:
    """Takes in the shares of a quota; fewer of all where the time is short."""
    out: list[MadeTake] = []
    wanted = quota.of(most)
    for value, n in wanted.items():
        found, _ = made(ws, model, n, seconds * n / most, progress, {quota.key: value})
        out += found
    return tuple(out)
