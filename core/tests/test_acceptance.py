"""A foreign MoviePilot database is opened, changed all over, and is as it was."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from django.db import connections

from core.admin.tests import awkward
from core.changes import ChangeSet, State
from core.schema import forget_columns
from core.startup.databases import bound
from core.startup.moviepilot import check_moviepilot
from core.tests.support import shapes
from core.tests.support.acceptance import TestClientVisitor, Tour
from mpadmin import attach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.test import Client

    from core.models.base import Record
    from core.tests.support.libraries import Library

SHAPES: dict[str, tuple[str, Callable[[Library], None]]] = {
    "fresh-sqlite": ("sqlite", shapes.make_moviepilots),
    "upgraded-sqlite": ("sqlite", shapes.make_upgraded),
    "fresh-postgresql": ("postgresql", shapes.make_moviepilots),
    "moved-postgresql": ("postgresql", shapes.make_moved),
}
