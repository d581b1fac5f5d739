"""Secrets in running text: lines of a log, messages of exceptions, tracebacks.

Nobody can tell every secret by its look. What is masked is what a name gives away
(`password=…`), what has the look of a key (a bcrypt hash), and what this process itself
holds as a secret (SECRET_KEY). That no other secret gets as far as a log line is for
the code that writes one to see to.
"""

from __future__ import annotations

import json
import re
import sys
import traceback
from functools import cache, lru_cache
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings
from django.db import DataError

from core.secrets import MASK, TELLING_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from core.config.model import Model

Raised = tuple[type[BaseException], BaseException, "TracebackType | None"]

ADDRESS = re.compile(r"^\w+://")
SHORTEST = 6
"""Shorter values are words, such as the default password of MoviePilot's database."""
SUSPICIOUS = re.compile(
    rf"{TELLING_WORDS}|key|\bpin\b|sign|uid|\$2|gAAAA|eyJ|pbkdf2_|argon2|scrypt|://",
    re.IGNORECASE,
)
"""Without one of these nothing below can match. Ordinary lines end here."""
HEADER = re.compile(
    r"""(?<![\w-])((?:[\w-]*cookie|(?:proxy-)?authorization)["']?\s*[:=]\s*)"""
    r"""("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\n]*)""",
    re.IGNORECASE,
)
"""A header's value goes on to the end of its line."""
NAMED = re.compile(
    rf"""(?<![\w-])((?:[\w-]{{0,100}}?(?:{TELLING_WORDS})[\w-]{{0,100}}|key|pin)"""
    r"""\\?["']?\s*[:=]\s*(?:b(?=["']))?)"""
    r"""("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.|'')*'?"""
    r"""|\\"(?:(?!\\"\s*[,}\]]).)*(?:\\")?|[\[{(][^\n]*|[^\s&]+)""",
    re.IGNORECASE,
)
ADDRESS_PART = re.compile(
    r"([?&;](?:\w{0,40}(?:pass|key|token|secret|sign|auth|cookie)\w{0,40}|uid)=)"
    r"""[^\s&#"'<>]+""",
    re.IGNORECASE,
)
LOGIN = re.compile(r"""(://[^\s/:@"'<>]{0,200}:)[^\s"'<>]{1,500}@""")
COOKIES = re.compile(
    r"""(\bcookies?\b[^\n=]{0,20}?)(?:[\w.-]+=[^\s;,"']+(?:;\s*|$|(?=[\s,"'])))+""",
    re.IGNORECASE,
)
LONG_AFTER_COOKIE = re.compile(
    r"""(\bcookies?\b[^\n]{0,20}?[\s:"'])[\w%+=.~-]{24,}""", re.IGNORECASE
)
SHAPES = re.compile(
    r"\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{20,}"  # bcrypt
    r"|gAAAA[\w-]{60,}={0,2}"  # Fernet
    r"|eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?"  # JSON Web Token
    r"|(?:pbkdf2_\w+|argon2\w*|bcrypt\w*|scrypt)\$[\w$+/=.,-]{20,}",  # Django's hashes
    re.ASCII,
)
# Below the first line, database drivers repeat values, and the statement with them.
DRIVER_DETAIL = re.compile(
    r"\n(?:DETAIL|HINT|CONTEXT|QUERY|STATEMENT|LINE \d+)\b.*|\bDETAIL:.*", re.DOTALL
)
QUOTED = re.compile(r'"[^"]*"?')
REPEATING = ("psycopg.", "django.db.utils.DataError:")
"""Errors whose first line may repeat a value: ‘invalid input syntax for type …’."""
REPEATED = re.compile(
    r"""\b(got|base \d+:|float:|string:|time data|parse) """
    r"""b?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
)
"""Python's own errors end so: ‘invalid literal for int() with base 10: '…'’."""
QUERY = re.compile(r"(\?)\S+")
LITERAL = re.compile(r"'(?:[^']|'')*'?|\$\d*\$.*")


def mask_text(text: str) -> str:
    """The text without the secrets that can be told in it."""
    text = _mask_known(text)
    if "\n" in text or "DETAIL" in text:
        text = DRIVER_DETAIL.sub(f" {MASK}", text)
    if not SUSPICIOUS.search(text):
        return text
    text = SHAPES.sub(MASK, text)
    text = LOGIN.sub(rf"\1{MASK}@", text)
    text = HEADER.sub(_after_name, text)
    text = COOKIES.sub(rf"\1{MASK}", text)
    text = LONG_AFTER_COOKIE.sub(rf"\1{MASK}", text)
    text = ADDRESS_PART.sub(rf"\1{MASK}", text)
    return NAMED.sub(_after_name, text)


def mask_statement(text: str) -> str:
    """SQL without the texts in it."""
    return LITERAL.sub(f"'{MASK}'", mask_text(text))


def mask_request(text: str) -> str:
    """A line about a request, without its query: people search for secrets."""
    return QUERY.sub(rf"\1{MASK}", mask_text(text))


def error_line(error: BaseException) -> str:
    """What a database said went wrong, without the values it repeats."""
    line = str(error).strip().partition("\n")[0]
    if isinstance(error, DataError):
        # PostgreSQL: invalid input syntax for type integer: "…"
        line = QUOTED.sub(f'"{MASK}"', line)
    return mask_text(line)[:300]


def mask_message(text: str) -> str:
    """An exception's message without the value that was at fault."""
    return mask_text(REPEATED.sub(rf"\1 '{MASK}'", text))


def mask_traceback(raised: Raised) -> str:
    """The traceback as Python prints it, without secrets, and without a final newline.

    Lines of code stay as they are: `password=password` in them is no secret.
    """
    report = traceback.TracebackException(*raised, compact=True)
    return "".join(map(_masked_part, report.format())).rstrip("\n")


def _masked_part(part: str) -> str:
    if part.startswith('  File "'):
        return _mask_known(part)
    if part.startswith(REPEATING):
        part = QUOTED.sub(f'"{MASK}"', part)
    return mask_message(part).rstrip("\n") + "\n"


def _after_name(match: re.Match[str]) -> str:
    """The name, and the mask in its value's place."""
    name, value = match.groups()
    return f"{name}{_masked_value(value)}"


def _masked_value(value: str) -> str:
    """The mask between the value's quotes."""
    quotes = value[: len(value) - len(value.lstrip("\\\"'"))]
    if value.strip("\\\"' ") in ("", MASK):
        return value
    return f"{quotes}{MASK}{quotes}"


def _mask_known(text: str) -> str:
    for value in known_values():
        if value in text:
            text = text.replace(value, MASK)
    return text


def known_values() -> tuple[str, ...]:
    """The secrets this process holds, longest first, in every spelling."""
    return _spelled((*_djangos_secrets(), *_settings_secrets()))


def _djangos_secrets() -> list[str]:
    if not settings.configured:
        return []
    passwords = [each.get("PASSWORD") or "" for each in settings.DATABASES.values()]
    places = [str(each.get("LOCATION") or "") for each in settings.CACHES.values()]
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [*map(str, [*keys, *passwords]), *filter(ADDRESS.search, places)]


def _settings_secrets() -> tuple[str, ...]:
    # Not imported above: what it finds wrong while it is being read is logged too.
    config = sys.modules.get("core.config")
    found = (getattr(config, name, None) for name in ("console", "settings"))
    return tuple(text for each in found if each is not None for text in _texts(each))


@cache
def _texts(model: Model) -> tuple[str, ...]:
    """The secrets among settings, which never change."""
    return tuple(value for value in model.secrets() if isinstance(value, str))


@lru_cache(maxsize=8)
def _spelled(values: tuple[str, ...]) -> tuple[str, ...]:
    plain = {secret for value in values for secret in _secrets_of(value)}
    spelled = {
        form
        for value in plain
        if len(value) >= SHORTEST and value != "moviepilot"
        for form in _spellings(value)
    }
    return tuple(sorted(spelled, key=lambda text: (-len(text), text)))


def _secrets_of(value: str) -> Iterable[str]:
    """The value; of an address, its password."""
    if not ADDRESS.search(value):
        return (value,)
    try:
        password = urlsplit(value).password or ""
    except ValueError:
        return (value,)
    return (password, unquote(password))


def _spellings(value: str) -> set[str]:
    return {value, quote(value, safe=""), escape(value), json.dumps(value)[1:-1]}
