"""What the pages of records need in their templates."""

from django import template
from django.contrib.messages.storage.base import Message

from core.admin import notices, words
from core.models.base import Record

register = template.Library()

LEVELS = {"debug": "info", "error": "danger"}


@register.filter
def undo_url(message: Message) -> str:
    """Where to undo what the message tells of, or ''."""
    return notices.undo_url(message.extra_tags or "")


@register.filter
def notice_level(message: Message) -> str:
    """The message's level as the style sheet names it."""
    return LEVELS.get(message.level_tag, message.level_tag)


@register.filter
def notice_icon(message: Message) -> str:
    """The picture of the message's level."""
    return "info" if message.level_tag == "debug" else message.level_tag


@register.filter
def table_label(model: type[Record]) -> str:
    """What the table's records are called."""
    return words.table_label(model)
