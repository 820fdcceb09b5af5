"""The order in which the bars of an ABC tune are played: repeats, endings, nested repeats, and the order of the parts.

A voice's marks make a tree of stretches, repeats and endings, which is then walked. A repeat without a start begins at the last
double bar line, the last end of a repeat or the beginning (ABC 2.1, 4.8). Knows no notes; times are those of abc_voice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from etude.media.music.abc_voice import Mark

Stretch = tuple[int, int]  # from, to; as printed
MOST_NESTED = 8  # repeats within repeats; further start signs are passed over
MOST_STRETCHES = 100_000  # in a tune that is played out


@dataclass(frozen=True)
class Repeat:
    """What is played `times` times."""

    body: list[Node]
    times: int


@dataclass(frozen=True)
class Endings:
    """A body that is played once for each number, and after it the ending of that number; `more`: once more, without an ending."""

    body: list[Node]
    endings: list[tuple[tuple[int, ...], list[Node]]]
    more: bool

    def passes(self) -> dict[int, list[Node]]:
        """The ending of each pass, in order; of two with one number the first."""
        found = {n: nodes for numbers, nodes in reversed(self.endings) for n in numbers}
        if self.more:
            found[max(found) + 1] = []
        return dict(sorted(found.items()))


Node = Stretch | Repeat | Endings


@dataclass
class _Open:
    """A passage being read, from its start sign or the place where a repeat would start."""

    start: int  # index of the start mark; -1 where there is none
    times: int = 1
    body: list[Node] = field(default_factory=list)
    endings: list[tuple[tuple[int, ...], list[Node]]] = field(default_factory=list)
    closed: bool = False  # the last ending ended with :|

    def last(self) -> list[Node]:
        return self.endings[-1][1] if self.endings else self.body


def tree(marks: Sequence[Mark], start: int, stop: int) -> list[Node]:
    """The passages from `start` to `stop`. A start sign that no end answers, but another start, is a repeat up to there."""
    nodes, unanswered = _read(marks, start, stop, frozenset())
    starts = [i for i, mark in enumerate(marks) if mark.kind == "start"]
    missing = frozenset(i for i in unanswered if any(j > i and marks[j].at > marks[i].at for j in starts))
    return _read(marks, start, stop, missing)[0] if missing else nodes


def _read(
    marks: Sequence[Mark], start: int, stop: int, assumed: frozenset[int]
) -> tuple[list[Node], list[int]]:
    """(nodes, start marks that no end answers). `assumed`: those that end where the next start is."""
    stack = [_Open(-1)]
    since = 0  # index in the outermost body where a repeat without a start begins
    at = start

    def close(node: Node) -> None:
        nonlocal since
        stack.pop()
        stack[-1].last().append(node)
        since = len(stack[0].body)

    def close_endings(followed: bool) -> None:
        group = stack[-1]
        only = group.closed and len(group.endings) == 1
        close(Endings(group.body, group.endings, only and (followed or group.endings[0][0] == (1,))))

    def carve() -> None:
        """A passage without a start sign: what was read since the last place where one may begin."""
        body = stack[0].body[since:]
        del stack[0].body[since:]
        stack.append(_Open(-1, body=body))

    for i, mark in enumerate(marks):
        here = min(max(mark.at, start), stop)
        if here > at:
            if stack[-1].closed:
                close_endings(followed=True)
            stack[-1].last().append((at, here))
            at = here
        top = stack[-1]
        if mark.kind == "ending":
            if len(stack) == 1:
                carve()
            stack[-1].endings.append((mark.numbers, []))
            stack[-1].closed = False
        elif mark.kind == "end":
            if top.endings:
                top.closed = True
            else:
                if len(stack) == 1:
                    carve()
                top = stack[-1]
                if top.body:
                    close(Repeat(top.body, 1 + max(mark.times, top.times)))
                else:
                    stack.pop()
        elif mark.kind == "start":
            if top.endings:
                close_endings(followed=here < stop)
            elif top.start in assumed and top.body:
                close(Repeat(top.body, 1 + top.times))
            top = stack[-1]
            if len(stack) > 1 and not top.body and not top.endings:  # the sign stands twice
                top.times = max(top.times, mark.times)
            elif len(stack) <= MOST_NESTED:
                stack.append(_Open(i, mark.times))
        elif top.endings:  # a double bar line ends an ending, unless the next begins there
            if not any(m.kind == "ending" and m.at == mark.at for m in marks[i + 1 : i + 4]):
                close_endings(followed=here < stop)
        elif len(stack) == 1:
            since = len(top.body)
    if stop > at:
        if stack[-1].closed:
            close_endings(followed=True)
        stack[-1].last().append((at, stop))
    unanswered = []
    while len(stack) > 1:
        if stack[-1].endings:
            close_endings(followed=False)
        else:
            rest = stack.pop()
            unanswered.append(rest.start)
            stack[-1].last().extend(rest.body)
    return stack[0].body, unanswered


def length(nodes: Sequence[Node]) -> tuple[int, int]:
    """(time, number of stretches) that playing the nodes takes, without playing them."""
    time = count = 0
    for node in nodes:
        if isinstance(node, tuple):
            more, times = (node[1] - node[0], 1), 1
        elif isinstance(node, Repeat):
            more, times = length(node.body), node.times
        else:
            body, ends = length(node.body), [length(nodes) for nodes in node.passes().values()]
            more = (
                body[0] * len(ends) + sum(e[0] for e in ends),
                body[1] * len(ends) + sum(e[1] for e in ends),
            )
            times = 1
        time, count = time + more[0] * times, count + more[1] * times
    return time, count


def walk(nodes: Sequence[Node], turn: int = 0) -> Iterator[Stretch]:
    """The stretches in the order of playing. `turn`: the only pass of endings to be played, for a part that is played by turns."""
    for node in nodes:
        if isinstance(node, tuple):
            yield node
        elif isinstance(node, Repeat):
            for _ in range(node.times):
                yield from walk(node.body)
        else:
            for number, ending in node.passes().items():
                if not turn or number == turn:
                    yield from walk(node.body)
                    yield from walk(ending)


def turns(nodes: Sequence[Node]) -> int:
    """The number of endings of a passage that has more than two, else 0: a part played so often takes one ending each time (4.10)."""
    return max((len(n.passes()) for n in nodes if isinstance(n, Endings) and len(n.passes()) > 2), default=0)


def joined(stretches: Iterator[Stretch]) -> list[Stretch]:
    """Stretches that follow each other in print as one."""
    out: list[Stretch] = []
    for a, b in stretches:
        if out and out[-1][1] == a:
            out[-1] = (out[-1][0], b)
        elif b > a:
            out.append((a, b))
    return out


def plan(
    marks: Sequence[Mark], stop: int, parts: Sequence[tuple[int, str]], order: Sequence[str], most: int
) -> tuple[list[Stretch], str]:
    """(stretches in the order of playing, what to say of it). `most`: time beyond which the bars are left as printed."""
    places = sorted(dict.fromkeys(at for at, _ in parts))
    ends = dict(zip(places, [*places[1:], stop], strict=True)) if places else {}
    defined: dict[str, Stretch] = {}
    for at, label in parts:
        defined.setdefault(label[:1], (at, ends[at]))
    asked = [label for label in order if label in defined]
    if not asked:
        doubles = [Mark(at, "double") for at in places]
        marks = sorted([*marks, *doubles], key=lambda m: m.at)
        sections = [tree(marks, 0, stop)]
        sequence = [(0, 0)]
    else:
        labels = sorted(set(asked))
        trees = [tree([m for m in marks if a <= m.at <= b], a, b) for a, b in (defined[x] for x in labels)]
        before = tree([m for m in marks if m.at <= places[0]], 0, places[0])
        sections = [before, *trees]
        sequence = [(0, 0)]
        for label in asked:
            index = 1 + labels.index(label)
            each = turns(sections[index])
            done = sum(i == index for i, _ in sequence)
            sequence.append((index, done + 1 if each and each == asked.count(label) else 0))
    sizes = [length(nodes) for nodes in sections]
    time = sum(sizes[i][0] for i, _ in sequence)  # of parts played by turns, too much
    count = sum(sizes[i][1] for i, _ in sequence)
    if time > most or count > MOST_STRETCHES:
        return (
            [(0, stop)],
            f"its repeats would last {max(2, time // max(1, stop)):,} times as long as it is printed, so each bar was read once",
        )
    missing = sorted({label for label in order if label not in defined}) if asked else []
    told = f"the order of its parts names {', '.join(missing[:5])}, which it does not have" if missing else ""
    return joined(stretch for i, turn in sequence for stretch in walk(sections[i], turn)), told
