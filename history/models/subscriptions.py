"""Subscriptions that are complete."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from core.fields import (
    Index,
    JSONColumn,
    StampField,
    TextColumn,
)
from core.models import shapes
from core.models.subscriptions import WantedTitle
from core.vocabularies import MediaType
from history.opers import SubscribeHistoryOper


class SubscribeHistory(WantedTitle):
    """A subscription that found everything it wanted."""

    # A title may have been complete more than once.
    natural_key: ClassVar = (
        ("date", "type", "season", "tmdbid"),
        ("date", "type", "season", "doubanid"),
        ("date", "type", "season", "bangumiid"),
        ("date", "type", "season", "mediaid"),
    )
    vocabularies: ClassVar = {"type": MediaType}

    date = StampField(
        _("finished"),
        null=True,
        blank=True,
        help_text=_("When the subscription was complete."),
    )
    username = TextColumn(
        _("user"), null=True, blank=True, help_text=_("Who had subscribed.")
    )
    sites = JSONColumn(
        _("sites"),
        null=True,
        blank=True,
        shape=shapes.IDS,
        help_text=_("Ids of the sites to search; none means the usual ones."),
    )

    objects: ClassVar[SubscribeHistoryOper] = SubscribeHistoryOper()

    class Meta(WantedTitle.Meta):
        db_table = "subscribehistory"
        verbose_name = _("finished subscription")
        verbose_name_plural = _("subscription history")
        indexes: ClassVar = [
            Index(fields=["bangumiid"], name="ix_subscribehistory_bangumiid"),
            Index(fields=["doubanid"], name="ix_subscribehistory_doubanid"),
            Index(fields=["mediaid"], name="ix_subscribehistory_mediaid"),
            Index(fields=["name"], name="ix_subscribehistory_name"),
            Index(fields=["tmdbid"], name="ix_subscribehistory_tmdbid"),
            Index(fields=["type", "date"], name="ix_subscribehistory_type_date"),
        ]
