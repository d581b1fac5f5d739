"""The Opers of downloads and their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from core.opers.base import RecordOper, RecordQuerySet, twin
from core.opers.conditions import PAGE, one_page
from core.vocabularies import FileState
from history.opers.dated import DAYS, DatedQuerySet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    # Named in quotes below: models import Opers, not the other way round.
    from history.models import DownloadFiles, DownloadHistory

Downloads = list["DownloadHistory"]
Files = list["DownloadFiles"]
"""`list` itself is a method of the Opers."""

HASHES_A_QUERY = 5_000
"""Each hash is a parameter, and databases take only so many."""


class DownloadHistoryQuerySet(DatedQuerySet["DownloadHistory"]):
    """Restrictions of downloads."""

    def for_media(self, tmdbid: int) -> Self:
        """Those of this title, by its number at The Movie Database."""
        return self.filter(tmdbid=tmdbid)

    def of_download(self, download_hash: str) -> Self:
        """Those of one torrent."""
        return self.filter(download_hash=download_hash)

    def of_type(self, mtype: str) -> Self:
        """Those of films or of series, in MoviePilot's own words."""
        return self.filter(type=mtype)

    def newest_by_hash(self, hashes: Iterable[str]) -> dict[str, DownloadHistory]:
        """The newest download of each torrent that has one. One query per 5,000."""
        wanted = [*dict.fromkeys(each for each in hashes if each)]
        found = [
            download
            for start in range(0, len(wanted), HASHES_A_QUERY)
            for download in self.filter(
                download_hash__in=wanted[start : start + HASHES_A_QUERY]
            )
        ]
        found.sort(key=lambda download: (download.date or "", download.pk))
        newest = {download.download_hash: download for download in found}
        return {each: newest[each] for each in wanted if each in newest}


DownloadHistoryManager = RecordOper.from_queryset(DownloadHistoryQuerySet)


class DownloadFilesQuerySet(RecordQuerySet["DownloadFiles"]):
    """Restrictions of downloaded files."""

    def of_download(self, download_hash: str) -> Self:
        """Those of one torrent."""
        return self.filter(download_hash=download_hash)

    def present(self) -> Self:
        """Files that are still there."""
        return self.filter(state=FileState.PRESENT)

    def at(self, fullpath: str) -> Self:
        """Those of exactly this path."""
        return self.filter(fullpath=fullpath)

    def saved_in(self, savepath: str) -> Self:
        """Those of downloads saved in exactly this folder."""
        return self.filter(savepath=savepath)


DownloadFilesManager = RecordOper.from_queryset(DownloadFilesQuerySet)


class DownloadFilesOper(DownloadFilesManager["DownloadFiles"]):
    """Files of the downloads."""

    record = "history.DownloadFiles"

    def add_all(self, items: Sequence[Mapping[str, Any]]) -> int:
        """Insert these files in one change; returns how many. Raises InvalidValues."""
        from core.changes import create_records

        return create_records(self._model, items).changed if items else 0

    def truncate(self) -> int:
        """Delete every file's record; returns how many there were."""
        return self._delete_ids(self.ids())

    def mark_deleted(self, fullpath: str) -> int:
        """Note that the file at this path is gone; returns how many records did not
        say so yet.
        """
        ids = self.at(fullpath).present().ids()
        return self._edit_ids(ids, state=FileState.DELETED.value)


class DownloadHistoryOper(DownloadHistoryManager["DownloadHistory"]):
    """What was handed to the downloaders.

    A deleted download takes its files with it, unless another one of the same torrent
    stays; MoviePilot leaves them behind.
    """

    record = "history.DownloadHistory"

    # --- Downloads

    def add(
        self,
        record: DownloadHistory | None = None,
        /,
        *,
        reason: str = "",
        **kwargs: Any,
    ) -> int:
        """Insert a record, or these values as they are, and return its id."""
        if record is not None:
            return super().add(record, reason=reason)
        return self._insert(reason=reason, **kwargs)

    async_add = twin(add)  # type: ignore[arg-type]

    def get_by_path(self, path: str) -> DownloadHistory | None:
        """The oldest of exactly this path."""
        return self.get(path=path)

    async_get_by_path = twin(get_by_path)

    def get_by_hash(self, download_hash: str) -> DownloadHistory | None:
        """The newest of a torrent, by date."""
        return self.newest_by_hash([download_hash]).get(download_hash)

    async_get_by_hash = twin(get_by_hash)

    def get_by_hashes(
        self, download_hashes: Sequence[str]
    ) -> dict[str, DownloadHistory]:
        """The newest of each of these torrents, by hash; empty hashes are skipped."""
        return self.newest_by_hash(download_hashes)

    async_get_by_hashes = twin(get_by_hashes)

    def get_by_mediaid(self, tmdbid: int | None, doubanid: str | None) -> Downloads:
        """Those of a title at The Movie Database, or else at Douban; oldest first."""
        if tmdbid:
            return [*self.for_media(tmdbid).order_by("pk")]
        return [*self.filter(doubanid=doubanid).order_by("pk")] if doubanid else []

    async_get_by_mediaid = twin(get_by_mediaid)

    def list_by_page(self, page: int | None = 1, count: int | None = PAGE) -> Downloads:
        """A page of all downloads, oldest first; a count below 0 is all of them.

        MoviePilot asks for no order, and gets this one mostly, and fails for page 0 on
        PostgreSQL; here the order is certain, and page 0 is page 1.
        """
        return [*one_page(self.order_by("pk"), page, count)]

    async_list_by_page = twin(list_by_page)

    def get_last_by(
        self,
        mtype: str | None = None,
        title: str | None = None,
        year: str | None = None,
        season: str | None = None,
        episode: str | None = None,
        tmdbid: int | None = None,
    ) -> Downloads:
        """All of a title, highest id first; named by `tmdbid` and `mtype` or by `title`
        and `year`, and narrowed down by `season` (S01) and `episode` (E01).
        """
        if tmdbid and mtype:
            found = self.for_media(tmdbid).of_type(mtype)
        elif title and year:
            found = self.filter(title=title, year=year)
        else:
            return []
        if season:
            found = found.filter(seasons=season)
        if episode:
            found = found.filter(episodes=episode)
        return [*found.order_by("-pk")]

    async_get_last_by = twin(get_last_by)

    def list_by_user_date(self, date: str, username: str | None = None) -> Downloads:
        """Those later than this time, of all users or one; highest id first.

        MoviePilot returns those before it; here it is what the name says.
        """
        found = self.after(date)
        if username:
            found = found.filter(username=username)
        return [*found.order_by("-pk")]

    async_list_by_user_date = twin(list_by_user_date)

    def list_by_date(
        self, date: str, type: str, tmdbid: int | str, seasons: str | None = None
    ) -> Downloads:
        """Those of a title later than this time, highest id first.

        `tmdbid` may be a text, as MoviePilot hands it over; one that is no number finds
        nothing.
        """
        if not str(tmdbid).isdecimal():
            return []
        found = self.after(date).of_type(type).for_media(int(tmdbid))
        if seasons:
            found = found.filter(seasons=seasons)
        return [*found.order_by("-pk")]

    async_list_by_date = twin(list_by_date)

    def list_by_type(self, mtype: str, days: int | None = DAYS) -> Downloads:
        """Those of films or of series in the last days, highest id first."""
        return [*self.of_type(mtype).in_last_days(days).order_by("-pk")]

    async_list_by_type = twin(list_by_type)

    def delete_history(self, historyid: int) -> bool:
        """Delete a download with its files; False when there is none."""
        return self.delete(historyid)

    async_delete_history = twin(delete_history)

    def truncate(self) -> int:
        """Delete every download, with their files; returns how many there were.

        MoviePilot leaves the files; here they go with their downloads.
        """
        return self._delete_ids(self.ids())

    async_truncate = twin(truncate)

    # --- Their files

    def add_files(self, file_items: Sequence[Mapping[str, Any]]) -> int:
        """Insert files in one change; returns how many. Raises InvalidValues."""
        return DownloadFilesOper().add_all(file_items)

    async_add_files = twin(add_files)

    def truncate_files(self) -> int:
        """Delete every file's record; returns how many there were."""
        return DownloadFilesOper().truncate()

    async_truncate_files = twin(truncate_files)

    def get_files_by_hash(self, download_hash: str, state: int | None = None) -> Files:
        """The files of a torrent, or those in this state; oldest first."""
        found = DownloadFilesOper().of_download(download_hash)
        if state is not None:
            found = found.filter(state=state)
        return [*found.order_by("pk")]

    async_get_files_by_hash = twin(get_files_by_hash)

    def get_file_by_fullpath(self, fullpath: str) -> DownloadFiles | None:
        """The newest record of the file at this path, gone or not."""
        return DownloadFilesOper().at(fullpath).newest()

    async_get_file_by_fullpath = twin(get_file_by_fullpath)

    def get_files_by_fullpath(self, fullpath: str) -> Files:
        """All records of the file at this path, newest first."""
        return [*DownloadFilesOper().at(fullpath).order_by("-pk")]

    async_get_files_by_fullpath = twin(get_files_by_fullpath)

    def get_files_by_savepath(self, fullpath: str) -> Files:
        """Files of downloads saved in exactly this folder, oldest first."""
        return [*DownloadFilesOper().saved_in(fullpath).order_by("pk")]

    async_get_files_by_savepath = twin(get_files_by_savepath)

    def delete_file_by_fullpath(self, fullpath: str) -> int:
        """Note that the file at this path is gone, and keep its record; returns how
        many records did not say so yet.
        """
        return DownloadFilesOper().mark_deleted(fullpath)

    async_delete_file_by_fullpath = twin(delete_file_by_fullpath)

    def get_hash_by_fullpath(self, fullpath: str) -> str:
        """The torrent that the file at this path came with, '' when nobody knows."""
        file = self.get_file_by_fullpath(fullpath)
        return (file.download_hash or "") if file else ""

    async_get_hash_by_fullpath = twin(get_hash_by_fullpath)

    def delete_downloadfile(self, downloadfileid: int) -> bool:
        """Delete a file's record; False when there is none."""
        return DownloadFilesOper().delete(downloadfileid)

    async_delete_downloadfile = twin(delete_downloadfile)
