"""Limits and defaults of the media, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MusicLimits:
    """What one file of music may be, so that a broken or hostile one is refused before it fills the
    memory.
    """

    max_bytes: int = 20_000_000  # the largest real scores (orchestral MusicXML) are near 15 MB
    max_unzipped_bytes: int = 60_000_000  # .mxl shrinks 10 to 25 times; more than this is a mistake or a bomb
    max_notes: int = 200_000  # a four-hour opera; a "black MIDI" has millions
    max_ticks: int = 24 * 500_000  # half a million quarter notes: bars are laid out one by one
    # With repeats played out; the longest symphonies and operas have some 5,000
    max_played_bars: int = 20_000
    max_tune_characters: int = 2_000_000  # one tune of an ABC book: the largest are scores of some 300 kB
    # How many times its printed length a tune may last with its repeats: dances reach 16
    played_times: int = 64
    # A WAV preview ends here: 100 MB of samples are enough to hear what a piece is like
    sound_s: float = 600.0
    sound_rate: int = 44_100  # samples a second
    roll_bars: int = 160  # bars drawn in one piano roll before it stops being readable
    engraved_bars: int = 400  # bars engraved in one SVG; browsers grow slow beyond


MUSIC_LIMITS = MusicLimits()


@dataclass(frozen=True)
class TextDefaults:
    """Reading, dividing and comparing texts (`media/text*.py`)."""

    max_bytes: int = (
        64 * 1024 * 1024
    )  # one work: about forty long novels; more is a collection, and belongs in several files
    max_unpacked_bytes: int = 256 * 1024 * 1024  # one epub or docx, packed or unpacked, pictures included
    max_ratio: float = 200.0  # unpacked / packed; real books reach 30, deflate's limit (a bomb) is 1,032
    max_markup_bytes: int = (
        32 * 1024 * 1024
        # One part of XML or HTML: the largest real ones have 10 MB; a parsed tree takes ten times as much
        # memory.
    )
    max_tags: int = 1_500_000  # of one part: a thousand pages of Word have 500,000
    max_entries: int = 10_000  # parts of one epub or docx; large books have hundreds
    # Of what pairs of letters say in a text of 100 characters, and a tenth of it for each sign beyond ASCII.
    letters_weight: float = 4.0
    odd_weight: float = 3.0  # of each sign that stands where such signs do not stand
    # Encodings that are weighed, the likeliest by pairs of letters: the right one is rarely the fourth.
    candidates: int = 12
    # Mean oddness of signs beyond ASCII: random bytes give 0.55 in their best encoding, texts below 0.2.
    odd_mean: float = 0.42
    most_signs: int = 1_500  # signs beyond ASCII whose neighbours are looked at
    control_share: float = 0.005  # more control characters than this: not a text
    # Of the letters beyond ASCII that may be damaged in an encoding that the file names.
    # Symbols or control characters that a text of any length may hold: a line may be "5 £ = 6 €"
    few_odd: int = 3
    damaged_share: float = 0.02
    # Symbols in a guessed encoding: random bytes give 0.12 and more, texts of any script below 0.03
    odd_share: float = 0.08
    detect_bytes: int = 64 * 1024  # how much is shown to chardet: more does not change its answer
    # Characters; longer paragraphs may also be divided at lines, then at sentences
    longest_paragraph: int = 2_000
    shingle: int = 5  # words in a shingle: the usual choice for near-duplicates (Broder 1997)
    character_buckets: int = 1024  # hashed character 3- to 5-grams in `features`
    earliest_end: float = 0.8  # a take of a wanted length may end its work from here on
    overrun: float = 0.2  # and is cut off, even inside a sentence, this much beyond it
    # A text of whole sentences goes on so far for the end of one (they have some 100 characters), or is cut
    # after the last one
    overrun_of_prose: float = 0.5
    longest_wait: int = 240  # characters, at least so far
    characters_a_word: float = 6.0  # with the blank, in most European languages


TEXT = TextDefaults()


@dataclass(frozen=True)
class BpeDefaults:
    """The text codec (`media/text/bpe.py`)."""

    vocabularies: tuple[int, ...] = (
        512,
        1024,
        2048,
        4096,
        8192,
    )  # sizes to choose from; larger heads cost more than they give on a CPU
    occurrences: float = 200.0  # average uses of a token in the collection: 1 MB gets 1,024, 5 MB 4,096
    # Line ends apart from punctuation: 6 % more tokens in verse, but a text given up to a comma continues
    # naturally.
    joined: bool = False
    longest_token: int = 16  # characters; longer tokens are stock phrases, and make borrowing coarse
    # Bytes back that the memory counts in: PPM's best order on 1 MB of plays (order 4: +0.07 bits)
    longest_view: int = 6
    learned_words: int = 1_000_000  # words given to the learner: more changes no merge that matters
    sampled_words: int = 20_000  # most frequent words, by which the vocabulary is chosen
    cached_words: int = 400_000  # merged words kept in memory: about 80 MB


BPE = BpeDefaults()


@dataclass(frozen=True)
class ImageDefaults:
    """Reading, framing and comparing pictures (`media/image*.py`)."""

    max_bytes: int = 200_000_000  # a 16-bit TIFF of 33 megapixels; more is a scan to be reduced first
    max_pixels: int = 80_000_000  # cameras make up to 61 megapixels; unpacked, 80 take 320 MB for a moment
    # Longer side of a content: four times the largest side that is learned, and 4 MB at most
    side_px: int = 1024
    # Longer side at which SVG is drawn: the largest that is learned; 512 takes three times as long
    svg_px: int = 256
    max_svg_bytes: int = 10_000_000  # the largest of 4,495 real drawings has 0.1 MB, maps have some
    max_svg_elements: int = 50_000  # resvg draws some 100,000 simple ones a second
    max_svg_drawn: int = 500_000  # elements counting copies: some seconds
    max_svg_copied: int = 20_000  # elements written out anew because styles differ where a copy is put
    max_svg_rules: int = 1_000_000  # style rules that refer to something, times the elements they may be of
    max_svg_nested: int = 20  # drawings in a drawing that are drawn
    svg_draw_s: float = 3.0  # of processor time for a file; of 700 real drawings the slowest takes 0.12
    max_svg_memory: int = 1_000_000_000  # bytes of the process that draws
    # Characters of an XML entity: Illustrator writes namespaces as entities, bombs are larger
    max_entity: int = 200
    max_band_bytes: int = 256_000_000  # of a deep TIFF, unpacked at once: some write all rows as one strip
    least_side_px: int = 4  # below: a tracking pixel or a mistake, not a picture
    small_side_px: int = 16  # half the smallest side that is learned: said, since it will be blown up
    sheet_works: int = 64  # pictures on a contact sheet: 8 x 8 are taken in at a glance
    sheet_clips: int = 16  # clips on a sheet, one a row
    sheet_px: int = 96  # tiles are enlarged by whole numbers to at least this


IMAGE = ImageDefaults()


@dataclass(frozen=True)
class VideoDefaults:
    """Reading and writing short silent clips (`media/video/medium.py`, `media/video/*.py`)."""

    max_bytes: int = 250_000_000  # two minutes of a telephone's 4K
    max_frames: int = 18_000  # ten minutes at 30 a second: beyond it a film, to be cut first
    max_pixels: int = 36_000_000  # of one frame: 8K
    # Of a frame that is larger than the file says at its beginning (a browser's recording of a window): 4K
    grown_px: int = 9_000_000
    # Frames that are decoded at a time: as many threads as fit, at 3 bytes a pixel (all cores up to 4K)
    threads_bytes: int = 512_000_000
    # In all tables of an MP4 but those of sound: ten minutes of pictures and subtitles have 100,000
    max_samples: int = 1_000_000
    max_edited: int = 10_000_000  # samples times edits of an MP4: FFmpeg lists them anew for each edit
    side_px: int = 256  # longer side of a content: twice what x2 output of the largest clips needs
    # All frames of a content together: 144 MB in RGB; longer clips get smaller frames
    content_px: int = 48_000_000
    max_rate: float = 60.0  # frames a second: faster than that nobody sees, and GIFs claim any rate
    on_time: float = 0.25  # of a frame's time that its start may be off, in a clip of constant rate
    least_shot_s: float = 0.4  # shorter is a flash, not a shot
    cut: float = 0.10  # mean change of brightness (0..1) between two frames, at least, at a cut
    cut_over: float = 4.0  # and so many times the median change around it
    signature_rows: int = 16  # frames looked at when clips are compared: one a second up to this


VIDEO = VideoDefaults()


@dataclass(frozen=True)
class CodecDefaults:
    """The music codecs (`media/music/grid_codec.py`, `media/music/event_codec.py`) and what rests on motifs
    (`media/music/motifs.py`).
    """

    # Every token names what sounds: memory alone 0.50 nats a note on chorales, with one hold token 0.57.
    ties: str = "sustain"
    # Of the varied copies for learning: half stay free, since free pieces are asked for most
    given_share: float = 0.5
    # Of the copies in which voices are given, so many give the highest alone: melodies are what people bring
    melody_share: float = 0.5
    # Of the varied copies without given cells: so many do not know their key, as new pieces do not
    keyless_share: float = 0.5
    # Of the frames in which two voices sound: works with more crossings than this let takes cross as well
    crossings: float = 0.02
    rest_quantile: float = 0.9  # of the works' longest rests: takes rest no longer
    shifts: tuple[int, int] = (-5, 6)  # transpositions tried: every key once, by the shorter way
    # Semitones beyond the collection's range that still have tokens, so that unseen pieces can be scored.
    margin: int = 5
    most_voices: int = 8  # more lines than that are a texture, not voices
    cached_grids: int = 4096  # scores kept on the grid: learning comes back to each of them many times
    longest_gap: int = 8  # bars; with `longest_known` it shapes the gaps that learning sees
    longest_known: int = 4  # bars known between two gaps of one example
    # A piece of a wanted length may end at this share of its notes, where the model wants it
    earliest_end: float = 0.85
    positions: int = 96  # every tick of a bar of 4/4 has a place where the playing is that free
    durations: int = 64  # the usual ones cover nearly all notes; the rest go to the nearest
    tracks: int = 16  # as many as a MIDI file has channels
    steady: float = 4.0  # standard deviation of velocities below which loudness says nothing
    # Notes: short enough for a folk tune, long enough that scales do not make everything alike
    shingle: int = 6


CODEC = CodecDefaults()
