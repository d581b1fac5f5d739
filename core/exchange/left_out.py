"""JSON with secrets in it, which an export leaves out unless they were asked for."""

from __future__ import annotations

import json
from typing import Any

from core.redaction import mask_text
from core.secrets import SECRET_NAME, mask_json

SIGNS = (
    *("pass", "pwd", "token", "secret", "cookie", "key", "encoding", "auth", "pin"),
    *("credential", "session", "private", "webhook", "sign", "uid", "=", "://", "$2"),
    *("gaaaa", "eyj", "pbkdf2_", "argon2", "scrypt"),
    # What may be one of these letters, escaped.
    *("\\u00", "\\u017f", "\\u212a"),
)
"""Without one of these neither core.secrets nor core.redaction finds a secret."""


class NameTwice(ValueError):
    """An object names a part twice; of the first, parsing would keep nothing."""


def holds_secret(raw: Any) -> bool:
    """Whether a raw value of a JSON column has a part that no page shows."""
    if raw is None or isinstance(raw, int | float):
        return False
    if isinstance(raw, bytes):
        return True
    text = raw.casefold()
    for sign in SIGNS:  # any() would take three times as long, and this is for millions
        if sign in text:
            return _has_secret_part(raw)
    return False


def _has_secret_part(text: str) -> bool:
    try:
        value = json.loads(text, object_pairs_hook=_object)
        return bool(mask_json(value) != value)
    except NameTwice:
        return bool(SECRET_NAME.search(text)) or mask_text(text) != text
    except (ValueError, RecursionError):
        return mask_text(text) != text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NameTwice
    return found
