"""What the page of a user tells beside the form: how the user signs in, the user's
passkeys and settings, and who is the user in the console.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from core import permissions
from core.admin import standing
from core.admin.table_state import report
from core.models import PassKey, User, UserConfig

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.models.base import Record

GRANTING: tuple[permissions.Action, ...] = ("add", "change")
MOST = 50
"""Passkeys and settings that stand on the page; the lists have all."""


def context(request: HttpRequest, user: User) -> dict[str, Any]:
    """What the template shows."""
    sees_keys = _sees(request, PassKey)
    keys = _passkeys(user) if sees_keys else []
    settings = _settings(user) if _sees(request, UserConfig) else []
    return {
        "user_record": user,
        "sign_in": _sign_in(user, keys if sees_keys else None),
        "sees_passkeys": sees_keys,
        "passkeys": keys[:MOST],
        "passkeys_url": f"{reverse('admin:core_passkey_changelist')}?"
        f"{urlencode({'user': user.pk})}",
        "may_change_passkeys": permissions.may(request.user, "change", PassKey),
        "may_delete_passkeys": permissions.may(request.user, "delete", PassKey),
        "sees_settings": _sees(request, UserConfig),
        "settings": settings[:MOST],
        "settings_url": f"{reverse('admin:core_userconfig_changelist')}?"
        f"{urlencode({'username': user.name or ''})}",
        "grant_url": _grant_url(request, user),
    }


def _sign_in(user: User, keys: list[PassKey] | None) -> list[tuple[str, str, str]]:
    """(what, how it stands, class of the value)."""
    has_passkey = any(key.is_active for key in keys or ())
    codes = standing.codes(
        is_asked=bool(user.is_otp),
        has_secret=bool(user.otp_secret),
        has_passkey=has_passkey,
    )
    found = [
        (_("Account"), *standing.account(is_active=bool(user.is_active))),
        (_("Password"), *standing.password(user.hashed_password)),
        (_("One-time codes"), *codes),
    ]
    if keys is not None:
        asked = _("asked for") if has_passkey else _("not asked for")
        found.append((_("Passkeys"), asked, ""))
    return found


def _passkeys(user: User) -> list[PassKey]:
    owned = PassKey.objects.of_user(user.pk)
    return [*owned.by_age()]


def _settings(user: User) -> list[tuple[int, str, int]]:
    return UserConfig.objects.of_user(user.name).sizes()


def _sees(request: HttpRequest, model: type[Record]) -> bool:
    is_there = report(model).is_usable
    return is_there and permissions.may(request.user, "view", model)


def _grant_url(request: HttpRequest, user: User) -> str:
    """Where the user gets a role in the console."""
    may = all(permissions.may(request.user, each, "core.operator") for each in GRANTING)
    url = reverse("admin:core_operator_grant")
    return f"{url}?{urlencode({'user': user.pk})}" if may else ""
