"""General MIDI numbers for sounds that a score names in words: MusicXML's standard sounds, names of drums, places on a drum staff.

Follows the sound identifiers of MusicXML 4.0, General MIDI 1 and 2, and the usual drum staff (N. Weinberg, Guide to Standardized
Drumset Notation, 1998). Knows no file format.
"""

from __future__ import annotations

import re

SOUNDS = {
    "keyboard.piano": 0,
    "keyboard.piano.electric": 4,
    "keyboard.harpsichord": 6,
    "keyboard.clavichord": 7,
    "keyboard.celesta": 8,
    "keyboard.organ": 19,
    "keyboard.organ.drawbar": 16,
    "keyboard.organ.percussive": 17,
    "keyboard.organ.reed": 20,
    "keyboard.accordion": 21,
    "keyboard.concertina": 21,
    "keyboard.bandoneon": 23,
    "pitched-percussion.celesta": 8,
    "pitched-percussion.glockenspiel": 9,
    "pitched-percussion.crotales": 9,
    "pitched-percussion.music-box": 10,
    "pitched-percussion.vibraphone": 11,
    "pitched-percussion.marimba": 12,
    "pitched-percussion.xylophone": 13,
    "pitched-percussion.tubular-bells": 14,
    "pitched-percussion.hammer-dulcimer": 15,
    "pitched-percussion.kalimba": 108,
    "pluck.dulcimer": 15,
    "pluck.guitar": 24,
    "pluck.guitar.steel-string": 25,
    "pluck.guitar.electric": 27,
    "pluck.lute": 24,
    "pluck.mandolin": 25,
    "pluck.ukulele": 24,
    "pluck.bass": 32,
    "pluck.bass.electric": 33,
    "pluck.bass.fretless": 35,
    "pluck.bass.synth": 38,
    "pluck.harp": 46,
    "pluck.sitar": 104,
    "pluck.banjo": 105,
    "pluck.shamisen": 106,
    "pluck.koto": 107,
    "strings.violin": 40,
    "strings.viola": 41,
    "strings.cello": 42,
    "strings.contrabass": 43,
    "strings.viol": 42,
    "strings.group": 48,
    "strings.group.synth": 50,
    "strings.fiddle": 110,
    "drum.timpani": 47,
    "voice": 52,
    "voice.synth": 54,
    "brass.trumpet": 56,
    "brass.cornet": 56,
    "brass.flugelhorn": 56,
    "brass.trombone": 57,
    "brass.tuba": 58,
    "brass.euphonium": 58,
    "brass.baritone-horn": 58,
    "brass.french-horn": 60,
    "brass.natural-horn": 60,
    "brass.alto-horn": 60,
    "brass.group": 61,
    "wind.group": 61,
    "wind.reed.saxophone": 65,
    "wind.reed.saxophone.soprano": 64,
    "wind.reed.saxophone.sopranino": 64,
    "wind.reed.saxophone.tenor": 66,
    "wind.reed.saxophone.baritone": 67,
    "wind.reed.saxophone.bass": 67,
    "wind.reed.oboe": 68,
    "wind.reed.english-horn": 69,
    "wind.reed.bassoon": 70,
    "wind.reed.contrabassoon": 70,
    "wind.reed.clarinet": 71,
    "wind.reed.basset-horn": 71,
    "wind.reed.harmonica": 22,
    "wind.reed.shenai": 111,
    "wind.flutes.flute": 73,
    "wind.flutes.flute.piccolo": 72,
    "wind.flutes.recorder": 74,
    "wind.flutes.panpipes": 75,
    "wind.flutes.blown-bottle": 76,
    "wind.flutes.shakuhachi": 77,
    "wind.flutes.whistle": 78,
    "wind.flutes.ocarina": 79,
    "wind.pipes.bagpipes": 109,
    "metal.steel-drums": 114,
    "drum.steel-drums": 114,
    "synth.pad": 89,
    "synth.effects": 96,
    "synth": 80,
}  # identifier, or its beginning up to a dot -> programme from 0

PERCUSSION = {
    "drum.bass-drum": 36,
    "drum.snare-drum": 38,
    "drum.tenor-drum": 47,
    "drum.tom-tom": 47,
    "drum.bongo": 60,
    "drum.conga": 63,
    "drum.timbale": 65,
    "drum.tambourine": 54,
    "drum": 47,
    "effect.hand-clap": 39,
    "effect.whistle": 71,
    "metal.cymbal": 49,
    "metal.cymbal.ride": 51,
    "metal.cymbal.chinese": 52,
    "metal.cymbal.splash": 55,
    "metal.cymbal.reverse": 49,
    "metal.hi-hat": 42,
    "metal.gong": 52,
    "metal.tamtam": 52,
    "metal.bells.agogo": 67,
    "metal.bells.cowbell": 56,
    "metal.bells.bell-tree": 84,
    "metal.triangle": 81,
    "rattle.cabasa": 69,
    "rattle.maraca": 70,
    "rattle.shaker": 82,
    "rattle.vibraslap": 58,
    "rattle.jingle": 83,
    "wood.castanets": 85,
    "wood.claves": 75,
    "wood.guiro": 73,
    "wood.wood-block": 76,
    "wood.temple-block": 76,
}  # as SOUNDS -> key of the drum channel

DRUM_NAMES = (
    (r"side ?stick|rim ?(shot|click)|cross ?stick", 37),
    (r"bass ?drum|kick|grosse caisse|gran ?cassa|große trommel|bombo", 36),
    (r"snare|caisse claire|kleine trommel|rullante|side drum|field drum", 38),
    (r"hand ?clap|clap", 39),
    (r"open.*hi-? ?hat|hi-? ?hat.*open", 46),
    (r"(pedal|foot).*hi-? ?hat|hi-? ?hat.*(pedal|foot)", 44),
    (r"hi-? ?hat|charleston", 42),
    (r"floor ?tom|low ?tom|large tom", 43),
    (r"high ?tom|small tom", 50),
    (r"\btoms?\b|tom-?tom", 47),
    (r"\bride bell", 53),
    (r"\bride", 51),
    (r"splash", 55),
    (r"\bchin(a|ese)\b", 52),
    (r"tam-? ?tam|gong", 52),
    (r"crash|cymbal|becken|piatti|cinelli", 49),
    (r"tamb(o|u)urin", 54),
    (r"cow ?bell", 56),
    (r"vibra-?slap", 58),
    (r"bongo", 60),
    (r"conga", 63),
    (r"timbale", 65),
    (r"agog[oô]", 67),
    (r"cabasa", 69),
    (r"maraca", 70),
    (r"g[uü]iro", 73),
    (r"clave", 75),
    (r"wood ?block|temple ?block", 76),
    (r"triang", 81),
    (r"shaker", 82),
    (r"castanet", 85),
)  # the first that a name holds -> key of the drum channel

DRUM_STAFF = {
    ("D", 4): 44,
    ("E", 4): 35,
    ("F", 4): 36,
    ("G", 4): 41,
    ("A", 4): 43,
    ("B", 4): 45,
    ("C", 5): 38,
    ("D", 5): 47,
    ("E", 5): 48,
    ("F", 5): 51,
    ("G", 5): 42,
    ("A", 5): 49,
    ("B", 5): 57,
}  # step and octave as in a treble clef -> key of the drum channel
SNARE, STICK = 38, 37


def program_of(sound: str) -> int | None:
    """The programme of a sound identifier like 'wind.flutes.flute.alto', by its longest known beginning; None where unknown."""
    return _longest(SOUNDS, sound)


def drum_of(sound: str, *names: str) -> int | None:
    """The key of an unpitched sound, by its identifier or else by the first name that tells; None where none does."""
    found = _longest(PERCUSSION, sound)
    if found is not None:
        return found
    for name in names:
        for pattern, key in DRUM_NAMES:
            if re.search(pattern, name, re.IGNORECASE):
                return key
    return None


def drum_at(step: str, octave: int, crossed: bool) -> int:
    """The key of a place on a drum staff; `crossed`: its head is a cross, so that the snare's place is a stick on the rim."""
    key = DRUM_STAFF.get((step, octave), SNARE)
    return STICK if key == SNARE and crossed else key


def _longest(table: dict[str, int], sound: str) -> int | None:
    parts = sound.strip().lower().split(".")
    for count in range(len(parts), 0, -1):
        if (found := table.get(".".join(parts[:count]))) is not None:
            return found
    return None
