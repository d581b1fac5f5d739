"""The Opers of the history tables, one module a subject, as history.models."""

from history.opers.downloads import DownloadFilesOper, DownloadHistoryOper
from history.opers.subscriptions import SubscribeHistoryOper
from history.opers.transfers import TransferHistoryOper

__all__ = [
    "DownloadFilesOper",
    "DownloadHistoryOper",
    "SubscribeHistoryOper",
    "TransferHistoryOper",
]
