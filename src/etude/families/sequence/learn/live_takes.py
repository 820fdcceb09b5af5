"""Takes by a network that is still being learned, to be looked at meanwhile.

They are drawn from the network alone: the memory of the works comes in when the gate is fitted, at the end.
The same seed each time, so that what changes from one to the next is what was learned. Knows no medium.
"""

from __future__ import annotations

from etude.config.sequence import LEARN
from etude.families.sequence.learn import fit_and_measure
from etude.families.sequence.learn.dataset import Corpus
from etude.families.sequence.make.request import MakeRequest
from etude.families.sequence.make.sampling import make
from etude.families.sequence.memory import Memory
from etude.families.sequence.model import SequenceModel
from etude.families.sequence.networks.contract import Network
from etude.media import sequence
from etude.training.preview import Preview, previews


class LiveTakes:
    """Draws some takes of a network, as often as it is asked."""

    def __init__(self, corpus: Corpus, memory: Memory, seed: int) -> None:
        """`memory`: that of the works, counted already."""
        self._corpus, self._memory, self._seed = corpus, memory, seed
        self._model: SequenceModel | None = None

    def __call__(self, network: Network) -> tuple[Preview, ...]:
        """Some, as their medium shows them."""
        corpus = self._corpus
        if self._model is None:
            self._model = fit_and_measure.assemble(corpus, network, None, corpus.train, seed=self._seed)
            self._model.memory.use(self._memory)
        advised = dict(network.making)
        usual = int(advised.pop("units", None) or sequence(corpus.medium).sizes.usual)
        asked = MakeRequest(
            n=LEARN.preview_takes,
            seed=self._seed,
            units=max(1, int(LEARN.preview_part * usual)),
            borrow=0.0,
            rank=False,
            **advised,
        )
        made = make(_by(self._model, network), asked)
        return previews(corpus.medium, [one.content for one in made])


def _by(model: SequenceModel, network: Network) -> SequenceModel:
    """The same model with another network of the same shape."""
    kept = model.memory
    of_works = kept.segments, kept.tokens, kept.side, kept.offsets
    twin = SequenceModel(model.codec, network, model.gate, model.conditions, *of_works)
    twin.memory, twin.known = kept, model.known
    return twin
