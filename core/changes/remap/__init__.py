"""Path remap: one prefix put in place of another wherever MoviePilot keeps paths.

    remap = Remap("/volume1/media", "/media")
    made = plan_remap(remap, by=operator)     # made.preview.facts: place by place
    change_set = apply(made, by=operator)     # many tables, one change set, one undo

What is looked at stands in `places`; how hits are found, in `search`; what is done to
JSON, in `members`.
"""

from core.changes.remap.action import Remap, RemapWork, moved_tables, plan_remap
from core.changes.remap.places import PLACES, Place, place_of
from core.changes.remap.search import occurs

__all__ = [
    "PLACES",
    "Place",
    "Remap",
    "RemapWork",
    "moved_tables",
    "occurs",
    "place_of",
    "plan_remap",
]
