"""The Oper of subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from core.opers.base import RecordOper, RecordQuerySet
from core.vocabularies import SubscribeState

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from core.models.subscriptions import Subscribe  # noqa: F401


class SubscribeQuerySet(RecordQuerySet["Subscribe"]):
    """Restrictions of subscriptions."""

    def in_state(self, state: str) -> Self:
        """Those that stand here, see core.vocabularies.SubscribeState."""
        return self.filter(state=state)

    def active(self) -> Self:
        """Those that MoviePilot works on: not the ones a user suspended."""
        return self.exclude(state=SubscribeState.SUSPENDED)

    def for_media(self, tmdbid: int) -> Self:
        """Those of this title, by its number at The Movie Database."""
        return self.filter(tmdbid=tmdbid)


SubscribeManager = RecordOper.from_queryset(SubscribeQuerySet)


class SubscribeOper(SubscribeManager["Subscribe"]):
    """Subscriptions."""

    record = "core.Subscribe"
