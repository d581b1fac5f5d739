"""What the home page counts, kept for a moment: everybody who opens it asks the same.

A change of ours forgets it. MoviePilot's writes tell nobody, so the moment is short.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from django.apps import apps
from django.db import connections
from django.dispatch import receiver

from core.admin.counts import Count, count
from core.cache import FileCache, fresh
from core.changes.signals import written
from core.opers.base import oper_of
from core.schema import place

if TYPE_CHECKING:
    from collections.abc import Collection

KEPT_SECONDS = 3.0
"""From before the counting until the numbers are last shown."""


class Question(NamedTuple):
    """Which records of which table to count."""

    table: str
    """`app.model`."""
    conditions: tuple[tuple[str, str], ...] = ()
    """As a list's address has them."""

    @property
    def name(self) -> str:
        """The question as text."""
        return f"{self.table}?{urlencode(self.conditions)}"


def counts(questions: Collection[Question]) -> dict[Question, Count]:
    """The answers, at most KEPT_SECONDS old."""
    found = _counted(_place(), questions)
    is_old = not 0 <= time.time() - found["since"] <= KEPT_SECONDS
    if is_old or any(each.name not in found["counts"] for each in questions):
        found = _counted.refresh(_place(), questions)
    return {each: Count(*found["counts"][each.name]) for each in questions}


@fresh(
    cache=FileCache("counts", ttl=KEPT_SECONDS), key_func=lambda place, questions: place
)
def _counted(place: str, questions: Collection[Question]) -> dict[str, Any]:
    since = time.time()
    answers = {each.name: _count(each) for each in questions}
    kept = {name: [each.number, each.is_capped] for name, each in answers.items()}
    return {"since": since, "counts": kept}


def _count(question: Question) -> Count:
    records = oper_of(apps.get_model(question.table)).get_queryset()
    wanted = dict(question.conditions)
    return count(records.matching(wanted) if wanted else records)


def _place() -> str:
    connection = connections["moviepilot"]
    return f"{connection.vendor}:{place(connection)}"


@receiver(written)
def _forget(**_kwargs: Any) -> None:
    _counted.invalidate(_place(), ())
