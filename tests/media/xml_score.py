"""MusicXML written by hand for the tests: notes, measures, parts and whole documents, and what a reader makes of them."""

from __future__ import annotations

from etude.media.contract import Reading
from etude.media.music import musicxml

TAIL = "</score-partwise>"


def note(place: str, duration: int | str, extra: str = "", before: str = "") -> str:
    """A note like 'C4', 'F#5' or 'Bb3' of some divisions; `extra` comes after its duration, `before` (a chord sign) first."""
    alter = place.count("#") - place[1:].count("b")
    change = f"<alter>{alter}</alter>" if alter else ""
    pitch = f"<pitch><step>{place[0]}</step>{change}<octave>{place[-1]}</octave></pitch>"
    return f"<note>{before}{pitch}<duration>{duration}</duration>{extra}</note>"


def chord(places: list[str], duration: int, extra: str = "") -> str:
    return "".join(note(p, duration, extra, "<chord/>" if i else "") for i, p in enumerate(places))


def rest(duration: int, extra: str = "", whole: bool = False) -> str:
    kind = '<rest measure="yes"/>' if whole else "<rest/>"
    return f"<note>{kind}<duration>{duration}</duration>{extra}</note>"


def drum(duration: int = 1, place: str = "C5", extra: str = "") -> str:
    shown = f"<display-step>{place[0]}</display-step><display-octave>{place[1]}</display-octave>"
    return f"<note><unpitched>{shown}</unpitched><duration>{duration}</duration>{extra}</note>"


def voice(number: int | str, staff: int = 0) -> str:
    return f"<voice>{number}</voice>" + (f"<staff>{staff}</staff>" if staff else "")


def plays(ident: str) -> str:
    return f'<instrument id="{ident}"/>'


def tie(*kinds: str) -> str:
    return "".join(f'<tie type="{kind}"/>' for kind in kinds)


def backup(duration: int) -> str:
    return f"<backup><duration>{duration}</duration></backup>"


def forward(duration: int) -> str:
    return f"<forward><duration>{duration}</duration></forward>"


def attributes(
    fifths: int | None = None, metre: tuple[int, int] | None = None, more: str = "", divisions: int = 1
) -> str:
    out = f"<divisions>{divisions}</divisions>"
    out += f"<key><fifths>{fifths}</fifths></key>" if fifths is not None else ""
    out += f"<time><beats>{metre[0]}</beats><beat-type>{metre[1]}</beat-type></time>" if metre else ""
    return f"<attributes>{out}{more}</attributes>"


def direction(kinds: str = "", sound: str = "", more: str = "") -> str:
    said = f"<sound {sound}/>" if sound else ""
    inner = "".join(f"<direction-type>{kinds}</direction-type>" for _ in [0] if kinds)
    return f"<direction>{inner}{more}{said}</direction>"


def words(text: str, sound: str = "") -> str:
    return direction(f"<words>{text}</words>", sound)


def barline(inner: str, location: str = "right") -> str:
    return f'<barline location="{location}">{inner}</barline>'


FORWARD = barline('<repeat direction="forward"/>', "left")
BACKWARD = barline('<repeat direction="backward"/>')


def ending(number: str, kind: str, repeat: bool = False) -> str:
    location = "left" if kind == "start" else "right"
    back = '<repeat direction="backward"/>' if repeat else ""
    return barline(f'<ending number="{number}" type="{kind}"/>{back}', location)


def midi_instrument(ident: str, program: int = 0, channel: int = 1, key: int = 0) -> str:
    """`program` and `key` from 1, as MusicXML counts; 0 leaves them out."""
    out = f"<midi-channel>{channel}</midi-channel>" if channel else ""
    out += f"<midi-program>{program}</midi-program>" if program else ""
    out += f"<midi-unpitched>{key}</midi-unpitched>" if key else ""
    return f'<midi-instrument id="{ident}">{out}</midi-instrument>'


def instrument(ident: str, name: str, sound: str = "") -> str:
    said = f"<instrument-sound>{sound}</instrument-sound>" if sound else ""
    return (
        f'<score-instrument id="{ident}"><instrument-name>{name}</instrument-name>{said}</score-instrument>'
    )


def part(measures: list[str], name: str = "Part", head: str = "") -> tuple[str, str, list[str]]:
    return name, head, measures


def text(*parts: tuple[str, str, list[str]], top: str = "", implicit: tuple[int, ...] = ()) -> str:
    """A partwise document of parts, each a name, what stands in its head, and its measures."""
    out = f"<score-partwise>{top}<part-list>"
    for i, (name, head, _) in enumerate(parts):
        out += f'<score-part id="P{i}"><part-name>{name}</part-name>{head}</score-part>'
    out += "</part-list>"
    for i, (_, _, measures) in enumerate(parts):
        out += f'<part id="P{i}">'
        for k, measure in enumerate(measures):
            short = ' implicit="yes"' if k in implicit else ""
            out += f'<measure number="{k + 1}"{short}>{measure}</measure>'
        out += "</part>"
    return out + TAIL


def read(*parts: tuple[str, str, list[str]], top: str = "", implicit: tuple[int, ...] = ()) -> Reading:
    return musicxml.read(text(*parts, top=top, implicit=implicit).encode())


def one(measures: list[str], head: str = "", name: str = "Part") -> Reading:
    """What is read of a document of one part."""
    return read(part(measures, name, head))


def notes(reading: Reading) -> list[tuple[int, int, int]]:
    """(onset, pitch, duration) of all notes, sorted."""
    return sorted((n.onset, n.pitch, n.duration) for t in reading.content.tracks for n in t.notes)


def sounds(reading: Reading) -> list[tuple[str, int, bool, list[int]]]:
    """(name, programme, drum, pitches) of each track."""
    return [(t.name, t.program, t.drum, [n.pitch for n in t.notes]) for t in reading.content.tracks]
