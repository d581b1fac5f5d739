"""Whose a passkey is, which is kept by the user's id, and a setting, kept by name; and
those whose user is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.db import connections
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin.base import ListNotice
from core.admin.counts import count
from core.admin.table_state import report
from core.models import PassKey, User
from core.opers.base import oper_of
from core.opers.filters import FilterError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.admin.base import RecordAdmin
    from core.admin.list_state import ListState
    from core.models import UserConfig
    from core.models.base import Record

FILTER = "orphans"


def notices(
    model_admin: RecordAdmin,
    state: ListState,
    words: Callable[[int], tuple[str, str]],
) -> list[ListNotice]:
    """That there are some, with the list of them; nothing on that list itself.

    `words` makes the text for a number of them, and the label of the link.
    """
    if FILTER in state.given:
        return []
    records = oper_of(model_admin.model).get_queryset()
    try:
        found = count(records.matching({FILTER: "1"}))
    except FilterError:  # there is no table of users
        return []
    text, label = words(found.number)
    url = f"{model_admin.list_url()}?{FILTER}=1"
    return [ListNotice(text, label, url)] if found.number else []


def inheritance() -> tuple[int, list[int]]:
    """The id of the next user, and ids of the passkeys that it and later ones would
    inherit; 0 and nothing where ids are not used again.
    """
    is_sqlite = connections["moviepilot"].vendor == "sqlite"
    if not is_sqlite or not report(PassKey).is_usable:
        return 0, []
    newest = User.objects.newest()
    next_id = newest.pk + 1 if newest else 1
    orphans = PassKey.objects.without_user()
    return next_id, orphans.numbered_from(next_id).ids()


def names(ids: Sequence[int]) -> dict[int, str]:
    """The names of the users there are of these ids; at most one query."""
    if not ids or not report(User).exists:
        return {}
    return User.objects.names({*ids})


def of_passkey(key: PassKey) -> str:
    """Whose it is, as HTML."""
    context = {"key": key, "name": names([key.user_id]).get(key.user_id)}
    return render_to_string("core/includes/passkey_owner.html", context)


def of_setting(record: Record) -> str:
    """Whose it is, as HTML."""
    setting = cast("UserConfig", record)
    if not report(User).exists:
        return ""
    name = setting.username
    ids = [] if name is None else User.objects.named(name).ids()
    context = {"setting": setting, "pk": ids[0] if ids else None}
    return render_to_string("core/includes/setting_owner.html", context)


def passkeys_words(number: int) -> tuple[str, str]:
    """Of passkeys without a user."""
    text = ngettext(
        "%s passkey belongs to a user that does not exist. Whoever gets that user's id"
        " inherits it.",
        "%s passkeys belong to users that do not exist. Whoever gets such a user's id"
        " inherits them.",
        number,
    )
    return text % f"{number:,}", _("Show passkeys without a user")


def settings_words(number: int) -> tuple[str, str]:
    """Of settings without a user."""
    text = ngettext(
        "%s setting belongs to a name that no user has.",
        "%s settings belong to names that no user has.",
        number,
    )
    return text % f"{number:,}", _("Show settings without a user")
