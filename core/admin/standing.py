"""How a MoviePilot user stands as far as signing in goes, in words for a page."""

from __future__ import annotations

from django.utils.translation import gettext as _

from core.auth.passwords import is_readable

Standing = tuple[str, str]
"""How something stands, and the class of the words."""


def account(*, is_active: bool) -> Standing:
    """Whether the user gets in at all."""
    return (_("may sign in"), "") if is_active else (_("disabled"), "is-danger")


def password(hashed: object) -> Standing:
    """Whether there is a password that works."""
    if not hashed:
        return _("none: nobody can sign in with one"), "is-danger"
    if not is_readable(hashed):
        return _("kept in a format MoviePilot cannot read"), "is-danger"
    return _("set"), ""


def codes(*, is_asked: bool, has_secret: bool, has_passkey: bool) -> Standing:
    """Whether one-time codes are asked for, and could be right."""
    if not is_asked:
        return _("not asked for"), ""
    if has_passkey:
        return _("set up, but a passkey is asked for in their place"), ""
    if not has_secret:
        return _("asked for, but there is no secret to make them from"), "is-danger"
    return _("asked for"), ""
