"""Defaults of learning and making with sequence models, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LearnDefaults:
    """Learning sequences. Figures are from tiny-shakespeare and the JSB chorales on two cores
    (docs/decisions/)."""

    longest_s: float = (
        60 * 86400.0
    )  # a longer budget is a slip of the finger; two months are more than any shelf of works can use
    most_kwh: float = 1_000.0  # two months at 700 W
    most_steps: int = 100_000_000  # two months at twenty steps a second
    # Tokens: some 600 characters; longer windows cost more than they gave within minutes
    window_text: int = 256
    window_music: int = 256  # tokens: four bars of four voices
    batch: int = 16  # windows a step: 4,096 tokens; smaller batches leave the matrix units idle
    matrix_lr: float = 0.02  # Muon's usual rate
    other_lr: float = 3e-3  # AdamW on tables and scales
    warm_up: int = 20  # steps
    cool_down: float = 0.45  # last share of the run in which the rate falls to 0
    efficiency: float = 0.55  # of the bare matrix product's speed, measured
    # 'auto' takes the largest network that sees this many tokens for each trunk parameter
    tokens_per_parameter: float = 0.4
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
    # Of the usual rates, where weights are gone on from: what they know is not to be unlearned first
    started_rate: float = 0.3
    # Few works are memorised within seconds by a network that knows others: so early shares of a run
    early_evaluations: tuple[float, ...] = (0.004, 0.01, 0.02, 0.035)
    evaluations: int = 12  # on works not learned from, spread over the budget
    evaluation_tokens: int = 6000  # of each; an evaluation costs about as much as half a step of learning
    # Of the time, which evaluations may take; they wait until they are within it
    evaluation_share: float = 0.06
    evaluation_of_left: float = 0.25  # and an evaluation takes no more than this part of what is left
    late_evaluation: float = 0.03  # of the time, by which the last one may end late
    checkpoint_s: float = 45.0  # a kill loses at most this and the time of one write: under a minute
    # Characters to learn from; below, a network learns nothing that the memory does not know
    least_text: int = 2000
    least_music: int = 400  # notes
    least_seconds: float = 10.0  # a shorter budget is gone before the first step
    overfit_evaluations: int = 2  # in a row that got worse, before learning begins to cool down
    # Stretches of 64 tokens that the critic learns from, and as many that it is tested on
    critic_stretches: int = 192
    critic_epochs: int = 30
    critic_s: float = 25.0  # time kept for it, most of which goes into making stretches
    critic_least_s: float = 120.0  # in shorter budgets the time is worth more to the network;
    # over a base, where the stretches of a critic take over a minute to make, in shorter ones than these
    critic_least_over_a_base_s: float = 1800.0
    told_least_s: float = 120.0  # in shorter budgets no takes are made to tell of them
    trait_takes: int = 24  # made after learning, to say on the card what takes are like
    trait_share: float = 0.03  # of the budget, kept for them; shorter budgets than the critic's make none
    # Of the time, that takes shown on the way may cost; the first ones come after so long, and each next ones
    # when so many times the time is spent: a curve of learning is steep first and flat later
    preview_share: float = 0.03
    preview_first_s: float = 10.0
    preview_pause: float = 1.35
    preview_takes: int = 2  # one shows nothing of how takes differ
    preview_part: float = 0.4  # of the usual length of a take: some lines, some bars
    preview_base_s: float = 120.0  # on a base the first ones wait so long: they take seconds, not tenths
    extraction_share: float = 0.05  # of the time, at most, for testing whether a base recites
    gate_tokens: int = 24_000  # tokens of the critic's works that the gate is fitted on, at most
    figure_tokens: int = 30_000  # tokens of held-out works that the card's figures are measured on, at most


LEARN = LearnDefaults()


@dataclass(frozen=True)
class AdaptDefaults:
    """Learning an adapter of a base (docs/decisions/048)."""

    window: int = 512  # tokens: some 2,000 characters
    tokens_a_step: int = 2048  # at most,
    tokens_at_once: int = 1024  # of a step, in one pass of the network: 0.9 GB less than all of 2,048
    least_steps: int = 80  # and fewer where a budget would else hold fewer steps than these
    steps_a_pass: int = 8  # or a pass over the works
    least_window: int = 256  # shorter ones do not teach what a base is good at
    evaluation_share: int = 40  # an evaluation reads this part of the tokens that a run learns
    trial: int = 256  # tokens that are learned in a trial of the rate
    context: int = 2560  # tokens that are seen when a content is read or made
    before: int = 2000  # of them, that may stand before a take which goes on from something
    rate: float = 1e-3  # for a base as wide as this,
    rate_width: float = 1024.0  # and less for wider ones
    # Takes are drawn as the works are, without what is far less likely than the likeliest (min-p)
    temperature: float = 1.0
    min_p: float = 0.05
    words: int = 150  # of a take when nothing is said: a scene, a long paragraph
    openings: float = 0.25  # of the windows learned from begin where a paragraph of a work begins


ADAPT = AdaptDefaults()


@dataclass(frozen=True)
class MakeDefaults:
    """Making takes."""

    hottest: float = 3.0  # the highest temperature: well before it what comes out is noise
    temperature: float = 0.9  # a little cooler than the works themselves: fewer slips, hardly less variety
    borrow: float = 0.5  # the gate as fitted
    min_p: float = 0.0  # nothing is left out: a network learned from nothing is never that sure
    units_text: int = 600  # characters of a take when nothing is said: a short poem, a long paragraph
    units_music: int = 160  # notes: some ten bars of four voices
    longest: int = 200_000  # units asked for at once
    longest_start: int = 6_000  # characters of a given text that the model looks back at
    most_tokens: int = 200_000
    # A counted memory up to this is kept in .etude/, so that the next take need not wait
    most_cached_bytes: int = 600_000_000
    attempts: int = 5  # times a take is drawn again where a copy got through
    no_copy: int = 8  # words or notes of a run that --no-copy forbids where no number is given
    least_compared: int = 12  # takes, for a count of near-copies on a card
    drafts: int = 4  # of each block, where the critic is used (docs/decisions/ has what more of them give)
    fillings: int = 32  # fillings drawn for one gap
    look_ahead: int = 200  # characters after the gap that a filling must lead to


MAKE = MakeDefaults()
