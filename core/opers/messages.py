"""The Oper of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, cast

from django.db.models import Model, Q

from core.fields import stamp_now
from core.opers.base import RecordOper, RecordQuerySet, columns_of, twin
from core.opers.conditions import PAGE, blank, enum_text, one_page
from core.vocabularies import MessageDirection

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from core.models.messages import Message

Messages = list["Message"]


class MessageQuerySet(RecordQuerySet["Message"]):
    """Restrictions of messages."""

    def received(self) -> Self:
        """Those that users sent to MoviePilot."""
        return self.filter(action=MessageDirection.RECEIVED)

    def sent(self) -> Self:
        """Those that MoviePilot sent."""
        return self.filter(action=MessageDirection.SENT)

    def since(self, mark: str | None) -> Self:
        """Those stamped later than the mark; all without one."""
        return self.filter(reg_time__gt=mark) if mark else self

    def since_unless(self, mark: str | None, spared: Q) -> Self:
        """Those stamped later than the mark, and the spared ones of any time."""
        return self.filter(spared | Q(reg_time__gt=mark)) if mark else self

    def newest_first(self) -> Self:
        """By time, then by id."""
        return self.order_by("-reg_time", "-pk")


MessageManager = RecordOper.from_queryset(MessageQuerySet)


class MessageOper(MessageManager["Message"]):
    """Messages received and sent."""

    record = "core.Message"

    def add(  # type: ignore[override]
        self,
        channel: Any = None,
        source: str | None = None,
        mtype: Any = None,
        title: str | None = None,
        text: str | None = None,
        image: str | None = None,
        link: str | None = None,
        userid: str | None = None,
        action: int | None = MessageDirection.SENT.value,
        note: Any = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Insert a message, stamped now, and return it as a dict of its columns.

        `channel` and `mtype` take MoviePilot's enumerations or their text; keywords
        that are no arguments are passed over. The first argument may also be a whole
        Message, inserted as it is. Raises InvalidValues.
        """
        message = self._keep(
            channel, source, mtype, title, text, image, link, userid, action, note
        )
        return columns_of(message)

    def _keep(
        self,
        channel: Any = None,
        source: str | None = None,
        mtype: Any = None,
        title: str | None = None,
        text: str | None = None,
        image: str | None = None,
        link: str | None = None,
        userid: str | None = None,
        action: int | None = MessageDirection.SENT.value,
        note: Any = None,
        **kwargs: Any,
    ) -> Message:
        """Insert a message and return it as a record."""
        if isinstance(channel, Model):
            return self._stored(super().add(cast("Message", channel)))
        pk = self._insert(
            channel=enum_text(channel),
            source=source,
            mtype=enum_text(mtype),
            title=title,
            text=text,
            image=image,
            link=link,
            userid=userid,
            action=action,
            note=note or {},
            reg_time=stamp_now(),
        )
        return self._stored(pk)

    async_add = twin(_keep)  # type: ignore[arg-type]
    """As `add`, but returns the record; so does MoviePilot's."""

    def list_by_page(self, page: int | None = 1, count: int | None = PAGE) -> Messages:
        """A page of the messages, newest first; a count below 0 is all of them.

        MoviePilot fails on PostgreSQL for page 0; here it is the first page.
        """
        return [*one_page(self.newest_first(), page, count)]

    async_list_by_page = twin(list_by_page)

    def list_sent_by_page(
        self,
        page: int | None = 1,
        count: int | None = PAGE,
        all_clear_before: str | None = None,
        system_clear_before: str | None = None,
        media_clear_before: str | None = None,
    ) -> Messages:
        """A page of what MoviePilot sent, newest first, without what people cleared.

        The marks are stamps: messages up to the first are left out, up to the second
        those without an image (the system's), up to the third those with one (media).
        """
        sent = self.sent().since(all_clear_before)
        without_image = blank("image")
        sent = sent.since_unless(system_clear_before, ~without_image)
        sent = sent.since_unless(media_clear_before, without_image)
        return [*one_page(sent.newest_first(), page, count)]

    async_list_sent_by_page = twin(list_sent_by_page)

    def _stored(self, pk: int) -> Message:
        return self.filter(pk=pk).get()
