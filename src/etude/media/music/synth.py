"""A small additive synthesiser: what a score is played with where no soundfont is installed.

Each family of General MIDI programs has a recipe of partials, an envelope (attack, decay, sustain, release)
and, where it sings, a vibrato; drums are shaped noise and falling tones. A short room of filtered, decaying
noise is laid over all. It is meant to let a person hear the notes pleasantly, not to imitate instruments. The
same score gives the same samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.config.media import MUSIC_LIMITS
from etude.media.music.clock import seconds_at
from etude.media.music.score import Score, Track

Wave = npt.NDArray[np.float32]
ROOM_S = 1.1  # length of the reverberation
WET = 0.16


@dataclass(frozen=True)
class Timbre:
    """Partials are (multiple of the pitch, level); `fade_s` is the time constant of a struck sound, 0 for a
    held one."""

    partials: tuple[tuple[float, float], ...]
    attack_s: float
    release_s: float
    fade_s: float = 0.0
    sustain: float = 1.0
    vibrato: float = 0.0  # depth in semitones
    damping: float = 0.0  # how much faster each higher partial fades
    breath: float = 0.0  # level of noise in the attack


def _harmonics(power: float, count: int, odd_only: bool = False) -> tuple[tuple[float, float], ...]:
    return tuple((float(k), k**-power) for k in range(1, count + 1) if not odd_only or k % 2)


PIANO = Timbre(
    tuple((k * (1 + 0.0004 * k * k) ** 0.5, k**-1.3) for k in range(1, 11)),
    0.004,
    0.14,
    1.3,
    0.0,
    damping=0.35,
)
CHIME = Timbre(((1.0, 1.0), (2.76, 0.4), (5.4, 0.2), (8.93, 0.08)), 0.002, 0.5, 0.8, 0.0, damping=0.5)
ORGAN = Timbre(
    ((0.5, 0.25), (1.0, 1.0), (2.0, 0.6), (3.0, 0.25), (4.0, 0.35), (6.0, 0.12), (8.0, 0.12)), 0.02, 0.09
)
PLUCKED = Timbre(_harmonics(1.1, 10), 0.003, 0.09, 0.75, 0.0, damping=0.55)
BASS = Timbre(_harmonics(1.5, 7), 0.006, 0.08, 1.1, 0.0, damping=0.4)
STRINGS = Timbre(_harmonics(1.25, 12), 0.07, 0.16, 0.0, 0.9, vibrato=0.09)
CHOIR = Timbre(
    ((1.0, 1.0), (2.0, 0.55), (3.0, 0.32), (4.0, 0.1), (5.0, 0.12), (6.0, 0.05)),
    0.08,
    0.2,
    0.0,
    0.95,
    vibrato=0.12,
)
BRASS = Timbre(_harmonics(0.95, 9), 0.035, 0.09, 0.0, 0.85)
REED = Timbre(
    (*_harmonics(0.9, 11, odd_only=True), (2.0, 0.15), (4.0, 0.1)), 0.025, 0.08, 0.0, 0.9, vibrato=0.05
)
FLUTE = Timbre(
    ((1.0, 1.0), (2.0, 0.28), (3.0, 0.1), (4.0, 0.03)), 0.045, 0.1, 0.0, 0.95, vibrato=0.1, breath=0.05
)
LEAD = Timbre(_harmonics(1.0, 8, odd_only=True), 0.01, 0.08, 0.0, 0.8)
PAD = Timbre(((1.0, 1.0), (1.004, 0.7), (2.0, 0.4), (2.996, 0.2), (4.01, 0.1)), 0.2, 0.45)
BY_FAMILY = (
    PIANO,
    CHIME,
    ORGAN,
    PLUCKED,
    BASS,
    STRINGS,
    CHOIR,
    BRASS,
    REED,
    FLUTE,
    LEAD,
    PAD,
    PAD,
    PLUCKED,
    CHIME,
    PAD,
)
KICK, SNARE, TOM, HAT, OPEN, CYMBAL = range(6)
DRUMS = {
    35: KICK,
    36: KICK,
    37: SNARE,
    38: SNARE,
    39: SNARE,
    40: SNARE,
    41: TOM,
    43: TOM,
    45: TOM,
    47: TOM,
    48: TOM,
    50: TOM,
    42: HAT,
    44: HAT,
    46: OPEN,
    49: CYMBAL,
    51: CYMBAL,
    52: CYMBAL,
    53: CYMBAL,
    55: CYMBAL,
    57: CYMBAL,
    59: CYMBAL,
    54: HAT,
    70: HAT,
}


def render(score: Score) -> Wave:
    """Samples (T, 2) in -1..1 at the configured rate."""
    rate = MUSIC_LIMITS.sound_rate
    total = int((seconds_at(score, [score.end])[0] + ROOM_S + 0.6) * rate)
    mix = np.zeros((total, 2), np.float32)
    played = [t for t in score.tracks if t.notes]
    for i, track in enumerate(played):
        pan = 0.5 if len(played) == 1 else 0.25 + 0.5 * i / (len(played) - 1)
        gains = np.array([np.cos(pan * np.pi / 2), np.sin(pan * np.pi / 2)], np.float32)
        _play(mix, track, score, gains, rate)
    mix += WET * _room(mix, rate)[:total]
    peak = float(np.abs(mix).max())
    if peak > 0:
        mix *= np.float32(0.85 / peak)
    return mix


def _play(mix: Wave, track: Track, score: Score, gains: Wave, rate: int) -> None:
    starts = seconds_at(score, [n.onset for n in track.notes])
    ends = seconds_at(score, [n.onset + n.duration for n in track.notes])
    for note, start, end in zip(track.notes, starts, ends, strict=True):
        if track.drum:
            wave = _drum(DRUMS.get(note.pitch, TOM), note.pitch, rate)
        else:
            wave = _tone(note.pitch, round((end - start) * 1000), track.program % 128 // 8, rate)
        at = int(start * rate)
        wave = wave[: len(mix) - at]
        mix[at : at + len(wave)] += (note.velocity / 127) ** 1.5 * wave[:, None] * gains


@lru_cache(maxsize=512)
def _tone(pitch: int, length_ms: int, family: int, rate: int) -> Wave:
    """One note (T,), envelope and release included."""
    timbre = BY_FAMILY[family]
    length_s = max(0.03, length_ms / 1000)
    t = np.arange(int((length_s + timbre.release_s) * rate), dtype=np.float32) / rate
    hertz = 440.0 * 2 ** ((pitch - 69) / 12)
    phase = 2 * np.pi * hertz * t
    if timbre.vibrato:  # sets in after a quarter of a second, as singers do
        depth = timbre.vibrato * np.log(2) / 12 * np.clip((t - 0.25) / 0.4, 0, 1)
        phase = phase - hertz * depth * np.cos(2 * np.pi * 5.2 * t) / 5.2
    wave = np.zeros_like(t)
    loud = sum(level for _, level in timbre.partials)
    for k, (multiple, level) in enumerate(timbre.partials):
        if hertz * multiple > 0.45 * rate:
            continue
        partial = np.sin(multiple * phase + 0.7 * k)
        if timbre.fade_s:  # high notes and high partials die sooner
            fade = timbre.fade_s * (262 / hertz) ** 0.4 / (1 + timbre.damping * k)
            partial *= np.exp(-t / fade)
        wave += level / loud * partial
    if timbre.breath:
        wave += timbre.breath * _noise(len(t)) * np.exp(-t / 0.08)
    envelope: Wave = np.minimum(1, t / timbre.attack_s)
    if not timbre.fade_s:
        envelope *= timbre.sustain + (1 - timbre.sustain) * np.exp(-t / 0.25)
    envelope *= np.where(t > length_s, np.maximum(0, 1 - (t - length_s) / timbre.release_s) ** 2, 1)
    quiet_bass = min(1.0, max(0.45, (hertz / 180) ** -0.25))  # equal loudness, roughly
    out: Wave = (0.5 * quiet_bass * wave * envelope).astype(np.float32)
    return out


@lru_cache(maxsize=64)
def _drum(kind: int, pitch: int, rate: int) -> Wave:
    t = np.arange(int(1.2 * rate) if kind in (OPEN, CYMBAL) else int(0.4 * rate), dtype=np.float32) / rate
    noise = _noise(len(t))
    bright = np.diff(noise, prepend=np.float32(0))
    if kind == KICK:
        wave = np.sin(2 * np.pi * (48 * t + 6 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.14)
    elif kind == SNARE:
        wave = 0.5 * noise * np.exp(-t / 0.09) + 0.5 * np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.06)
    elif kind == TOM:
        base = 80 * 2 ** ((pitch - 41) / 14)
        wave = np.sin(2 * np.pi * (base * t + 2 * (1 - np.exp(-t / 0.05)))) * np.exp(-t / 0.18)
    else:
        wave = 0.4 * bright * np.exp(-t / {HAT: 0.035, OPEN: 0.22, CYMBAL: 0.4}[kind])
    wave[-200:] *= np.linspace(1, 0, 200, dtype=np.float32)
    out: Wave = (0.7 * wave).astype(np.float32)
    return out


def _noise(count: int) -> Wave:
    """The same noise each time, so that the same score sounds the same."""
    noise = rng.for_(0, "noise of the synthesiser").standard_normal(count, dtype=np.float32)
    noise *= np.float32(0.5)
    return noise


def _room(mix: Wave, rate: int) -> Wave:
    """The sound of a small room: convolution with decaying noise, a little different left and right."""
    length = int(ROOM_S * rate)
    t = np.arange(length, dtype=np.float32) / rate
    noise = rng.for_(0, "room of the synthesiser").standard_normal((length + 8, 2), dtype=np.float32)
    soft = np.stack([noise[k : k + length] for k in range(8)]).mean(axis=0)  # takes the hiss out
    impulse: Wave = (soft * np.exp(-t / 0.28)[:, None] * (t > 0.012)[:, None]).astype(np.float32)
    impulse /= np.sqrt((impulse**2).sum(axis=0))
    out = np.zeros((len(mix) + length, 2), np.float32)
    size = 1 << 17  # overlap and add, so that a long piece needs little memory
    turned = np.fft.rfft(impulse, size, axis=0)
    hop = size - length
    for at in range(0, len(mix), hop):
        block = np.fft.irfft(np.fft.rfft(mix[at : at + hop], size, axis=0) * turned, size, axis=0)
        end = min(at + size, len(out))
        out[at:end] += block[: end - at].astype(np.float32)
    return out
