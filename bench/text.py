"""Text: bits per character on the last 10 % of tiny-shakespeare, after the same minutes of learning, beside
the peers.

python bench/text.py --minutes 5 --minutes 20      ours and the peers, one after another on all cores allowed
python bench/text.py --quick                       20 seconds each: to see that it runs
python bench/text.py --only ours|peers
"""

from __future__ import annotations

import statistics

from _etude import OWN, Studio
from _harness import Row, Table, data, options, say, show

LIMITS = {5.0: ("2.05", "1.90"), 20.0: ("1.93", "1.80")}  # the figures to reach: frozen, growing
PUBLISHED = (
    "published: nanoGPT's CPU recipe, 2,000 steps: 1.88 nats = 2.71 bits; its A100 recipe 1.4697 nats = 2.12 "
    "bits",
    "frozen: weights and memory stay as learned, sliding windows; growing: what was scored joins the memory. "
    "The compressors adapt by nature",
)


def ours(train: str, test: str, minutes: float, seed: int) -> tuple[float, float, str]:
    with Studio() as studio:
        studio(
            "add",
            str(studio.write("learn.txt", train)),
            "--collection",
            "plays",
            "--maker",
            "William Shakespeare",
            *OWN,
        )
        held_out = studio.write("held-out.txt", test)
        say(f"ours: learning for {minutes:g} min, seed {seed}")
        learned = studio(
            "learn", "plays", "--from", "plays", "--budget", f"{60 * minutes:.0f}s", "--seed", str(seed)
        )
        took = studio.seconds["learn"]
        scored = studio("score", learned["id"], str(held_out))
        note = f"learn took {took:.0f} s in all, scoring {studio.seconds['score']:.0f} s"
    return scored["frozen"], scored["growing"], note


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, action="append", help="a budget; may be repeated (5 and 20)")
    parser.add_argument("--repeat", type=int, default=1, help="seeds; the medians are shown")
    parser.add_argument("--only", choices=["ours", "peers"], help="one side only")
    chosen = parser.parse_args()
    minutes = chosen.minutes or ([1 / 3] if chosen.quick else [5.0, 20.0])
    text = data("tiny-shakespeare.txt").read_text(encoding="utf-8")
    cut = int(0.9 * len(text))
    train, test = text[:cut], text[cut:]
    rows: list[Row] = []
    raw: dict[str, object] = {"characters": [len(train), len(test)]}
    for budget in minutes:
        label = f"{budget:g} min" if budget >= 1 else f"{60 * budget:.0f} s"
        if chosen.only != "peers":
            runs = [ours(train, test, budget, seed) for seed in range(1, chosen.repeat + 1)]
            frozen = statistics.median(run[0] for run in runs)
            growing = statistics.median(run[1] for run in runs)
            must = LIMITS.get(budget)
            note = runs[0][2] + (f"; to reach: {must[0]} / {must[1]}" if must else "")
            rows.append(
                Row(f"Etude, {label}", {"frozen": f"{frozen:.3f}", "growing": f"{growing:.3f}"}, note)
            )
            raw[f"etude {label}"] = runs
        if chosen.only != "ours":
            rows += networks(train.encode(), test.encode(), budget, label, chosen.repeat, raw)
    if chosen.only != "ours":
        rows += compressors(train.encode(), test.encode(), raw)
    note = (
        f"tiny-shakespeare, {len(train):,} characters to learn from, {len(test):,} scored; seeds: "
        f"{chosen.repeat}"
    )
    columns = ("frozen", "growing")
    show(
        Table(
            "text", "Text: bits per character, lower is better", columns, tuple(rows), (note, *PUBLISHED), raw
        )
    )


def networks(
    train: bytes, test: bytes, minutes: float, label: str, repeat: int, raw: dict[str, object]
) -> list[Row]:
    import peers_text as peers

    rows = []
    for learn in (peers.nanogpt_cpu, peers.gpt2_small):
        say(f"peer {learn.__name__}: learning for {minutes:g} min")
        runs = [learn(train, test, 60 * minutes, seed) for seed in range(1, repeat + 1)]
        frozen = statistics.median(run.frozen for run in runs if run.frozen is not None)
        rows.append(Row(f"{runs[0].name}, {label}", {"frozen": f"{frozen:.3f}"}, runs[0].note))
        raw[f"{runs[0].name} {label}"] = runs
    return rows


def compressors(train: bytes, test: bytes, raw: dict[str, object]) -> list[Row]:
    import peers_text as peers

    rows = []
    for peer in (peers.ppmd(train, test), peers.zpaq5(train, test)):
        rows.append(Row(peer.name, {"growing": f"{peer.growing:.3f}"}, peer.note))
        raw[peer.name] = peer
    return rows


if __name__ == "__main__":
    main()
