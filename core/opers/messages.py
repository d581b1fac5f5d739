"""The Oper of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from core.opers.base import RecordOper, RecordQuerySet
from core.vocabularies import MessageDirection

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from core.models.messages import Message  # noqa: F401


class MessageQuerySet(RecordQuerySet["Message"]):
    """Restrictions of messages."""

    def received(self) -> Self:
        """Those that users sent to MoviePilot."""
        return self.filter(action=MessageDirection.RECEIVED)

    def sent(self) -> Self:
        """Those that MoviePilot sent."""
        return self.filter(action=MessageDirection.SENT)


MessageManager = RecordOper.from_queryset(MessageQuerySet)


class MessageOper(MessageManager["Message"]):
    """Messages received and sent."""

    record = "core.Message"
