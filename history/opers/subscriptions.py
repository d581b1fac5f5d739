"""The Oper of finished subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from core.opers.base import RecordOper, RecordQuerySet

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from history.models import SubscribeHistory  # noqa: F401


class SubscribeHistoryQuerySet(RecordQuerySet["SubscribeHistory"]):
    """Restrictions of finished subscriptions."""

    def for_media(self, tmdbid: int) -> Self:
        """Those of this title, by its number at The Movie Database."""
        return self.filter(tmdbid=tmdbid)

    def of_user(self, username: str) -> Self:
        """Those of one user, by name."""
        return self.filter(username=username)


SubscribeHistoryManager = RecordOper.from_queryset(SubscribeHistoryQuerySet)


class SubscribeHistoryOper(SubscribeHistoryManager["SubscribeHistory"]):
    """Finished subscriptions."""

    record = "history.SubscribeHistory"
