"""Applying a plan that was previewed, whatever it does.

The pages of an edit, an import and a remap differ in what they show and say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin.change_page import change_url
from core.admin.notices import changed, refused
from core.changes import (
    InvalidRecords,
    InvalidValues,
    PlanUsed,
    SelectionMoved,
    State,
    claim,
)
from core.changes.tasks import start
from core.opers.filters import FilterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from core.admin.list_link import ListLink
    from core.changes import ChangeSet, Plan
    from core.models.operators import Operator


@dataclass(frozen=True)
class PreviewPage:
    """What the preview of one kind of plan answers where it is not simply applied."""

    show: Callable[[str], HttpResponse]
    """The preview once more, with what is wrong."""
    show_moved: Callable[[SelectionMoved], HttpResponse]
    """Other records match now than were previewed."""
    invalid_words: Callable[[int], str]
    """So many records cannot be changed, and nobody said to go on without them."""
    done_words: Callable[[ChangeSet], str]
    link: ListLink | None = None
    """The list that the change's page is to lead back to."""


def apply_plan(request: HttpRequest, made: Plan, page: PreviewPage) -> HttpResponse:
    """Apply what was previewed, and go to what comes of it."""
    made.reason = request.POST.get("reason", made.reason).strip()
    try:
        change_set = _started(request, made)
    except SelectionMoved as moved:
        return page.show_moved(moved)
    except PlanUsed as used:
        return already(request, used.change_set, page.link)
    except InvalidRecords as invalid:
        return page.show(page.invalid_words(invalid.count))
    except (InvalidValues, FilterError) as problem:
        return page.show(str(problem))
    except DatabaseError as problem:
        return _stopped(request, made, page, refused(problem))
    if change_set.state == State.APPLIED:
        changed(request, change_set, page.done_words(change_set))
    return _to_change(change_set, page.link)


def already(
    request: HttpRequest, change_set: ChangeSet | None, link: ListLink | None = None
) -> HttpResponse:
    """To what has come of a plan that was applied before."""
    messages.info(request, _("This plan was applied already; nothing was done twice."))
    return _to_change(change_set, link)


def _started(request: HttpRequest, made: Plan) -> ChangeSet:
    """Begin to do what was previewed. Raises what `claim` and `start` raise."""
    change_set, work = claim(
        made,
        by=cast("Operator", request.user),
        skip_invalid="skip_invalid" in request.POST,
        state=State.QUEUED,
    )
    start(change_set, work)
    return change_set


def _stopped(
    request: HttpRequest, made: Plan, page: PreviewPage, text: str
) -> HttpResponse:
    """The database failed; what was done before is in the change set, if any."""
    made.refresh_from_db()
    if made.change_set is None:
        return page.show(text)
    messages.error(request, text)
    return _to_change(made.change_set, page.link)


def _to_change(change_set: ChangeSet | None, link: ListLink | None) -> HttpResponse:
    if change_set is None:
        url = reverse("admin:core_changeset_changelist")
    else:
        url = change_url(change_set)
    return redirect(link.carried_by(url) if link else url)
