"""Cached values as bytes: msgpack, and only what comes back exactly as it was.

Nothing here ever unpickles: whoever can write to a cache must not run code in it.
"""

from __future__ import annotations

from typing import Any

import msgpack

SCALARS = frozenset({type(None), bool, int, float, str, bytes})
KEPT = "None, bool, int of 64 bits, float, str, bytes, list and dict"


class Unreadable(ValueError):
    """Bytes that no cache of ours wrote."""


def dumps(value: object) -> bytes:
    """The value as bytes.

    Raises TypeError for a type that would come back as another one, such as a tuple,
    and ValueError for a value that msgpack has no bytes for.
    """
    try:
        # Packed first: what contains itself is found here, and the walk below ends.
        packed: bytes = msgpack.packb(value, strict_types=True, use_bin_type=True)
    except UnicodeEncodeError:
        raise ValueError("A cache cannot keep a str with a lone surrogate.") from None
    except OverflowError:
        raise ValueError("A cache cannot keep an int of more than 64 bits.") from None
    except TypeError:
        _refuse_other_types(value)
        raise
    except ValueError as error:
        raise ValueError(f"A cache cannot keep this value: {error}.") from None
    _refuse_other_types(value)
    return packed


def loads(packed: bytes) -> Any:
    """The value of these bytes. Raises Unreadable."""
    try:
        return msgpack.unpackb(packed, strict_map_key=False, ext_hook=_refuse)
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        # TypeError: a list as the key of a dict.
        raise Unreadable(str(error)) from error


def _refuse(code: int, _data: bytes) -> None:
    # dumps() never writes one.
    raise Unreadable(f"Extension {code}")


def _refuse_other_types(value: object) -> None:
    """Raise TypeError where a part is of another type; msgpack takes a bytearray."""
    parts = [value]
    while parts:
        part = parts.pop()
        kind = type(part)
        if kind in SCALARS:
            continue
        if kind is dict:
            parts.extend(part)  # type: ignore[arg-type]
            parts.extend(part.values())  # type: ignore[attr-defined]
        elif kind is list:
            parts.extend(part)  # type: ignore[arg-type]
        else:
            raise TypeError(
                f"A cache cannot keep a {kind.__name__}: it would come back as "
                f"something else. It keeps {KEPT}."
            )
