"""Conditions of MoviePilot's accounts that no single column answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connections
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from core.opers.base import oper_of
from core.opers.conditions import blank
from core.opers.filters import FilterError
from core.schema import column_types

if TYPE_CHECKING:
    from core.opers.base import RecordQuerySet

BCRYPT = r"^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}\Z"
"""A password hash that MoviePilot can read; see core.auth.passwords."""


def without_user(key: str, column: str) -> Q:
    """No user has this column's value for a key: `pk` or `name`.

    Raises FilterError where the table of users cannot be asked.
    """
    users = _records("core.User", "user")
    return Q(~Exists(users.filter(**{key: OuterRef(column)})))


def with_passkeys() -> Q:
    """Users of an active passkey: MoviePilot wants it from them at each sign-in.

    Raises FilterError where the table of passkeys cannot be asked.
    """
    keys = _records("core.PassKey", "passkey")
    return Q(Exists(keys.filter(user_id=OuterRef("pk"), is_active=True)))


def locked_out() -> Q:
    """Users who cannot sign in with any password and code."""
    is_off = Q(is_active=False) | Q(is_active__isnull=True)
    has_no_password = blank("hashed_password") | ~Q(hashed_password__regex=BCRYPT)
    has_no_codes = Q(is_otp=True) & blank("otp_secret")
    return is_off | has_no_password | has_no_codes


def _records(label: str, table: str) -> RecordQuerySet[Any]:
    if not column_types(connections["moviepilot"], table):
        raise FilterError(_("The table “%s” is missing.") % table)
    return oper_of(apps.get_model(label)).get_queryset()
