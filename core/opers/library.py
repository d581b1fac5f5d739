"""The Oper of the media server cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from core.opers.base import RecordOper, RecordQuerySet

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from core.models.library import MediaServerItem  # noqa: F401


class MediaServerItemQuerySet(RecordQuerySet["MediaServerItem"]):
    """Restrictions of media server items."""

    def on_server(self, server: str) -> Self:
        """Those of one server."""
        return self.filter(server=server)

    def for_media(self, tmdbid: int) -> Self:
        """Those of this title, by its number at The Movie Database."""
        return self.filter(tmdbid=tmdbid)


MediaServerItemManager = RecordOper.from_queryset(MediaServerItemQuerySet)


class MediaServerOper(MediaServerItemManager["MediaServerItem"]):
    """What the media servers hold."""

    record = "core.MediaServerItem"
