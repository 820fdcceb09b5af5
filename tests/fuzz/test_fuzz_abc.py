"""Damaged ABC: thousands of mutated tunes must be read or refused in one plain sentence, soon and within little memory.

The mutations are drawn from a numbered generator, so that a failure is found again by its number. `ETUDE_FUZZ=2000` runs so many
instead of the few that fit into the suite.
"""

from __future__ import annotations

import os
import random
import resource
import time
import unicodedata
from pathlib import Path

import etude.samples
from etude.errors import EtudeError
from etude.media import MEDIA
from etude.media.contract import Reading

ROUNDS = int(os.environ.get("ETUDE_FUZZ", "250"))
TUNES = sorted((Path(etude.samples.__file__).parent / "tunes").glob("*.abc"))
RICH = b"""%abc-2.1
%%abc-charset utf-8
X:1
T:Caf\xc3\xa9 \\'a la carte
C:A. Maker
M:6/8
L:1/8
Q:"Lively" 3/8=110
P:A(AB)2
m: ~n2 = n{o}n/m/
V:1 name="Flute" clef=treble+8
V:2 clef=bass octave=-1
%%MIDI program 73
K:Dmix ^g exp _b
P:A
[V:1] |: "D"(3ABc d>e f2 !trill!g | [DFA]3 z2 ~A2 | A-[1A6 :|[2 A3- A2|]
[V:2] |: D6 | D3 & F2F | [1 Z :|[2 x6 |]
%%begintext
Words, not music: A B C.
%%endtext
P:B
[V:1] ::"^slow"{ag}f2e- e<d (5:4:5cdefg | [M:3/4][K:G] G4 && A6 |1,3 c'2 :|2 C,2 ::|
w: la la la
+: la

Free text after the end: A bad cabbage.
X:2
T:Second
K:Hp
+CEG+2 !f!A!B!c | (& c4 & e4 &) [|]
"""
PIECES = rb"""|: :| :: |1 :|2 [1,3-9 [ ] (3 (9:2:7 & && (& &) > <<< - Z999 z9999999 A///// c'''''''' M:none
    [K:F#] [V:9] [Q:9] " ! + { } % \ ^/ __ |:::::::: =c' [C-E]2 ~n2 !ff! %%begintext""".split()
PIECES += [
    b"\n" + line + b"\n"
    for line in (b"", b"K:C", b"M:1/32", b"P:A", b"P:((A9)9)9", b"Q:0", b"L:1/512", b"V:2", b"X:3")
]
PIECES += [
    b"\r",
    b"\x1b[2J",
    b"\xff\xfe",
    b"\0",
    b"\xe2\x80\xae",
    b"\x85",
    b"\n%%MIDI transpose 99\n",
    b"\nm: ~n2 = n{o}n\n",
]
MUSIC = MEDIA["music"]
LONGEST_S = 5.0
MOST_MB = 1000


def mutated(data: bytes, rng: random.Random) -> bytes:
    """One to eight small damages, and now and then one that is repeated a thousand times."""
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data) + 1)
        end = min(len(data), at + rng.choice([1, 1, 2, 5, 20, 100]))
        what = rng.randrange(8)
        if what == 0:
            data = data[:at] + data[end:]
        elif what == 1:
            data = data[:at] + bytes(rng.randrange(256) for _ in range(end - at)) + data[end:]
        elif what == 2:
            data = data[:at] + data[at:end] * rng.choice([2, 3, 50, 1000]) + data[end:]
        elif what == 3:
            other = rng.randrange(len(data) + 1)
            data = data[:at] + data[other : other + end - at] + data[at:]
        elif what == 4:
            data = data[:at] + rng.choice(PIECES) * rng.choice([1, 1, 1, 2, 300]) + data[at:]
        elif what == 5:
            data = data[:at] + rng.choice(PIECES) + data[end:]
        elif what == 6:
            data = data[:at]
        else:
            data = (
                data[:at].decode("latin-1").encode(rng.choice(["utf-16", "utf-8", "utf-16-le"])) + data[at:]
            )
    return data[:60_000]


def one_plain_line(text: str) -> bool:
    """Whether a text stands in one line and holds nothing that a terminal would obey."""
    return not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in text)


def a_sentence(text: str) -> bool:
    return one_plain_line(text) and any(c.isalpha() for c in text)


def check(data: bytes) -> str:
    """'read', 'split' or 'refused'; an AssertionError where a tune does harm."""
    started = time.process_time()
    outcome = "refused"
    try:
        parts = MUSIC.split(data, ".abc")
        for part in parts[:5]:
            reading: Reading = MUSIC.read(part, suffix=".abc")
            score = reading.content
            assert all(a_sentence(w) for w in reading.warnings), reading.warnings
            assert all(one_plain_line(v) for v in (reading.title, reading.maker, *reading.meta.values()))
            assert all(n.duration > 0 and 0 <= n.pitch < 128 for t in score.tracks for n in t.notes)
            assert MUSIC.load(MUSIC.store(score)) == score
            outcome = "read"
    except EtudeError as error:
        assert a_sentence(error.message), error.message
        assert a_sentence(error.hint), error.hint
    assert time.process_time() - started < LONGEST_S
    return outcome


def test_mutated_tunes_are_read_or_refused_in_a_sentence() -> None:
    seeds = [RICH, RICH, RICH, *(path.read_bytes() for path in TUNES)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes = {"read": 0, "refused": 0}
    for number in range(ROUNDS):
        rng = random.Random(number)
        data = mutated(rng.choice(seeds), rng)
        try:
            outcomes[check(data)] += 1
        except Exception as error:
            raise AssertionError(f"mutation {number}: {error!r}") from error
    assert outcomes["read"] > ROUNDS // 10  # most damages leave something that can be read
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MOST_MB


def test_what_grows_without_end_is_stopped() -> None:
    head = b"X:1\nM:4/4\nL:1/4\nK:C\n"
    nested = b"|:" * 40 + b"C" + b":|" * 40
    for body in (
        b"Z999|" * 20_000,
        b"C" * 220_000,
        b"|:" * 40_000 + b"C" + b":|" * 40_000,
        b"|:c|" * 10_000,
        b"|::::::::::::::::::::C:::::::::::::::::::::|" * 100,
        b"[1C|[2D|" * 4_000,
        b"[1-999C|" * 5_000,
        b"{" * 60_000,
        b"[" * 60_000,
        b'"' * 60_001,
        b"!" * 60_000,
        b"!A" * 20_000,
        b"+" * 60_000,
        b"^1" * 40_000,
        b"(9" * 40_000,
        b"&C" * 40_000,
        b"C|&&&" * 10_000,
        b"[K:" * 20_000,
        b"C>" * 40_000,
        b"A/7B/11c/13d/9973" * 4_000,
        nested,
    ):
        check(head + body + b"\n")
    check(b"X:1\nP:((((((A9)9)9)9)9)9)\nM:4/4\nL:1/4\nK:C\nP:A\nC|\n")
    check(b"X:1\nm:~n=" + b"~n" * 150 + b"\nK:C\n" + b"~C" * 1000 + b"\n")
    check(b"X:1\nK:C\n" + b"V:" * 2 + b"".join(b"V:%d\nC|\n" % i for i in range(3_000)))
    check(b"X:1\n" + b"T:\n" * 40_000)
