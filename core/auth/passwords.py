"""MoviePilot's passwords: bcrypt, as passlib makes it."""

from __future__ import annotations

import re
from functools import cache

import bcrypt
from django.utils.translation import gettext as _

BCRYPT = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}", re.ASCII)
BCRYPT_BYTES = 72
"""passlib, which MoviePilot uses, hashes no more of a password than this."""
COST = 12
SHORTEST = 8
"""Characters that a new password has at least."""


class UnusablePassword(ValueError):
    """A password that MoviePilot could not check as it was typed."""


def hash_password(password: str) -> str:
    """The hash that MoviePilot would keep: `$2b$12$…`.

    Raises UnusablePassword for one with a NUL or of more than 72 bytes of UTF-8, which
    MoviePilot would refuse or cut short, and for text that is none.
    """
    try:
        secret = password.encode()
    except UnicodeEncodeError:
        raise UnusablePassword from None
    if not secret or b"\0" in secret or len(secret) > BCRYPT_BYTES:
        raise UnusablePassword
    return bcrypt.hashpw(secret, bcrypt.gensalt(COST)).decode()


def problem_with(password: str) -> str:
    """Why MoviePilot is not to be given this password; '' where it is."""
    if len(password) < SHORTEST:
        return _("A password needs at least %d characters.") % SHORTEST
    if "\0" in password:
        return _("A password cannot hold a NUL character.")
    try:
        length = len(password.encode())
    except UnicodeEncodeError:
        return _("The password holds half a character, which cannot be kept.")
    if length <= BCRYPT_BYTES:
        return ""
    return _(
        "The password is longer than 72 bytes, of which MoviePilot would take only the"
        " first; letters outside ASCII count two to four."
    )


def is_readable(hashed: object) -> bool:
    """Whether it is a hash that MoviePilot can check passwords against."""
    # SQLite lets in what is no text.
    return isinstance(hashed, str) and BCRYPT.fullmatch(hashed) is not None


def verify_password(password: str, hashed: str | None) -> bool:
    """Whether the bcrypt hash is of this password.

    A hash that is missing or of another kind takes as long to refuse as a wrong
    password.
    """
    secret = password.encode(errors="surrogatepass")
    known = hashed if is_readable(hashed) else None
    if known is None or b"\0" in secret:
        bcrypt.checkpw(secret.replace(b"\0", b"")[:BCRYPT_BYTES], _dummy_hash())
        return False
    try:
        return bcrypt.checkpw(secret[:BCRYPT_BYTES], known.encode())
    except ValueError:  # a cost bcrypt does not know
        return False


@cache
def _dummy_hash() -> bytes:
    # MoviePilot's cost, so that unknown names take as long as known ones.
    return bcrypt.hashpw(b"", bcrypt.gensalt(COST))
