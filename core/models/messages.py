"""Messages between MoviePilot and its users."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from core.fields import Index, IntegerColumn, JSONColumn, StampField, TextColumn
from core.models.base import Record
from core.opers.messages import MessageOper
from core.vocabularies import MessageChannel, MessageDirection, NotificationType


class Message(Record):
    """A message that was received or sent."""

    vocabularies: ClassVar = {
        "channel": MessageChannel,
        "mtype": NotificationType,
        "action": MessageDirection,
    }

    channel = TextColumn(
        _("channel"),
        null=True,
        blank=True,
        help_text=_("Where the message came from or went to."),
    )
    source = TextColumn(
        _("source"),
        null=True,
        blank=True,
        help_text=_("Name of the notification settings that were used."),
    )
    mtype = TextColumn(
        _("kind"), null=True, blank=True, help_text=_("What the message is about.")
    )
    title = TextColumn(
        _("title"), null=True, blank=True, help_text=_("Heading of the message.")
    )
    text = TextColumn(
        _("text"), null=True, blank=True, help_text=_("Text of the message.")
    )
    image = TextColumn(
        _("image"), null=True, blank=True, help_text=_("Address of the image.")
    )
    link = TextColumn(
        _("link"), null=True, blank=True, help_text=_("Address the message leads to.")
    )
    userid = TextColumn(
        _("user"), null=True, blank=True, help_text=_("Id in the chat, or a user name.")
    )
    reg_time = StampField(
        _("time"), null=True, blank=True, help_text=_("When the message was stored.")
    )
    action = IntegerColumn(
        _("direction"), null=True, blank=True, help_text=_("Received or sent.")
    )
    note = JSONColumn(
        _("attachments"),
        null=True,
        blank=True,
        help_text=_("Films, series or releases the message is about."),
    )

    objects: ClassVar[MessageOper] = MessageOper()

    class Meta(Record.Meta):
        db_table = "message"
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes: ClassVar = [
            Index(fields=["reg_time", "id"], name="ix_message_reg_time_id"),
        ]

    def __str__(self) -> str:
        return str(self.title or self.pk)
