"""Secret parts inside JSON: hidden for reading, and put back after an edit.

`core.secrets` decides which names are secret. A page that lets an operator edit
the rest shows a placeholder of its own for each secret, so that parts may be moved,
copied or removed, and each secret still finds its place.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils.crypto import salted_hmac

from core.secrets import MASK, replace_secrets


class UnknownPlaceholder(Exception):
    """A placeholder that stands for no secret of the record."""


def mask_for_edit(value: Any, name: str = "", *, every_text: bool = False) -> Any:
    """The structure with a placeholder for each secret part."""
    return replace_secrets(value, placeholder, every_text=every_text, name=name)


def restore(
    edited: Any, stored: Any, name: str = "", *, every_text: bool = False
) -> Any:
    """What was typed, with each placeholder replaced by the secret it stands for.

    `stored`, `name` and `every_text` are what `mask_for_edit` was given. Raises
    UnknownPlaceholder.
    """
    secrets: dict[str, Any] = {}
    replace_secrets(
        stored,
        lambda secret: secrets.setdefault(placeholder(secret), secret),
        every_text=every_text,
        name=name,
    )
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
