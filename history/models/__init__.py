"""MoviePilot's history tables, one module a subject."""

from history.models.downloads import DownloadFiles, DownloadHistory
from history.models.subscriptions import SubscribeHistory
from history.models.transfers import TransferHistory

__all__ = ["DownloadFiles", "DownloadHistory", "SubscribeHistory", "TransferHistory"]
