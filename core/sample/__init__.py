"""A believable MoviePilot library to try the console on, made of nothing real.

Seeded and deterministic: the same seed on the same day gives the same records, row
by row. Nothing in it names a real site, service, account or work under copyright,
and no value of it can open anything.
"""

from __future__ import annotations

from core.sample.fill import fill, is_sample, tables

__all__ = ["fill", "is_sample", "tables"]
