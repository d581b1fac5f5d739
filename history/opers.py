"""The Opers of the history tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from core.opers.base import RecordOper, RecordQuerySet
from core.vocabularies import FileState

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from history.models import (  # noqa: F401
        DownloadFiles,
        DownloadHistory,
        SubscribeHistory,
        TransferHistory,
    )


class TransferHistoryQuerySet(RecordQuerySet["TransferHistory"]):
    """Restrictions of transfers."""

    def succeeded(self) -> Self:
        """Those that reached the library."""
        return self.filter(status=True)

    def failed(self) -> Self:
        """Those that did not reach the library."""
        return self.filter(status=False)

    def for_media(self, tmdbid: int) -> Self:
        """Those of this title, by its number at The Movie Database."""
        return self.filter(tmdbid=tmdbid)

    def of_download(self, download_hash: str) -> Self:
        """Those of one torrent."""
        return self.filter(download_hash=download_hash)


TransferHistoryManager = RecordOper.from_queryset(TransferHistoryQuerySet)


class TransferHistoryOper(TransferHistoryManager["TransferHistory"]):
    """Files brought into the library, or not."""

    record = "history.TransferHistory"


class DownloadHistoryQuerySet(RecordQuerySet["DownloadHistory"]):
    """Restrictions of downloads."""

    def for_media(self, tmdbid: int) -> Self:
        """Those of this title, by its number at The Movie Database."""
        return self.filter(tmdbid=tmdbid)

    def of_download(self, download_hash: str) -> Self:
        """Those of one torrent."""
        return self.filter(download_hash=download_hash)


DownloadHistoryManager = RecordOper.from_queryset(DownloadHistoryQuerySet)


class DownloadHistoryOper(DownloadHistoryManager["DownloadHistory"]):
    """What was handed to the downloaders."""

    record = "history.DownloadHistory"


class DownloadFilesQuerySet(RecordQuerySet["DownloadFiles"]):
    """Restrictions of downloaded files."""

    def of_download(self, download_hash: str) -> Self:
        """Those of one torrent."""
        return self.filter(download_hash=download_hash)

    def present(self) -> Self:
        """Files that are still there."""
        return self.filter(state=FileState.PRESENT)


DownloadFilesManager = RecordOper.from_queryset(DownloadFilesQuerySet)


class DownloadFilesOper(DownloadFilesManager["DownloadFiles"]):
    """Files of the downloads."""

    record = "history.DownloadFiles"


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
