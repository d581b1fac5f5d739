"""Secret parts inside JSON: hidden for reading, and put back after an edit.

`core.secrets` decides which names are secret. A page that lets an operator edit
the rest shows a placeholder of its own for each secret, so that parts may be moved,
copied or removed, and each secret still finds its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from django.utils.crypto import salted_hmac

from core.secrets import MASK, SECRET_NAME

# MoviePilot keeps torrent and feed addresses with the account's key in them.
SECRET_ADDRESS = re.compile(
    r"[?&;](?:\w*(?:pass|key|token|secret|sign|auth|cookie)\w*|rsskey|uid)=",
    re.IGNORECASE,
)

Hide = Callable[[Any], Any]


class UnknownPlaceholder(Exception):
    """A placeholder that stands for no secret of the record."""


def is_secret_part(name: str, value: Any) -> bool:
    """Whether a text or number under this name must not be seen."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    if value in ("", 0):
        return False
    if SECRET_NAME.search(name):
        return True
    return isinstance(value, str) and SECRET_ADDRESS.search(value) is not None


def mask(value: Any, name: str = "") -> Any:
    """The same structure with its secret parts masked. `name` is the value's own."""
    return _walk(value, name, lambda _secret: MASK)


def mask_for_edit(value: Any, name: str = "") -> Any:
    """The structure with a placeholder for each secret part."""
    return _walk(value, name, placeholder)


def restore(edited: Any, stored: Any, name: str = "") -> Any:
    """What was typed, with each placeholder replaced by the secret it stands for.

    `stored` and `name` are what `mask_for_edit` was given. Raises UnknownPlaceholder.
    """
    secrets: dict[str, Any] = {}
    _walk(stored, name, lambda secret: secrets.setdefault(placeholder(secret), secret))
    return _put_back(edited, secrets)


def placeholder(secret: Any) -> str:
    """Stands for this secret wherever it is; the digits tell secrets apart."""
    digest = salted_hmac("core.admin.masking", json.dumps(secret)).hexdigest()
    return f"{MASK}#{digest[:10]}"


def _put_back(edited: Any, secrets: dict[str, Any]) -> Any:
    if isinstance(edited, dict):
        return {key: _put_back(value, secrets) for key, value in edited.items()}
    if isinstance(edited, list):
        return [_put_back(value, secrets) for value in edited]
    if not isinstance(edited, str) or MASK not in edited:
        return edited
    if edited not in secrets:
        raise UnknownPlaceholder
    return secrets[edited]


def _walk(value: Any, name: str, hide: Hide) -> Any:
    if isinstance(value, dict):
        return {key: _walk(child, str(key), hide) for key, child in value.items()}
    if isinstance(value, list):
        return [_walk(child, name, hide) for child in value]
    return hide(value) if is_secret_part(name, value) else value
