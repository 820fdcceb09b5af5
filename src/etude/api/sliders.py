"""`sliders`: directions along which the takes of a model can be moved, named by the person, with preview
strips."""

from etude.workspace.sliding import Slider, SliderList, sliders

__all__ = ["Slider", "SliderList", "sliders"]
