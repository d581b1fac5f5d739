"""MoviePilot's passwords: which are right, whatever stands there."""

import time

import bcrypt
import pytest

from core.auth.passwords import verify_password
from core.auth.tests.support import (
    PASSWORD,
    hashed,
)


@pytest.mark.parametrize("ident", [b"$2a$", b"$2b$", b"$2y$"])
@pytest.mark.parametrize(
    "password", [PASSWORD, "пароль🔑", "密码", "", " x ", "y" * 100]
)
def test_a_bcrypt_hash_of_any_ident_verifies(ident, password):
    assert verify_password(password, hashed(password, ident))
    assert not verify_password(password[:60] + "!", hashed(password, ident))


def test_a_password_counts_up_to_72_bytes():
    stored = hashed("x1-" + "y" * 80)

    assert verify_password("x1-" + "y" * 69, stored)
    assert verify_password("x1-" + "y" * 200, stored)
    assert not verify_password("x1-" + "y" * 68, stored)


def test_another_cost_verifies():
    stored = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(6)).decode()

    assert verify_password(PASSWORD, stored)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "",
        "not-a-hash",
        "pbkdf2_sha256$1$salt$hash",
        "bcrypt$$2b$12$" + "x" * 53,
        "$2b$99$" + "x" * 53,
        "$2b$12$" + "!" * 53,
        "$2x$04$" + "x" * 53,
        "$2b$04$short",
        "$2b$٠٤$" + "x" * 53,
    ],
)
def test_a_hash_of_another_kind_is_a_wrong_password(stored):
    assert not verify_password(PASSWORD, stored)


@pytest.mark.parametrize("password", ["a\0b", "\0", "\ud800"])
def test_an_impossible_password_is_a_wrong_one(password):
    assert not verify_password(password, hashed("a"))


def test_what_is_refused_takes_as_long_as_a_wrong_password():
    stored = bcrypt.hashpw(b"x", bcrypt.gensalt(12)).decode()
    verify_password("warm up", None)

    def seconds(password, stored):
        started = time.process_time()
        verify_password(password, stored)
        return time.process_time() - started

    wrong = seconds("wrong", stored)
    assert seconds("wrong", None) > wrong / 2
    assert seconds("wrong", "not-a-hash") > wrong / 2
    assert seconds("wr\0ng", stored) > wrong / 2
