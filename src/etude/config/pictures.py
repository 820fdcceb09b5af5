"""Defaults of learning and making with picture models, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PictureDefaults:
    """Learning pictures and clips (`learn/flow_matching.py`). Figures in docs/decisions/."""

    least: int = 24  # works to learn from; with fewer, a network memorises them
    warm_up: int = 50  # steps
    gradient_norm: float = 1.0  # steps are clipped to it
    validation_works: int = 256  # validation works that an evaluation measures on
    # Of draws of noise and times, of clips over their frames: fewer works are looked at several times
    looked_least: int = 64
    first_look_s: float = 45.0  # the first evaluation; early in a long run they are closer together
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
    # At 32 pixels; twice as long at twice the side, and for clips. In less time it is worth more to the flow
    # (docs/decisions/).
    refine_least_s: float = 1800.0
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
    """Refining the one-pass generator against the critic (`learn/adversarial.py`)."""

    batch: int = 48
    lr: float = 2e-4  # of the generator; ten times as much collapsed in the prototypes
    critic_lr: float = 1e-3  # of the critic's heads
    betas: tuple[float, float] = (0.0, 0.95)
    # Noise with the flow's picture of it: the generator is taught no other noise before the critic comes.
    pairs: int = 8192
    pairs_bytes: float = 256e6  # that they may take in memory
    pair_steps: int = 6  # midpoint steps of these
    pairs_share: float = 0.15  # of the stage, at most, for making them
    pairs_alone: float = 0.2  # of what follows, on the pairs alone
    pairs_weight: float = 1.0  # of the distance to them afterwards
    weight: float = 1.0  # of the critic's word beside them
    # Of what has no pair, that begins with a work and noise: what takes of a few passes need
    late: float = 0.5
    late_times: tuple[float, ...] = (0.25, 0.5, 0.75)
    penalty: float = 0.02  # zero-centred, on works and takes; a fifth of it and none at all came out alike
    # Of the finite difference, in deviations of what a stage sees: smaller ones vanish in rounding
    epsilon: float = 0.05
    centring: float = 0.01
    shift_px: int = 3  # both of a pair alike
    gradient_norm: float = 5.0
    average: float = 0.995
    fixed_takes: int = 64  # takes from fixed noise
    look_s: float = 20.0
    look_steps: int = 25  # where the budget is in steps
    least_spread: float = 0.4  # of the works' spread; below, takes are becoming one picture
    most_turns: int = 4  # back to the last good state, before it gives up


REFINE = RefineDefaults()


@dataclass(frozen=True)
class EnlargeDefaults:
    """The learned enlargement (`learn/enlarging.py`). Figures in docs/decisions/050.

    Share and limits of time were chosen, not swept."""

    width: int = 64
    blocks: int = 8  # 0.65 M parameters with these; sixteen cost twice the time
    usual: int = 8  # times, at most, where nothing is said
    most_px: int = 256  # side of takes where nothing is said: a content of 1024 may be asked for
    least_px: int = 128  # below, takes stay as they are: twice 32 pixels is hardly another picture
    share: float = 0.3  # of the budget
    most_s: float = 900.0  # of learning
    least_s: float = 600.0  # of a budget, where nothing is said: shorter ones are worth more to the flow
    # The same where the weights to start from enlarge so many times already: they only have to get used to
    # the works (docs/decisions/054)
    begun_share: float = 0.15
    begun_least_s: float = 60.0
    seen_through: float = 0.02  # of a work's places: above, it is transparent
    most_transparent: float = 0.8  # of the works: from here on takes are transparent as well
    works_bytes: float = 400e6  # of large works in memory: 2,000 pictures of 256 pixels
    validation_works: int = 32  # works not learned from that an evaluation measures on
    tested: int = 64  # held-out works that the test is on
    least_tested: int = 5  # with fewer nothing is said, and takes stay small
    batch: int = 32  # crops
    crop_px: tuple[tuple[int, int], ...] = ((2, 32), (4, 24), (8, 12))  # of the small picture, by factor
    lr: float = 1e-3
    warm_up: int = 50
    cool_from: float = 0.7  # share of the run from which the rate falls to 0
    gradient_norm: float = 1.0
    average: float = 0.999
    grain: float = 0.3  # the most noise that works are given
    level: float = 0.1  # that it is told of when takes are enlarged
    # Of the crops, those of works that the flow has made anew in part: takes have its mistakes, and not
    # white noise
    redrawn: float = 0.5
    redrawn_works: int = 1024
    redrawn_share: float = 0.15  # of the time, at most, for making them
    redrawn_strength: tuple[float, float] = (0.15, 0.45)  # how much of each is made anew
    redrawn_steps: int = 2  # of two passes


ENLARGE = EnlargeDefaults()


@dataclass(frozen=True)
class JudgeDefaults:
    """The figures of a picture model (`learn/evaluate.py`)."""

    works: int = 512  # of each role that are compared with
    takes: int = 512
    copies: int = 256  # takes that are compared with every work
    least_works: int = 20  # held out; with fewer nothing is said of distances
    least_takes: int = 48
    least_loss: int = 8  # works, or frames of clips, that the loss is measured on at least
    steps: int = 6  # as takes are made
    times: int = 8  # at which the loss of a work is averaged
    draws: int = 200
    # Times the noise floor: takes whose distance is larger are so unlike works that their coverage means
    # nothing
    far: float = 10.0
    # What one pass may be worse by, as a share of the flow's own distance, at the upper end of the interval.
    bound: float = 0.1
    # By so much of the works fewer takes of the one-pass generator may cover, alone or where it leads: more
    # is a sign that they are alike.
    less_covered: float = 0.08
    slack: float = 0.5  # and beside that, in units of the distance: below it nobody sees anything


JUDGE = JudgeDefaults()


@dataclass(frozen=True)
class PaletteDefaults:
    """The colours of works (`palette.py`)."""

    works: int = 512  # looked at
    even: int = 2  # levels by which a place may differ from those beside it and be flat
    places: int = 200_000  # of flat places, evenly
    colours: int = 64
    rounds: int = 3  # of k-means after the median cut
    weights: tuple[int, int, int] = (
        3,
        6,
        1,
    )  # of red, green and blue in a distance, roughly as eyes have them


PALETTE = PaletteDefaults()


@dataclass(frozen=True)
class FollowDefaults:
    """Whether takes follow a sketch (`learn/following.py`)."""

    works: int = 32  # drawn as sketches: two batches
    least: int = 4
    strength: float = 0.6  # as --from has it where nothing is said
    enough: float = 0.9  # of the sketches are followed by a model that can; chance is a half
    sharp: float = 0.5  # of the works' strong edges; takes below are pale
    flat: float = 0.5  # of the works' flat places; takes below are grain
    even: float = 0.1  # difference of brightness, of 2, that is none
    warned_from: float = 0.45  # with less strength most of the sketch itself stays


FOLLOW = FollowDefaults()


@dataclass(frozen=True)
class EyesDefaults:
    """Choosing takes with a frozen network of others, where it is asked for (`learn/imagenet_ranking.py`)."""

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
    """Making pictures and clips (`make/request.py`)."""

    most_drafts: int = 8  # times as many as takes that are asked for, where near copies are left out
    batch: int = 16  # pictures a pass: 16, 32 and 64 round alike
    few: int = 2  # pictures a pass where few are made and two round like sixteen: one alone never does
    few_until: int = 6  # so many are few
    apart_px: int = 32  # side at which it is judged how unlike takes are
    # Of the noise that is made anew at each step: 1 halved the distance of takes to works
    # (docs/decisions/).
    eta: float = 1.0
    # Of two passes each, where noise is made anew: 12 passes come as near to works as 24 (docs/decisions/).
    renew_steps: int = 6
    # Models trained from now on renew their noise only from this part of the way on, in so many steps
    # (docs/decisions/057).
    late_from: float = 0.5
    late_steps: int = 12
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
