"""What the writers' room finds, and how well a voice is told from others.

    python bench/story.py            planted contradictions, alarms in a novel, reading, voice
    python bench/story.py --base B   also: options against plain samples of the same base

Voice: of each author twelve passages are held out, one at a time with the twelfth of the works around
it. Counted is how often such a passage is nearer to what is left of its author than a held-out passage
of another author is (character n-grams and function words less what is usual, as candidates are
ordered; usual is the mean of third authors), with a 90 % interval over authors."""

from __future__ import annotations

import argparse
import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from etude import rng, samples
from etude.media.contract import Float32
from etude.media.text.words import features
from etude.story.contradictions import contradictions, reading
from etude.story.draft import Draft

PASSAGES = 12


def voice(words: int) -> dict[str, object]:
    """Share of pairs in which an author's own held-out passage is preferred to another author's."""
    texts: dict[str, str] = {}
    for path, about in samples.poets():
        texts[about["maker"]] = texts.get(about["maker"], "") + "\n\n" + path.read_text(encoding="utf-8")
    texts["Herman Melville"] = "\n\n".join(data.decode() for _, data, _ in samples.novel())
    whole = {author: features(text) for author, text in texts.items()}
    without: dict[str, list[Float32]] = {}
    held: dict[str, list[Float32]] = {}
    for author, text in texts.items():
        said = text.split()
        cuts = np.linspace(0, len(said), PASSAGES + 1).astype(int).tolist()
        for start, end in pairwise(cuts):
            middle = max(start, (start + end - words) // 2)
            held.setdefault(author, []).append(features(" ".join(said[middle : min(end, middle + words)])))
            without.setdefault(author, []).append(features(" ".join(said[:start] + said[end:])))
    shares = []
    for author in texts:
        wins = []
        for rival in texts:
            if rival == author:
                continue
            usual = np.mean([whole[one] for one in texts if one not in (author, rival)], axis=0)
            for mine, passage in zip(without[author], held[author], strict=True):
                wins += [float((mine - usual) @ passage > (mine - usual) @ other) for other in held[rival]]
        shares.append(sum(wins) / len(wins))
    draws = rng.for_(0, "bench-voice").integers(0, len(shares), (2000, len(shares)))
    low, high = (round(float(q), 3) for q in np.quantile(np.array(shares)[draws].mean(1), [0.05, 0.95]))
    by = {author: round(share, 3) for author, share in zip(texts, shares, strict=True)}
    return {"preferred": round(sum(shares) / len(shares), 3), "low": low, "high": high, "authors": by}


def found() -> dict[str, object]:
    """Alarms in the sample novel, and the processor time of reading it."""
    text = "\n\n".join(data.decode() for _, data, _ in samples.novel())
    began = time.process_time()
    warned = contradictions(reading(Draft(text)))
    return {
        "words": len(text.split()),
        "alarms": [one.says for one in warned],
        "cpu_s": round(time.process_time() - began, 1),
    }


def variety(base: str) -> dict[str, object]:
    """Mean distance of five options against five plain samples of one base, over questions."""
    from etude.bases import shelf
    from etude.story.muse.contract import Question
    from etude.story.muse.local import LocalMuse
    from etude.story.muse.options import WHAT, apart, proposed

    held = shelf.base(base)
    kept: dict[str, Any] = {}
    muse = LocalMuse(held.name, Path(held.path), lambda key, build: kept.setdefault(key, build()))
    rows = []
    for i, about in enumerate(ABOUT):
        mine = proposed(muse, "next", about, n=5, seed=i, seconds=60, names=["Mara Venn", "Tom Harke"])
        plain = muse.ask(
            Question("next", about, "What happens next in the story? One sentence.", (WHAT,), 5, 60, seed=i),
            time.monotonic() + 60,
        )
        rows.append((mine.distance, apart([one["event"] for one in plain.answers]), mine.usable / mine.asked))
    ours, theirs, usable = (np.array(column) for column in zip(*rows, strict=True))
    draws = rng.for_(0, "bench-variety").integers(0, len(rows), (2000, len(rows)))
    low, high = (round(float(q), 3) for q in np.quantile((ours - theirs)[draws].mean(1), [0.05, 0.95]))
    return {
        "options": round(float(ours.mean()), 3),
        "plain": round(float(theirs.mean()), 3),
        "difference": [low, high],
        "usable": round(float(usable.mean()), 3),
        "questions": len(rows),
    }


ABOUT = tuple(
    f"Mara Venn keeps a lighthouse with Tom Harke. {said}"
    for said in (
        "One night the lamp went out and a ship was lost. Mara lies about it.",
        "Tom has found a letter that is not for him. Mara is asleep.",
        "The boat with their food has not come for nine days.",
        "A man from the harbour office will come tomorrow to count the oil.",
        "They have not spoken since the funeral of Mara's brother.",
        "Tom wants to leave the island and has not said so.",
    )
)


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="")
    asked = parser.parse_args()
    figures = {"voice, 300 words": voice(300), "voice, 600 words": voice(600), "novel": found()}
    if asked.base:
        figures["variety"] = variety(asked.base)
    print(json.dumps(figures, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
