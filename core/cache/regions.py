"""Regions: the parts of a cache, each with a name, that are listed and cleared alone.

A key of Django's cache is one text. A region's keys begin with "@", its name, and ":";
the name is percent-encoded, so what follows the first ":" is the key, whatever it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "@"
LEASES, USAGE = "_leases", "_usage"
"""Regions of the cache's own; no other may begin with an underscore."""


@dataclass(frozen=True)
class Region:
    """What a region holds at the moment. Expired entries are not counted."""

    name: str
    """Empty for keys that are in no region."""
    entries: int
    size: int
    """Bytes of keys and values."""
    first_expiry: float | None = None
    last_expiry: float | None = None
    """Seconds since 1970; None where nothing expires."""
    is_estimate: bool = False
    """Whether size and expiry are those of a sample."""


@runtime_checkable
class RegionCache(Protocol):
    """What our backends can do beside Django's contract."""

    kind: str

    @property
    def place(self) -> str:
        """Where the entries are, without what signs in there."""

    @property
    def problem(self) -> str:
        """Why nothing is kept at the moment, or nothing."""

    def regions(self) -> list[Region]:
        """Every region that has entries."""

    def region_keys(self, name: str) -> Iterator[str]:
        """The keys in a region, in no order."""

    def clear_region(self, name: str) -> None:
        """Remove all entries of a region."""


def inside(region: str, key: str) -> str:
    """The key, as Django's cache knows it, of an entry in a region."""
    return f"{start_of(region)}{key}"


def start_of(region: str) -> str:
    """What the keys of a region begin with."""
    return f"{MARK}{encoded(region)}:"


def encoded(region: str) -> str:
    """The name in a few harmless characters."""
    return quote(region, safe="", errors="surrogatepass")


def decoded(text: str) -> str:
    """The name again; text that is no encoded name stays as it is."""
    try:
        return unquote(text, errors="surrogatepass")
    except UnicodeDecodeError:
        return text


def key_bytes(text: str) -> bytes:
    """Any text as bytes, also a lone surrogate."""
    return text.encode("utf-8", "surrogatepass")


def key_text(stored: bytes) -> str:
    """The text again; bytes that no cache of ours wrote become readable, too."""
    try:
        return stored.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return stored.decode("utf-8", "replace")


def parted(key: str) -> tuple[str, str]:
    """The region's name and the key in it; "" and the key where it is in none."""
    name, colon, rest = key.partition(":")
    if not colon or not name.startswith(MARK) or name == MARK:
        return "", key
    return decoded(name[1:]), rest
