"""Secret parts inside JSON: hidden for reading, and put back after an edit.

`core.secrets` decides which names are secret. A page that lets an operator edit
the rest shows a placeholder of its own for each secret, so that parts may be moved,
copied or removed, and each secret still finds its place. What was typed and could not
be saved comes back sealed: the placeholder itself holds the secret, encrypted.
"""

from __future__ import annotations

import json
import re
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import salted_hmac

from core.secrets import (
    MASK,
    SECRET_NAME,
    UnreadableSecret,
    decrypt,
    encrypt,
    is_secret_part,
    replace_secrets,
)

SEALED = f"{MASK}="
# A text in JSON, even one without an end; with a colon behind it, a name.
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)(?:"(\s*:)?|$)', re.DOTALL)


class UnknownPlaceholder(Exception):
    """A placeholder that stands for no secret of the record, or stands where that would
    be shown from then on.
    """


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
    return _put_back(edited, secrets, every_text=every_text, name=name)


def placeholder(secret: Any) -> str:
    """Stands for this secret wherever it is; the digits tell secrets apart."""
    digest = salted_hmac("core.admin.masking", json.dumps(secret)).hexdigest()
    return f"{MASK}#{digest[:10]}"


def seal_for_edit(value: Any, name: str = "", *, every_text: bool = False) -> Any:
    """What was typed, with each secret part sealed."""
    return replace_secrets(value, _seal, every_text=every_text, name=name)


def seal_texts(text: str) -> str:
    """What was typed as JSON and is none, with all its texts sealed but the names."""
    return LITERAL.sub(_sealed_literal, text)


def _sealed_literal(match: re.Match[str]) -> str:
    text, colon = match.groups()
    if colon or not text:
        return match[0]
    try:
        text = json.loads(f'"{text}"', strict=False)
    except ValueError:
        text = str(text)
    return json.dumps(_seal(text), ensure_ascii=False)


def _seal(secret: Any) -> Any:
    if secret == "" or (isinstance(secret, str) and secret.startswith(MASK)):
        return secret
    try:
        return f"{SEALED}{encrypt(json.dumps(secret))}"
    except ImproperlyConfigured:  # no key to unseal it with
        return MASK


def _unseal(sealed: str) -> Any:
    try:
        return json.loads(decrypt(sealed.removeprefix(SEALED)))
    except UnreadableSecret:
        raise UnknownPlaceholder from None


def _put_back(
    edited: Any, secrets: dict[str, Any], *, every_text: bool, name: str
) -> Any:
    """Walks as replace_secrets does: what that would not hide there is not put there,
    or whoever may edit could read.
    """
    every_text = every_text or SECRET_NAME.search(name) is not None
    if isinstance(edited, dict):
        return {
            key: _put_back(child, secrets, every_text=every_text, name=str(key))
            for key, child in edited.items()
        }
    if isinstance(edited, list):
        return [
            _put_back(child, secrets, every_text=every_text, name=name)
            for child in edited
        ]
    if not isinstance(edited, str) or MASK not in edited:
        return edited
    if edited.startswith(SEALED):  # was typed, by whoever sends it once more
        return _unseal(edited)
    secret = secrets.get(edited)
    if not is_secret_part("token" if every_text else name, secret):
        raise UnknownPlaceholder
    return secret
