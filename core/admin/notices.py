"""Messages about a change, with the way back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import DatabaseError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from core.admin.in_memory import has_changed
from core.permissions import may_see_change, may_undo
from core.redaction import error_line

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.changes import ChangeSet

TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks in names that would turn the sentence and what stands beside it round."""
UNDO = re.compile(r"\bundo-(\d+)\b")


def changed(request: HttpRequest, change_set: ChangeSet, text: str) -> None:
    """Say what was done; the page it is shown on offers to undo it."""
    person = request.user
    text = TURNING.sub("", text)
    if may_see_change(person, change_set):
        url = reverse("admin:core_changeset_change", args=[change_set.pk])
        text = format_html('{} <a href="{}">{}</a>', text, url, _("Show change"))
    tags = f"undo-{change_set.pk}" if may_undo(person, change_set) else ""
    messages.success(request, text, extra_tags=tags)
    if has_changed(change_set):
        text = _("MoviePilot must be restarted to see this change.")
        messages.warning(request, text)


def refused(error: Exception) -> str:
    """What to say of a change that came to an error of the database, or of a value."""
    is_told = isinstance(error, DatabaseError)
    reason = error_line(error) if is_told else str(error)
    return _("MoviePilot's database refused: %s") % reason


def undo_url(extra_tags: str) -> str:
    """Where to undo what a message tells of; '' where there is nothing to undo."""
    found = UNDO.search(extra_tags or "")
    return reverse("admin:core_changeset_undo", args=[found[1]]) if found else ""
