"""The Oper of transfers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Count, Q
from django.db.models.functions import Substr

from core.fields import stamp_now
from core.opers.base import ConfirmationNeeded, RecordOper, twin
from core.opers.conditions import PAGE
from history.opers.dated import DAYS, DatedQuerySet
from history.opers.transferred import of_media, of_source, of_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    # Named in quotes below: models import Opers, not the other way round.
    from history.models import TransferHistory

Transfers = list["TransferHistory"]
"""`list` itself is a method of the Oper."""

UNKNOWN_ERROR = "未知错误"
NOT_RECOGNISED = "未识别到媒体信息"


class TransferHistoryQuerySet(DatedQuerySet["TransferHistory"]):
    """Restrictions of transfers."""

    def succeeded(self) -> Self:
        """Those that reached the library."""
        return self.filter(status=True)

    def failed(self) -> Self:
        """Those that did not reach the library."""
        return self.filter(status=False)

    def with_status(self, status: bool | None) -> Self:
        """Those that reached the library, or did not; None is all."""
        # Of status=False Django makes "NOT status", for which SQLite uses no index.
        return self.all() if status is None else self.filter(status__in=[bool(status)])

    def for_media(self, tmdbid: int) -> Self:
        """Those of this title, by its number at The Movie Database."""
        return self.filter(tmdbid=tmdbid)

    def of_download(self, download_hash: str) -> Self:
        """Those of one torrent."""
        return self.filter(download_hash=download_hash)

    def mentioning(self, text: str) -> Self:
        """Those with this text in the title or in one of the paths.

        In MoviePilot `%` and `_` in the text match anything; here, themselves.
        """
        return self.filter(
            Q(title__contains=text) | Q(src__contains=text) | Q(dest__contains=text)
        )

    def from_source(self, src: str, storage: str | None = None) -> Self:
        """Those of the file at this path, of any storage or this one."""
        found = self.filter(src=src)
        return found.filter(src_storage=storage) if storage else found


TransferHistoryManager = RecordOper.from_queryset(TransferHistoryQuerySet)


class TransferHistoryOper(TransferHistoryManager["TransferHistory"]):
    """Files brought into the library, or not.

    A record is never deleted without an operator's confirmation.
    """

    record = "history.TransferHistory"

    # --- Finding

    def get(  # type: ignore[override]
        self, historyid: int | None = None, *, sid: int | None = None, **lookup: Any
    ) -> TransferHistory | None:
        """The record with this id, or the first that matches, or None."""
        return super().get(sid if historyid is None else historyid, **lookup)

    async_get = twin(get)  # type: ignore[arg-type]

    def list_by_title(
        self,
        title: str,
        page: int | None = 1,
        count: int | None = PAGE,
        status: bool | None = None,
    ) -> Transfers:
        """A page of those that mention the text, and have the status if one is given;
        newest first.

        In MoviePilot page 0 is an offset of -30, which PostgreSQL refuses, and until
        2026 a status took the place of the text; here page 0 is page 1 and both count.
        """
        found = self.mentioning(title).with_status(status)
        return found.page_by_date(page, count)

    async_list_by_title = twin(list_by_title)

    def list_by_page(
        self,
        page: int | None = 1,
        count: int | None = PAGE,
        status: bool | None = None,
    ) -> Transfers:
        """A page of all, or of those with the status; newest first, a negative count
        is all of them. Pages are counted as in `list_by_title`.
        """
        return self.with_status(status).page_by_date(page, count)

    async_list_by_page = twin(list_by_page)

    def count(self, status: bool | None = None) -> int:
        """How many there are, or how many with the status."""
        return self.with_status(status).count()

    async_count = twin(count)

    def count_by_title(self, title: str, status: bool | None = None) -> int:
        """How many `list_by_title` has on all its pages."""
        return self.mentioning(title).with_status(status).count()

    async_count_by_title = twin(count_by_title)

    def get_by_title(self, title: str) -> Transfers:
        """The newest 30 that mention the text."""
        return self.list_by_title(title)

    async_get_by_title = twin(get_by_title)

    def get_by_src(
        self, src: str, storage: str | None = None
    ) -> TransferHistory | None:
        """The oldest of the file at this path, of any storage or this one."""
        return self.from_source(src, storage).oldest()

    async_get_by_src = twin(get_by_src)

    def get_by_dest(self, dest: str) -> TransferHistory | None:
        """The oldest that went to exactly this path."""
        return self.get(dest=dest)

    async_get_by_dest = twin(get_by_dest)

    def list_by_hash(self, download_hash: str) -> Transfers:
        """Those of one torrent, oldest first."""
        return [*self.of_download(download_hash).order_by("pk")]

    async_list_by_hash = twin(list_by_hash)

    def list_by_date(self, date: str) -> Transfers:
        """Those later than this time, highest id first."""
        return [*self.after(date).order_by("-pk")]

    async_list_by_date = twin(list_by_date)

    def statistic(self, days: int | None = DAYS) -> list[tuple[str, int]]:
        """Each of the last days with the number of its transfers, failed ones included;
        days in order, those without any left out.
        """
        daily = self.in_last_days(days).values(day=Substr("date", 1, 10))
        counted = daily.annotate(number=Count("pk")).order_by("day")
        return [*counted.values_list("day", "number")]

    async_statistic = twin(statistic)

    def get_by(
        self,
        title: str | None = None,
        year: str | None = None,
        mtype: str | None = None,
        season: str | None = None,
        episode: str | None = None,
        tmdbid: int | None = None,
        dest: str | None = None,
    ) -> Transfers:
        """Those of a title, named by `tmdbid` and `mtype` or by `title` and `year`.

        `season` (S01) and `episode` (E01) narrow it down; an episode is found by its
        exact `dest` only. Without a title, `mtype`, `season` and the beginning of
        `dest` find a season. Anything less finds nothing.
        """
        named = _named(title, year, mtype, tmdbid)
        if named is not None:
            found = self.filter(**named, **_place(season, episode, dest))
        elif mtype and season and dest:
            found = self.filter(type=mtype, seasons=season, dest__startswith=dest)
        else:
            return []
        return [*found.order_by("pk")]

    async_get_by = twin(get_by)

    def get_by_type_tmdbid(
        self, mtype: str | None = None, tmdbid: int | None = None
    ) -> TransferHistory | None:
        """The oldest of this type and number."""
        return self.get(type=mtype, tmdbid=tmdbid)

    async_get_by_type_tmdbid = twin(get_by_type_tmdbid)

    # --- Writing

    def add(
        self,
        record: TransferHistory | None = None,
        /,
        *,
        reason: str = "",
        **kwargs: Any,
    ) -> int:
        """Insert a record, or these values as of now, and return its id."""
        if record is not None:
            return super().add(record, reason=reason)
        return self._insert(reason=reason, **{**kwargs, "date": stamp_now()})

    async_add = twin(add)  # type: ignore[arg-type]

    def add_force(self, /, **kwargs: Any) -> TransferHistory:
        """Insert these values as of now, in place of the record of the same file.

        Both is one change, which can be undone; a confirmation is not asked for,
        because the file keeps a record. MoviePilot passes over the storage and, with no
        `src`, returns any record without one; here a given `src_storage` counts, with
        no `src` nothing is replaced, and the new record is returned.
        """
        from core.changes import RecordRefused

        src, storage = kwargs.get("src"), kwargs.get("src_storage")
        older = self.get_by_src(src, storage) if src is not None else None
        values = {**kwargs, "date": stamp_now()}
        pk = self._insert(**values) if older is None else self._replace(older, values)
        added = self.find(pk)
        if added is None:
            raise RecordRefused  # somebody has deleted it at once
        return added

    def _replace(self, older: TransferHistory, values: Mapping[str, Any]) -> int:
        """Insert a record and delete this one, which stays where that is refused."""
        from core.changes import CreateRecords, DeleteRecords, change

        creates = CreateRecords(self._model, [values])
        change_set = change(creates, DeleteRecords(self._model, [older.pk]))
        written = change_set.record_ids() if change_set else []
        return max(pk for pk in written if pk != older.pk)

    async_add_force = twin(add_force)

    def update_download_hash(
        self, historyid: int, download_hash: str | None
    ) -> TransferHistory | None:
        """Name the torrent of a record; None when there is no such record."""
        return self.update(historyid, download_hash=download_hash)

    async_update_download_hash = twin(update_download_hash)

    def add_success(
        self,
        fileitem: Any,
        mode: str,
        meta: Any,
        mediainfo: Any,
        transferinfo: Any,
        downloader: str | None = None,
        download_hash: str | None = None,
    ) -> TransferHistory:
        """`add_force` for a file that reached the library.

        The arguments are any objects with the attributes of MoviePilot's. MoviePilot
        leaves `episode_group` out; here it is kept as for failures.
        """
        return self.add_force(
            **of_source(fileitem, mode, meta),
            **of_media(mediainfo),
            **of_target(transferinfo),
            downloader=downloader,
            download_hash=download_hash,
            status=True,
        )

    async_add_success = twin(add_success)

    def add_fail(
        self,
        fileitem: Any,
        mode: str,
        meta: Any,
        mediainfo: Any = None,
        transferinfo: Any = None,
        downloader: str | None = None,
        download_hash: str | None = None,
    ) -> TransferHistory:
        """`add_force` for a file that did not, with the message of `transferinfo`.

        Without `mediainfo` or `transferinfo` the title was not recognised, and the
        record has the names that `meta` read from the path.
        """
        if mediainfo and transferinfo:
            message = getattr(transferinfo, "message", None) or UNKNOWN_ERROR
            known = {**of_media(mediainfo), **of_target(transferinfo)}
        else:
            message = NOT_RECOGNISED
            known = {"title": meta.name, "year": meta.year}
        return self.add_force(
            **of_source(fileitem, mode, meta),
            **known,
            downloader=downloader,
            download_hash=download_hash,
            status=False,
            errmsg=message,
        )

    async_add_fail = twin(add_fail)

    # --- Deleting

    def delete(  # type: ignore[override]
        self,
        historyid: int | None = None,
        *,
        sid: int | None = None,
        confirmed: bool = False,
    ) -> bool:
        """Delete a record that an operator gave up; False when there is none.

        Files are left alone. MoviePilot asks nobody; here the deletion has to be
        `confirmed`, or raises ConfirmationNeeded.
        """
        pk = sid if historyid is None else historyid
        if not confirmed:
            raise _unconfirmed(f"delete({pk}, confirmed=True)")
        return pk is not None and self._delete_ids([pk]) == 1

    async_delete = twin(delete)  # type: ignore[arg-type]

    def truncate(self, *, confirmed: bool = False) -> int:
        """Delete every record; returns how many there were. See `delete`."""
        if not confirmed:
            raise _unconfirmed("truncate(confirmed=True)")
        return self._delete_ids(self.ids())

    async_truncate = twin(truncate)


def _unconfirmed(call: str) -> ConfirmationNeeded:
    return ConfirmationNeeded(
        "Transfer history is not deleted without an operator's confirmation. "
        f"Ask for it, then call TransferHistoryOper().{call}."
    )


def _named(
    title: str | None, year: str | None, mtype: str | None, tmdbid: int | None
) -> dict[str, Any] | None:
    """What a title is found by."""
    if tmdbid and mtype:
        return {"tmdbid": tmdbid, "type": mtype}
    return {"title": title, "year": year} if title and year else None


def _place(
    season: str | None, episode: str | None, dest: str | None
) -> Mapping[str, Any]:
    """What within a title, and which file of it."""
    place = {"seasons": season} if season else {}
    if episode:
        place["episodes"] = episode
    if season and episode:
        # NULL is equal to nothing, so without a path no episode is found.
        return {**place, "dest__in": [dest]}
    return {**place, "dest": dest} if dest and not season else place
