"""Defaults of traces and credentials, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CredentialDefaults:
    """What leaves the studio signed."""

    # Without a network there is no trusted time-stamp: once the certificate ends, nothing signed with it
    # verifies.
    leaf_days: int = 3650
    max_resembled: int = 10  # each work named costs 0.3 kB in every file, and beyond ten nobody reads them
    max_title: int = 200  # characters of a title or name that are made public: a title, not a text
    max_name: int = 64  # bytes of a certificate's common name (RFC 5280, ub-common-name)
    # Files of a folder that are compared when a file and its credential have names unlike each other
    max_searched: int = 100
    max_bytes: int = (
        1 << 30
    )  # files are signed and checked in memory, which takes about three times their size


CREDENTIALS = CredentialDefaults()


@dataclass(frozen=True)
class TraceDefaults:
    """What a trace lists, and from where on it calls anything unusual."""

    # In a shelf of a few MB nearly every four words of a sentence stand somewhere by chance
    verbatim_words: int = 5
    quoted: int = 90  # characters of what gave a take away to the critic
    # Intervals and rhythm of seven notes recur within one composer's tunes all the time
    verbatim_notes: int = 8
    verbatim_spans: int = 40  # spans listed: more is a table, not reading
    places_shown: int = 4  # places quoted for one span, every work once before any twice
    context_characters: int = 160  # read before and after a quotation: a sentence of prose
    context_lines: int = 3  # or so many lines of verse, the quotation's own counted
    gap_tokens: int = 1  # tokens of another origin that do not break a passage: a comma, a rest
    # Mean share of the work in a passage: below it the word "borrowed" says too much
    passage_share: float = 0.10
    # Of one token: a weaker place is named by its work only, since finding lines costs time
    place_share: float = 0.25
    passage_tokens: int = 3  # two tokens in a row from one place are "of the": no passage
    passages_shown: int = 60  # listed in a record, strongest first; the shares of all tokens are there beside
    # Tokens or notes in a page's table: more makes a page that browsers are slow to open
    table_rows: int = 2000
    alpha: float = 0.05  # a piece as ordinary as the held-out works is flagged with at most this probability
    grid: int = 8  # a picture is compared by 8 x 8 regions
    side_px: int = 64  # pictures are compared in this size where no model says another
    frames_compared: int = 8  # of a clip that is traced
    frames_of_work: int = 3  # of a clip that is compared with
    # Held-out pictures that say what is ordinary; more make the first trace slow and change nothing
    held_out_pictures: int = 300
    held_out_doubted: int = 200  # held-out works that say what the critic usually finds in each region
    held_out_needed: int = 20  # fewer held-out passages cannot give p < 0.05 (the smallest p is 1 / (n + 1))
    # More held-out passages are thinned to this: p goes down to 0.005, and a trace stays instant
    held_out_most: int = 200
    neighbours: int = 8  # nearest works listed
    smallest_part: int = 64  # units: features of less say nothing
    units_kept: int = 60_000_000  # characters or notes of works kept in memory between traces, for quotations


TRACE = TraceDefaults()


@dataclass(frozen=True)
class MarkDefaults:
    """The mark in takes of text and music."""

    alpha: float = 1e-3  # a text that nobody marked is called marked at most this often, all models together
    usual: float = 0.9  # of takes in which the mark is found, from which an audit calls it good


MARKS = MarkDefaults()


@dataclass(frozen=True)
class InfluenceDefaults:
    """`etude trace --test`: what attribution is tested with."""

    # Halves to learn from: with 16 a rank correlation of 0.4 is told from chance, with 8 one of 0.6
    halves: int = 16
    budget: str = "20s"  # of each: the whole test of a small model then takes about six minutes
    # Learned from at most for each half: more is not learned in such a budget, and reading it would use it up
    units: int = 400_000
    contents: int = 24  # takes whose loss is foretold
    seconds: float = 60.0  # for making them
    groups: int = 6  # with fewer there are no 16 halves: 5 give 10, 6 give 20
    most_groups: int = 24  # the smallest are taken together: halves hold all of them alike
    passages: int = 480  # of training works whose gradients are measured, as many of each group


INFLUENCE = InfluenceDefaults()
