"""Every default of Etude, once, with its reason: one frozen dataclass an area, and the instance that the area uses.

Knows nothing of the areas: it imports nothing of Etude.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StoreDefaults:
    """The project folder."""

    project_format: int = 1  # raised when an older version could misread the folder
    model_format: int = 1  # the same for models/<id>/model.json
    lock_wait_s: float = (
        5.0  # longer than any write of ours; short enough that a person does not think it hangs
    )
    batch_bytes: int = 256_000_000  # originals held in memory while works are added: some fifty photographs
    glance_bytes: int = 64_000_000  # of works and pieces hashed by `doctor`: about a tenth of a second
    temp_age_s: float = 3600.0  # temporary files of a live process are left alone for this long


STORE = StoreDefaults()


@dataclass(frozen=True)
class SplitDefaults:
    """How works are divided between learning and measuring."""

    critic: float = (
        0.06  # share of the units: enough for a small critic, little beside what the generator learns from
    )
    held_out: float = 0.06  # share of the units: 6 % of a novel are some 40,000 characters, enough for a figure with an interval
    min_part_units: int = 400  # characters; a shorter part of a divided work measures nothing: about a page
    min_part_notes: int = 64  # about two phrases in four voices
    min_part_frames: int = 24  # a second of film: a clip is cut at its shots
    largest_block: float = 0.25  # of one work: more would take away too much of it from learning
    seed: int = 0


SPLIT = SplitDefaults()


@dataclass(frozen=True)
class DuplicateDefaults:
    """When two works count as the same."""

    permutations: int = 128  # standard error of the estimate <= 0.045 (Broder 1997)
    bands: int = 32  # 32 bands of 4 rows find a pair of Jaccard 0.6 with probability 0.988
    jaccard: float = 0.6  # editions of one poem lie above, poems of one poet far below
    contained: float = (
        0.8  # of the shorter work's shingles found in the longer one: a poem inside a collected edition
    )
    min_shingles: int = 8  # below this, agreement is chance: only equal works count


DUPLICATES = DuplicateDefaults()


@dataclass(frozen=True)
class MusicLimits:
    """What one file of music may be, so that a broken or hostile one is refused before it fills the memory."""

    max_bytes: int = 20_000_000  # the largest real scores (orchestral MusicXML) are near 15 MB
    max_unzipped_bytes: int = 60_000_000  # .mxl shrinks 10 to 25 times; more than this is a mistake or a bomb
    max_notes: int = 200_000  # a four-hour opera; a "black MIDI" has millions
    max_ticks: int = 24 * 500_000  # half a million quarter notes: bars are laid out one by one
    sound_s: float = (
        600.0  # a WAV preview ends here: 100 MB of samples are enough to hear what a piece is like
    )
    sound_rate: int = 44_100  # samples a second
    roll_bars: int = 160  # bars drawn in one piano roll before it stops being readable
    engraved_bars: int = 400  # bars engraved in one SVG; browsers grow slow beyond


MUSIC_LIMITS = MusicLimits()


@dataclass(frozen=True)
class CredentialDefaults:
    """What leaves the studio signed."""

    leaf_days: int = 3650  # without a network there is no trusted time-stamp: once the certificate ends, nothing signed with it verifies
    max_resembled: int = 10  # each work named costs 0.3 kB in every file, and beyond ten nobody reads them
    max_title: int = 200  # characters of a title or name that are made public: a title, not a text
    max_name: int = 64  # bytes of a certificate's common name (RFC 5280, ub-common-name)
    max_searched: int = (
        100  # files of a folder that are compared when a file and its credential have names unlike each other
    )
    max_bytes: int = (
        1 << 30
    )  # files are signed and checked in memory, which takes about three times their size


CREDENTIALS = CredentialDefaults()


@dataclass(frozen=True)
class TextDefaults:
    """Reading, dividing and comparing texts (`media/text*.py`)."""

    max_bytes: int = (
        64 * 1024 * 1024
    )  # one work: about forty long novels; more is a collection, and belongs in several files
    max_unpacked_bytes: int = 256 * 1024 * 1024  # one epub or docx, packed or unpacked, pictures included
    max_ratio: float = 200.0  # unpacked / packed; real books reach 30, deflate's limit (a bomb) is 1,032
    max_entries: int = 10_000  # parts of one epub or docx; large books have hundreds
    control_share: float = 0.005  # more control characters than this: not a text
    odd_share: float = (
        0.08  # symbols in a guessed encoding: random bytes give 0.12 and more, texts of any script below 0.03
    )
    high_share: float = 0.3  # fewer bytes >= 128 than this: a Latin script, read as Windows-1252; more: the encoding is looked for
    detect_bytes: int = (
        64 * 1024
    )  # how much is shown to charset-normalizer: it is slow, and more does not change its answer
    longest_paragraph: int = (
        2_000  # characters; longer paragraphs may also be divided at lines, then at sentences
    )
    shingle: int = 5  # words in a shingle: the usual choice for near-duplicates (Broder 1997)
    character_buckets: int = 1024  # hashed character 3- to 5-grams in `features`
    earliest_end: float = 0.8  # a take of a wanted length may end its work from here on
    overrun: float = 0.2  # and is cut off, even inside a sentence, this much beyond it


TEXT = TextDefaults()


@dataclass(frozen=True)
class BpeDefaults:
    """The text codec (`media/bpe.py`)."""

    vocabularies: tuple[int, ...] = (
        512,
        1024,
        2048,
        4096,
        8192,
    )  # sizes to choose from; larger heads cost more than they give on a CPU
    occurrences: float = 200.0  # average uses of a token in the collection: 1 MB gets 1,024, 5 MB 4,096
    joined: bool = False  # line ends apart from punctuation: 6 % more tokens in verse, but a text given up to a comma continues naturally
    longest_token: int = 16  # characters; longer tokens are stock phrases, and make borrowing coarse
    longest_view: int = (
        6  # bytes back that the memory counts in: PPM's best order on 1 MB of plays (order 4: +0.07 bits)
    )
    learned_words: int = 1_000_000  # words given to the learner: more changes no merge that matters
    sampled_words: int = 20_000  # most frequent words, by which the vocabulary is chosen
    cached_words: int = 400_000  # merged words kept in memory: about 80 MB


BPE = BpeDefaults()


@dataclass(frozen=True)
class ImageDefaults:
    """Reading, framing and comparing pictures (`media/image*.py`)."""

    max_bytes: int = 200_000_000  # a 16-bit TIFF of 33 megapixels; more is a scan to be reduced first
    max_pixels: int = 80_000_000  # cameras make up to 61 megapixels; unpacked, 80 take 320 MB for a moment
    side_px: int = (
        1024  # longer side of a content: four times the largest side that is learned, and 4 MB at most
    )
    svg_px: int = (
        256  # longer side at which SVG is drawn: the largest that is learned; 512 takes three times as long
    )
    max_svg_bytes: int = 10_000_000  # the largest of 4,495 real drawings has 0.1 MB, maps have some
    max_svg_elements: int = 50_000  # resvg draws some 100,000 simple ones a second
    max_svg_drawn: int = 500_000  # elements counting copies: some seconds
    max_svg_copied: int = 20_000  # elements written out anew because styles differ where a copy is put
    max_svg_rules: int = 1_000_000  # style rules that refer to something, times the elements they may be of
    max_svg_filters: int = 100  # filter primitives: each works through every pixel
    max_entity: int = (
        200  # characters of an XML entity: Illustrator writes namespaces as entities, bombs are larger
    )
    max_band_bytes: int = 256_000_000  # of a deep TIFF, unpacked at once: some write all rows as one strip
    least_side_px: int = 4  # below: a tracking pixel or a mistake, not a picture
    small_side_px: int = 16  # half the smallest side that is learned: said, since it will be blown up
    sheet_works: int = 64  # pictures on a contact sheet: 8 x 8 are taken in at a glance
    sheet_clips: int = 16  # clips on a sheet, one a row
    sheet_px: int = 96  # tiles are enlarged by whole numbers to at least this


IMAGE = ImageDefaults()


@dataclass(frozen=True)
class VideoDefaults:
    """Reading and writing short silent clips (`media/video.py`, `media/clip*.py`)."""

    max_bytes: int = 250_000_000  # two minutes of a telephone's 4K
    max_frames: int = 18_000  # ten minutes at 30 a second: beyond it a film, to be cut first
    max_pixels: int = 36_000_000  # of one frame: 8K
    side_px: int = 256  # longer side of a content: twice what x2 output of the largest clips needs
    content_px: int = (
        48_000_000  # all frames of a content together: 144 MB in RGB; longer clips get smaller frames
    )
    max_rate: float = 60.0  # frames a second: faster than that nobody sees, and GIFs claim any rate
    on_time: float = 0.25  # of a frame's time that its start may be off, in a clip of constant rate
    least_shot_s: float = 0.4  # shorter is a flash, not a shot
    cut: float = 0.10  # mean change of brightness (0..1) between two frames, at least, at a cut
    cut_over: float = 4.0  # and so many times the median change around it
    signature_rows: int = 16  # frames looked at when clips are compared: one a second up to this


VIDEO = VideoDefaults()


@dataclass(frozen=True)
class LookalikeDefaults:
    """When two pictures count as the same (`curate/lookalikes.py`). Figures are in docs/decisions.md."""

    likeness: float = (
        0.97  # cosine of two signatures: saved anew 0.99 and more, most other drawings below 0.95
    )
    trimmed: float = 0.04  # of each side: a picture is also compared with its own middle
    contained: float = 0.8  # of the shorter clip's frames found in the longer one


LOOKALIKE = LookalikeDefaults()


@dataclass(frozen=True)
class TraceDefaults:
    """What a trace lists, and from where on it calls anything unusual."""

    verbatim_words: int = (
        5  # in a shelf of a few MB nearly every four words of a sentence stand somewhere by chance
    )
    verbatim_notes: int = (
        8  # intervals and rhythm of seven notes recur within one composer's tunes all the time
    )
    verbatim_spans: int = 40  # spans listed: more is a table, not reading
    places_shown: int = 4  # places quoted for one span, every work once before any twice
    context_characters: int = 160  # read before and after a quotation: a sentence of prose
    context_lines: int = 3  # or so many lines of verse, the quotation's own counted
    gap_tokens: int = 1  # tokens of another origin that do not break a passage: a comma, a rest
    passage_share: float = (
        0.10  # mean share of the work in a passage: below it the word "borrowed" says too much
    )
    place_share: float = (
        0.25  # of one token: a weaker place is named by its work only, since finding lines costs time
    )
    passage_tokens: int = 3  # two tokens in a row from one place are "of the": no passage
    passages_shown: int = 60  # listed in a record, strongest first; the shares of all tokens are there beside
    table_rows: int = (
        2000  # tokens or notes in a page's table: more makes a page that browsers are slow to open
    )
    alpha: float = 0.05  # a piece as ordinary as the held-out works is flagged with at most this probability
    grid: int = 8  # a picture is compared by 8 x 8 regions
    side_px: int = 64  # pictures are compared in this size where no model says another
    frames_compared: int = 8  # of a clip that is traced
    frames_of_work: int = 3  # of a clip that is compared with
    held_out_pictures: int = (
        300  # held-out pictures that say what is ordinary; more make the first trace slow and change nothing
    )
    held_out_doubted: int = 200  # held-out works that say what the critic usually finds in each region
    held_out_needed: int = 20  # fewer held-out passages cannot give p < 0.05 (the smallest p is 1 / (n + 1))
    held_out_most: int = (
        200  # more held-out passages are thinned to this: p goes down to 0.005, and a trace stays instant
    )
    neighbours: int = 8  # nearest works listed
    smallest_part: int = 64  # units: features of less say nothing
    units_kept: int = 60_000_000  # characters or notes of works kept in memory between traces, for quotations


TRACE = TraceDefaults()


@dataclass(frozen=True)
class CodecDefaults:
    """The music codecs (`media/frames.py`, `media/events.py`) and what rests on motifs (`media/motifs.py`)."""

    ties: str = "sustain"  # every token names what sounds: memory alone 0.50 nats a note on chorales, with one hold token 0.57
    given_share: float = (
        0.5  # of the varied copies for learning: half stay free, since free pieces are asked for most
    )
    shifts: tuple[int, int] = (-5, 6)  # transpositions tried: every key once, by the shorter way
    margin: int = 5  # semitones beyond the collection's range that still have tokens, so that unseen pieces can be scored
    most_voices: int = 8  # more lines than that are a texture, not voices
    cached_grids: int = 4096  # scores kept on the grid: learning comes back to each of them many times
    longest_gap: int = 8  # bars; with `longest_known` it shapes the gaps that learning sees
    longest_known: int = 4  # bars known between two gaps of one example
    earliest_end: float = (
        0.85  # a piece of a wanted length may end at this share of its notes, where the model wants it
    )
    positions: int = 96  # every tick of a bar of 4/4 has a place where the playing is that free
    durations: int = 64  # the usual ones cover nearly all notes; the rest go to the nearest
    tracks: int = 16  # as many as a MIDI file has channels
    steady: float = 4.0  # standard deviation of velocities below which loudness says nothing
    shingle: int = (
        6  # notes: short enough for a folk tune, long enough that scales do not make everything alike
    )


CODEC = CodecDefaults()


@dataclass(frozen=True)
class LearnDefaults:
    """Learning sequences. Figures are from tiny-shakespeare and the JSB chorales on two cores (docs/decisions.md)."""

    longest_s: float = (
        60 * 86400.0
    )  # a longer budget is a slip of the finger; two months are more than any shelf of works can use
    most_kwh: float = 1_000.0  # two months at 700 W
    most_steps: int = 100_000_000  # two months at twenty steps a second
    window_text: int = (
        256  # tokens: some 600 characters; longer windows cost more than they gave within minutes
    )
    window_music: int = 256  # tokens: four bars of four voices
    batch: int = 16  # windows a step: 4,096 tokens; smaller batches leave the matrix units idle
    matrix_lr: float = 0.02  # Muon's usual rate
    other_lr: float = 3e-3  # AdamW on tables and scales
    warm_up: int = 20  # steps
    cool_down: float = 0.45  # last share of the run in which the rate falls to 0
    efficiency: float = 0.55  # of the bare matrix product's speed, measured
    tokens_per_parameter: float = (
        0.4  # 'auto' takes the largest network that sees this many tokens for each trunk parameter
    )
    parameters_per_token: float = 15.0  # and that is no larger than this for each token of the works
    hash_rows_per_token: int = 5
    most_hash_rows: int = 20_000
    dropout: tuple[tuple[float, float], ...] = (
        (5, 0.1),
        (10, 0.2),
        (20, 0.25),
        (1e9, 0.3),
    )  # (passes up to, dropout)
    weight_decay: tuple[tuple[float, float], ...] = ((5, 0.1), (10, 0.2), (1e9, 0.4))  # (passes up to, decay)
    evaluations: int = 12  # looks at works not learned from, spread over the budget
    evaluation_tokens: int = 6000  # of each look; a look costs about as much as half a step of learning
    looking: float = 0.06  # share of the time that looks may take; they wait until they are within it
    checkpoint_s: float = 45.0  # a kill loses at most this and the time of one write: under a minute
    least_text: int = (
        2000  # characters to learn from; below, a network learns nothing that the memory does not know
    )
    least_music: int = 400  # notes
    least_seconds: float = 10.0  # a shorter budget is gone before the first step
    overfit_looks: int = 2  # looks in a row that got worse before learning begins to cool down
    critic_stretches: int = (
        192  # stretches of 64 tokens that the critic learns from, and as many that it is tested on
    )
    critic_epochs: int = 30
    critic_s: float = 25.0  # time kept for it, most of which goes into making stretches
    critic_least_s: float = 120.0  # in shorter budgets the time is worth more to the network
    gate_tokens: int = 24_000  # tokens of the critic's works that the gate is fitted on, at most
    figure_tokens: int = 30_000  # tokens of held-out works that the card's figures are measured on, at most


LEARN = LearnDefaults()


@dataclass(frozen=True)
class PictureDefaults:
    """Learning pictures and clips (`learn/flow.py`, `learn/adversary.py`). Figures in docs/decisions.md."""

    least: int = 24  # works to learn from; with fewer a network learns them by heart
    warm_up: int = 50  # steps
    gradient_norm: float = 1.0  # steps are clipped to it
    looked_at: int = 256  # works not learned from that a look measures on
    looked_least: int = (
        64  # of draws of noise and times, of clips over their frames: fewer works are looked at several times
    )
    first_look_s: float = 45.0  # the first of the looks that lie closer together, early in a long run
    first_look_steps: int = 500
    good_every: int = 100  # steps between the states that a spoilt run goes back to
    most_spoilt: int = 5  # times that it goes back before it gives up
    batch: int = 64
    lr: float = 2e-3  # AdamW
    matrix_lr: float = 0.02  # Muon, on the convolutions inside; 0: AdamW for all
    weight_decay: float = 0.01
    average: float = 0.999  # of the weights, a step
    early_share: float = 0.4  # of a run at 64 pixels and more, spent at half the side
    refine_share: float = 0.4  # of the budget, for the one-pass generator and its critic
    refine_least_s: float = 1800.0  # at 32 pixels; twice as long at twice the side, and for clips. In less time it is worth more to the flow (docs/decisions.md)
    efficiency: float = 0.9  # of a matrix product's speed, that a step reaches
    larger_from_s: float = 3600.0  # of budgets from here on `auto` takes size m
    moved_share: tuple[float, float] = (
        0.3,
        0.8,
    )  # of the copies, moved at all, where works are seen seldom and often
    moved_passes: tuple[float, float] = (30.0, 150.0)  # times that every work is seen: seldom and often
    steps: int = 12  # midpoint steps along the field, two passes each
    frames: int = 16  # of a clip: a second of loop; the network's cost grows with them


PICTURES = PictureDefaults()


@dataclass(frozen=True)
class RefineDefaults:
    """Refining the one-pass generator against the critic (`learn/adversary.py`)."""

    batch: int = 48
    lr: float = 2e-4  # of the generator; ten times as much collapsed in the prototypes
    critic_lr: float = 1e-3  # of the critic's heads
    betas: tuple[float, float] = (0.0, 0.95)
    pairs: int = 8192  # noise with the flow's picture of it: the generator is taught no other noise before the critic comes
    pairs_bytes: float = 256e6  # that they may take in memory
    pair_steps: int = 6  # midpoint steps of these
    pairs_share: float = 0.15  # of the stage, at most, for making them
    pairs_alone: float = 0.2  # of what follows, on the pairs alone
    pairs_weight: float = 1.0  # of the distance to them afterwards
    weight: float = 1.0  # of the critic's word beside them
    late: float = (
        0.5  # of what has no pair, that begins with a work and noise: what takes of a few passes need
    )
    late_times: tuple[float, ...] = (0.25, 0.5, 0.75)
    penalty: float = 0.02  # zero-centred, on works and takes; a fifth of it and none at all came out alike
    epsilon: float = (
        0.05  # of the finite difference, in deviations of what a stage sees: smaller ones vanish in rounding
    )
    centring: float = 0.01
    shift_px: int = 3  # both of a pair alike
    gradient_norm: float = 5.0
    average: float = 0.995
    looked_at: int = 64  # takes from fixed noise
    look_s: float = 20.0
    look_steps: int = 25  # where the budget is in steps
    least_spread: float = 0.4  # of the works' spread; below, takes are becoming one picture
    most_turns: int = 4  # back to the last good state, before it gives up


REFINE = RefineDefaults()


@dataclass(frozen=True)
class JudgeDefaults:
    """The figures of a picture model (`learn/judge.py`)."""

    works: int = 512  # of each role that are compared with
    takes: int = 512
    copies: int = 256  # takes that are compared with every work
    least_works: int = 20  # held out; with fewer nothing is said of distances
    least_takes: int = 48
    steps: int = 6  # as takes are made
    times: int = 8  # at which the loss of a work is averaged
    draws: int = 200
    bound: float = 0.1  # what one pass may be worse by, as a share of the flow's own distance, at the upper end of the interval
    less_covered: float = 0.08  # by so much of the works fewer takes of the one-pass generator may cover, alone or where it leads: more is a sign that they are alike
    slack: float = 0.5  # and beside that, in units of the distance: below it nobody sees anything


JUDGE = JudgeDefaults()


@dataclass(frozen=True)
class EyesDefaults:
    """Choosing takes with a frozen network of others, where it is asked for (`learn/onlookers.py`)."""

    works: int = 2560  # to look at
    takes: int = 1536
    least_takes: int = 128  # fewer teach nothing
    at_once: int = 64
    penalty: float = 0.05  # on the squared weights, beside a mean loss
    share: float = 0.05  # of a budget, at most most_s
    most_s: float = 90.0
    choose: int = 2  # drafts for each take of such a model


EYES = EyesDefaults()


@dataclass(frozen=True)
class ExploreDefaults:
    """Making pictures and clips (`make/pictures.py`)."""

    most_drafts: int = 8  # times as many as takes that are asked for, where near copies are left out
    batch: int = 16  # pictures a pass: 16, 32 and 64 round alike
    few: int = 2  # pictures a pass where few are made and two round like sixteen: one alone never does
    few_until: int = 6  # so many are few
    apart_px: int = 32  # side at which it is judged how unlike takes are
    eta: float = 1.0  # of the noise that is made anew at each step: 1 halved the distance of takes to works (docs/decisions.md)
    renew_steps: int = 6  # of two passes each, where noise is made anew: 12 passes come as near to works as 24 (docs/decisions.md)
    mutation: float = 0.15  # of a right angle, that a child or a mixture has of its own
    vary: float = 0.35  # of a right angle, by which a branch turns from its take
    loop_eta: float = 0.0  # of loops
    loop_steps: int = 8  # of the flow for a frame of a loop
    sliders: int = 8
    furthest: float = 10.0  # standard deviations: far beyond what looks like anything
    slider_rounds: int = 2  # of measuring how far takes follow a slider, and setting its length
    slider_works: int = 4096  # whose variation sliders are of
    most_frames: int = 480  # of a loop: twenty seconds at 24 a second


EXPLORE = ExploreDefaults()


@dataclass(frozen=True)
class MakeDefaults:
    """Making takes."""

    hottest: float = 3.0  # the highest temperature: well before it what comes out is noise
    temperature: float = 0.9  # a little cooler than the works themselves: fewer slips, hardly less variety
    borrow: float = 0.5  # the gate as fitted
    units_text: int = 600  # characters of a take when nothing is said: a short poem, a long paragraph
    units_music: int = 160  # notes: some ten bars of four voices
    longest: int = 200_000  # units asked for at once
    longest_start: int = 6_000  # characters of a given text that the model looks back at
    most_tokens: int = 200_000
    most_cached_bytes: int = (
        600_000_000  # a counted memory up to this is kept in .etude/, so that the next take need not wait
    )
    attempts: int = 5  # times a take is drawn again where a copy got through
    drafts: int = 4  # of each block, where the critic is used (docs/decisions.md has what more of them give)
    fillings: int = 32  # fillings drawn for one gap
    look_ahead: int = 200  # characters after the gap that a filling must lead to


MAKE = MakeDefaults()


@dataclass(frozen=True)
class TakeDefaults:
    """What a person does with takes."""

    seen: int = (
        6  # of 255: pixels that differ by more are seen to differ, less is what a file format rounds away
    )


TAKES = TakeDefaults()
