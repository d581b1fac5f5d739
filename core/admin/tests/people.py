"""MoviePilot's users, passkeys and settings, as rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.tests.support.libraries import Library

HASH = "$2b$12$" + "synthetic." * 5 + "abc"
"""Well-formed, and of no password."""


def add_user(library: Library, name: str, **values: Any) -> int:
    row = {
        "name": name,
        "hashed_password": HASH,
        "is_active": True,
        "is_superuser": False,
        "is_otp": False,
        "permissions": "{}",
        "settings": "{}",
        **values,
    }
    return library.insert("user", **row)


def add_passkey(library: Library, user_id: Any, **values: Any) -> int:
    row = {
        "user_id": user_id,
        "credential_id": f"synthetic-credential-{user_id}-{len(values)}",
        "public_key": "synthetic-key-1",
        "sign_count": 3,
        "name": "phone",
        "is_active": True,
        **values,
    }
    return library.insert("passkey", **row)


def add_orphan(library: Library, user_id: int, **values: Any) -> int:
    """A passkey whose user is gone: moved databases have no foreign key."""
    if library.vendor == "postgresql":
        library.execute(
            "ALTER TABLE passkey DROP CONSTRAINT IF EXISTS passkey_user_id_fkey"
        )
    return add_passkey(library, user_id, **values)


def add_setting(library: Library, username: str, key: str, value: Any = 1) -> int:
    return library.insert(
        "userconfig", username=username, key=key, value=json.dumps(value)
    )
