"""Values nobody should see: masked on every page, encrypted in change entries."""

from __future__ import annotations

import base64
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models.base import Record

MASK = "••••••••"
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
TELLING_WORDS = (
    r"pass(?:word|wd|key)?|pwd|token|secret|cookie|(?:api|aes)_?key|encoding|auth|"
    r"credential|session|private|webhook"
)
SECRET_NAME = re.compile(rf"{TELLING_WORDS}|^key$|^pin$", re.IGNORECASE)
"""Names in configuration JSON whose text values are secret, whatever plugin wrote them.
"""
SECRET_ADDRESS = re.compile(
    r"[?&;](?:\w*(?:pass|key|token|secret|sign|auth|cookie)\w*|rsskey|uid)=",
    re.IGNORECASE,
)
"""MoviePilot keeps torrent and feed addresses with the account's key in them."""


class Masked(str):
    """Stands where a secret value is."""

    __slots__ = ()


def is_secret(model: type[Record], column: str) -> bool:
    """Whether the column is marked `secret` in MoviePilot's schema."""
    return column in model.secret_fields


def encrypt(text: str) -> str:
    """The text as a token that only this installation can read."""
    if getattr(settings, "SECRET_KEY_IS_EPHEMERAL", False):
        raise ImproperlyConfigured(
            "There is no lasting SECRET_KEY, so a secret value could not be put back "
            "later. Start the console once with `make serve`, or set SECRET_KEY."
        )
    return (
        _fernet(settings.SECRET_KEY)
        .encrypt(text.encode("utf-8", "surrogatepass"))
        .decode()
    )


def decrypt(token: str) -> str:
    """The text of a token. Raises UnreadableSecret when SECRET_KEY has changed."""
    for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
        try:
            return _fernet(key).decrypt(token.encode()).decode("utf-8", "surrogatepass")
        except InvalidToken:
            continue
    raise UnreadableSecret


class UnreadableSecret(Exception):
    """A secret was encrypted with another SECRET_KEY than today's."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A secret value was kept under another SECRET_KEY; add the old key to"
                " SECRET_KEY_FALLBACKS to undo this change."
            )
        )


@lru_cache(maxsize=8)
def _fernet(key: str) -> Fernet:
    kdf = HKDF(
        algorithm=SHA256(), length=32, salt=None, info=b"mpadmin.changes.secrets"
    )
    return Fernet(base64.urlsafe_b64encode(kdf.derive(key.encode())))


def is_secret_part(name: str, value: Any) -> bool:
    """Whether a text or number found under this name in JSON must not be seen."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    if value in ("", 0):
        return False
    if SECRET_NAME.search(name):
        return True
    return isinstance(value, str) and SECRET_ADDRESS.search(value) is not None


def replace_secrets(
    value: Any, hide: Callable[[Any], Any], *, every_text: bool = False, name: str = ""
) -> Any:
    """The same structure with `hide(part)` in place of each secret part.

    All that stands under a secret name is secret, and everything with `every_text`.
    `name` is the value's own.
    """
    every_text = every_text or SECRET_NAME.search(name) is not None
    if isinstance(value, dict):
        return {
            key: replace_secrets(child, hide, every_text=every_text, name=str(key))
            for key, child in value.items()
        }
    if isinstance(value, list):
        return [
            replace_secrets(child, hide, every_text=every_text, name=name)
            for child in value
        ]
    return (
        hide(value) if is_secret_part("token" if every_text else name, value) else value
    )


def mask_json(value: Any, *, every_text: bool = False, name: str = "") -> Any:
    """The same structure with its secret parts replaced by MASK."""
    return replace_secrets(value, lambda _part: MASK, every_text=every_text, name=name)


def mask_json_text(text: object, *, every_text: bool = False) -> str:
    """Stored JSON with its secret parts masked; what is not JSON is masked whole."""
    if isinstance(text, bytes):  # SQLite keeps a BLOB even where JSON belongs
        return MASK
    try:
        value = json.loads(text) if isinstance(text, str) else text
        masked = mask_json(value, every_text=every_text)
    except (ValueError, RecursionError):
        return MASK
    shown = json.dumps(masked, ensure_ascii=False)
    # Half a surrogate pair can be neither sent nor kept; its escape can.
    return LONE_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", shown)
