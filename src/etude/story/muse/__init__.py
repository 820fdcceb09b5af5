"""The muse: a language model that follows instructions, chosen by the author: a base run in this
process, or an endpoint by its address. Off unless somebody names one."""

from __future__ import annotations
