"""The copy guard of one model: which works it guards. How they are guarded is for the medium to say.

Guarded is what the memory holds, the parts of a divided work joined again so that a run across their border
is seen, and every work that the caller brings: held-out works are in no memory, and yet no span of them may
stand in a take. Knows no project.
"""

from __future__ import annotations

from collections.abc import Mapping

from etude.families.sequence.decoder import Sequence
from etude.families.sequence.make.repeats import Unrepeated
from etude.families.sequence.model import SequenceModel
from etude.media import sequence as medium_of
from etude.media.contract import Content, Guard, Watch


def guard_of(model: SequenceModel, n: int, works: Mapping[str, Content]) -> Guard:
    """The guard of the model's works, and of whole `works` by their ids, against spans of n words or notes.
    Raises TakeError where n is too small.

    Where a codec is exact, what the memory holds of a work is the work itself; else both are guarded, since
    the memory has its own rhythm where the original was played freely.
    """
    twice = set(works) if model.codec.exact else set()
    held = [content for work, content in remembered(model) if work not in twice]
    return medium_of(model.medium).guard([*held, *works.values()], n, model.codec)


def remembered(model: SequenceModel) -> list[tuple[str, Content]]:
    """The works of the memory by id, parts that follow each other in one work joined."""
    medium, out = medium_of(model.medium), list[tuple[str, Content]]()
    end = -1  # the unit of the work at which the last part ends
    for s in sorted((s for s in model.memory.segments if s.copy == 0), key=lambda s: (s.work_id, s.unit)):
        here = slice(s.start, s.end)
        content = model.codec.recall(model.memory.tokens[here], model.memory.side[here])
        if out and out[-1][0] == s.work_id and s.unit == end:
            out[-1] = (s.work_id, medium.join(out[-1][1], content))
        else:
            out.append((s.work_id, content))
        end = s.unit + medium.size(content)
    return out


def put_on(guard: Guard | None, unrepeated: int, sequence: Sequence) -> None:
    """Forbid what the guard forbids, and runs of `unrepeated` tokens that came before (0: none), from where
    the sequence stands, while it grows."""
    watch: Watch | None = None
    if guard is not None:
        watch = guard.watch(sequence.tokens, sequence.cursor)
    if unrepeated:
        watch = Unrepeated(unrepeated, sequence.tokens, watch)
    if watch is not None:
        sequence.banned, sequence.pushed = watch.banned, watch.push
