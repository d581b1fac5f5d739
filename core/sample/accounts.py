"""MoviePilot's users, their settings and passkeys. Nobody can sign in as them."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from core.fields import JSON_NULL
from core.sample import vocabulary as words
from core.sample.draw import Draw, Row, numbered

BCRYPT = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
PERMISSIONS = ("discovery", "search", "subscribe", "manage")
WIDGETS = ("mediaStatistic", "scheduler", "speed", "storage", "weeklyOverview")
OTP_USERS = frozenset({"mira"})
PASSKEY_OWNERS = (("mira", "手机"), ("mira", "Security key"), ("tobi", "通行密钥"))


def users(draw: Draw) -> list[Row]:
    return numbered([_user(draw, name) for name in words.USERS])


def _user(draw: Draw, name: str) -> Row:
    is_admin = name == "admin"
    has_otp = name in OTP_USERS
    return {
        "name": name,
        "email": _email(draw, name),
        "hashed_password": password_hash(draw),
        "is_active": is_admin or draw.chance(0.85),
        "is_superuser": is_admin,
        "avatar": _avatar(draw),
        "is_otp": has_otp,
        "otp_secret": draw.text(BASE32, 32) if has_otp else None,
        "permissions": {} if is_admin else _permissions(draw),
        "settings": _settings(draw),
    }


def password_hash(draw: Draw) -> str:
    """A well-formed bcrypt hash drawn at random, so that no password matches it."""
    salt = draw.text(BCRYPT, 21) + draw.pick(".Oeu")
    return f"$2b$12${salt}{draw.text(BCRYPT, 30)}{draw.pick(BCRYPT[::4])}"


def _email(draw: Draw, name: str) -> str | None:
    return f"{name}@mail.example" if name.isascii() else draw.pick((None, ""))


def _avatar(draw: Draw) -> str | None:
    if draw.chance(0.2):
        # MoviePilot stores uploads with Python's bytes notation around the data.
        return f"data:image/ico;base64,{base64.b64encode(draw.bytes(48))!r}"
    return draw.pick((None, ""))


def _permissions(draw: Draw) -> Any:
    if draw.chance(0.15):
        return {}
    chosen = dict.fromkeys(PERMISSIONS[:3], True)
    return chosen | {"manage": draw.chance(0.2)}


def _settings(draw: Draw) -> dict[str, Any]:
    if draw.chance(0.5):
        return {}
    number = draw.between(1, 99)
    return {"telegram_userid": f"7000{number:02d}", "wechat_userid": None}


def user_configs(draw: Draw) -> list[Row]:
    rows = [row for name in words.USERS[:9] for row in _user_configs(draw, name)]
    # Left behind when a user was renamed: settings are kept by name.
    rows.append({"username": "老名字", "key": "Layout", "value": "compact"})
    return numbered(rows)


def _user_configs(draw: Draw, name: str) -> list[Row]:
    chosen = {widget: draw.chance(0.7) for widget in WIDGETS}
    order = [{"id": widget, "key": ""} for widget in draw.some(WIDGETS, 3, 5)]
    layout = draw.pick(("compact", "comfortable", {"drawer": True}, JSON_NULL))
    values = {"Dashboard": chosen, "DashboardOrder": order, "Layout": layout}
    return [
        {"username": name, "key": key, "value": value}
        for key, value in values.items()
        if draw.chance(0.85)
    ]


def passkeys(draw: Draw, accounts: list[Row]) -> list[Row]:
    ids = {account["name"]: account["id"] for account in accounts}
    return numbered(
        [_passkey(draw, ids[name], label) for name, label in PASSKEY_OWNERS]
    )


def _passkey(draw: Draw, owner: int, label: str) -> Row:
    created = draw.ago(400) + dt.timedelta(microseconds=draw.between(1, 999_999))
    used = min(created + dt.timedelta(days=draw.between(1, 90)), draw.day)
    return {
        "user_id": owner,
        "credential_id": _base64url(draw.bytes(32)),
        "public_key": _base64url(_public_key(draw)),
        "sign_count": draw.between(0, 240),
        "name": label,
        "aaguid": draw.hex(32) if draw.chance(0.6) else None,
        "created_at": created,
        "last_used_at": used if draw.chance(0.7) else None,
        "is_active": label != "Security key",
        "transports": draw.pick(("internal,hybrid", "usb,nfc", None)),
    }


def _public_key(draw: Draw) -> bytes:
    """CBOR of an ES256 key whose two coordinates are random bytes."""
    head = bytes.fromhex("a5010203262001215820")
    return head + draw.bytes(32) + bytes.fromhex("225820") + draw.bytes(32)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
