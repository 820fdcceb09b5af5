"""The conformance suite of the network contract: does a kind of network keep every promise of `contract.py`
on a task?

Public: whoever adds a kind runs `check_network(KIND, task)` in a test and reads the complaints. It plans,
learns a few steps on toy windows, stores, opens, reads and decodes. It knows networks only through the
contract; a complaint is a sentence, and no complaint is a pass.
"""

from __future__ import annotations

from etude.families.sequence.networks.contract import FindBase, Kind, Task, no_base
from etude.families.sequence.networks.promises.decoding import DECODING
from etude.families.sequence.networks.promises.learning import LEARNING
from etude.families.sequence.networks.promises.reading import READING
from etude.families.sequence.networks.promises.subject import Promise, Subject
from etude.media.check import Check

CHECKS: tuple[Promise, ...] = (*READING, *DECODING, *LEARNING)


def check_network(kind: Kind, task: Task, find_base: FindBase = no_base) -> list[Check]:
    """Run every check on a kind that is planned for a task. Raises what planning raises."""
    subject = Subject(kind, task, find_base)
    return [Check(check.__name__.replace("_", " "), tuple(check(subject))) for check in CHECKS]
