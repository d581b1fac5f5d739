"""Signing in with the accounts of real installations, where they are at hand."""

import lzma
import sqlite3
from contextlib import closing

import pytest
from django.conf import settings
from django.contrib.auth import authenticate

from core.startup.databases import bound
from mpadmin import attach

SHARED = settings.BASE_DIR.parent / "shared" / "data"
OPEN = {
    "admin": "Admin-Pass-123",
    "superadmin": "Admin-Pass-123",
    "张三": "密码-Pass-123",
    "unicode": "пароль🔑-1",
    "longpw": "x1-" + "y" * 80,
    "ident2a": "Ident-Pass-123",
    "ident2y": "Ident-Pass-123",
    "manager": "Manager-Pass-123",
}
CLOSED = {
    "otpuser": "Otp-Pass-123",
    "passkeyuser": "Passkey-Pass-123",
    "otppasskey": "Both-Pass-123",
    "disabled": "Disabled-Pass-123",
    "normal": "Normal-Pass-123",
    "Normal": "CaseDiff-Pass-123",
    "dupname": "Ident-Pass-123",
    "nopassword": "x",
    "emptypassword": "",
    "brokenhash": "not-a-hash",
}


@pytest.fixture(params=["mp_2_2_7", "mp_2_1_6_upgraded_2_2_7"])
def real_users(request, console, tmp_path):
    """Those who may enter of a real installation, where its database is at hand."""
    packed = SHARED / f"{request.param}.sqlite.xz"
    if not packed.exists():
        pytest.skip(f"{packed.name} is not here")
    path = tmp_path / "real.db"
    path.write_bytes(lzma.decompress(packed.read_bytes()))
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT name FROM user WHERE is_active AND "
            "(is_superuser = 1 OR json_extract(permissions, '$.manage') = 1)"
        )
        names = {name for (name,) in rows}
    with bound("moviepilot", attach.sqlite(path, settings.MOVIEPILOT_TZ)):
        yield names


def test_logins_of_a_real_database(real_users, rf):
    for name, password in OPEN.items():
        operator = authenticate(rf.post("/"), username=name, password=password)
        assert (operator is not None) == (name in real_users), name
    for name, password in CLOSED.items():
        assert authenticate(rf.post("/"), username=name, password=password) is None
