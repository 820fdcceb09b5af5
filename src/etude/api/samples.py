"""`samples`: works that come with Etude, or that Etude finds in an installed package, as a collection to try
things with."""

from etude.workspace.sample_sets import Sample, SampleList, add_samples, samples

__all__ = ["Sample", "SampleList", "add_samples", "samples"]
