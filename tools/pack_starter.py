"""Pack a learned model as weights that others can start from: the flow of a picture model, or a sequence
model without its memory of the works.

    python tools/pack_starter.py PROJECT MODEL NAME --licence CC-BY-SA-4.0 --credit "Pictures designed by
    OpenMoji."

Writes src/etude/samples/starters/NAME.safetensors: weights as halves, and a header with the collection and
its hash, how many works it has by role, the ledger, the figures on held-out works, licence and credit. One of
a sequence model can also be used as it is: etude make NAME.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np

from etude.stats.evenly import evenly
from etude.store.arrays import write_arrays
from etude.store.project import Project

COMMON = ("medium", "net", "collection", "ledger", "steps", "epochs", "figures", "plan")
OF_PICTURES = ("framing",)
OF_SEQUENCES = ("family", "codec", "conditions", "critic", "making", "held_out", "traits", "ended", "budget")
MOST_KNOWN = 300  # works whose conditions and frames go along, for takes of a starter that is used as it is


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("project", "model", "name"):
        parser.add_argument(name)
    parser.add_argument("--licence", required=True)
    parser.add_argument("--credit", required=True)
    chosen = parser.parse_args()
    project = Project.open(Path(chosen.project))
    header, arrays = project.load_model(chosen.model)
    learned = sorted(header["works"]["train"])
    hashes = sorted(project.work(work).sha256 for work in learned)
    of_sequences = header.get("family") == "sequence"
    about = {
        key: header[key]
        for key in (*COMMON, *(OF_SEQUENCES if of_sequences else OF_PICTURES))
        if key in header
    }
    about |= {
        "works": {role: len(works) for role, works in header["works"].items()},
        "collection_sha256": hashlib.sha256("\n".join(hashes).encode()).hexdigest(),
        "licence": chosen.licence,
        "credit": chosen.credit,
    }
    if known := header.get("known"):
        ids = list(known)
        about["known"] = {ids[int(i)]: known[ids[int(i)]] for i in evenly(len(ids), MOST_KNOWN)}
    if header.get("started_from"):
        about["started_from"] = header["started_from"]
    if of_sequences:
        about |= {"whole": True, "segments": []}  # a model by itself
    if of_sequences:  # matrices are bfloat16 already; the memory of the works stays behind
        half = {name: array for name, array in arrays.items() if not name.startswith("memory.")}
        half |= {name: array[:0] for name, array in arrays.items() if name.startswith("memory.")}
    else:
        half = {name: array.astype(np.float16) for name, array in arrays.items() if name.startswith("flow.")}
    path = Path(__file__).parents[1] / "src" / "etude" / "samples" / "starters" / f"{chosen.name}.safetensors"
    path.parent.mkdir(exist_ok=True)
    write_arrays(path, about, half)
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
