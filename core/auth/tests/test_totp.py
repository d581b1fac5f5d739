"""One-time codes: which are right, and that each is only once."""

import time
from base64 import b32encode
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core import secrets
from core.auth import totp
from core.auth.accounts import Account
from core.auth.tests.support import SECRET
from core.models import Operator

NOW = 1_700_000_000.0


def code_at(seconds, secret=SECRET):
    return pyotp.TOTP(secret).at(seconds)


@given(
    key=st.binary(min_size=14, max_size=40),
    moment=st.integers(200, 4_000_000_000),
    steps=st.integers(-5, 5),
)
def test_a_code_is_right_from_the_step_before_to_the_step_after(key, moment, steps):
    codes = pyotp.TOTP(b32encode(key).decode().rstrip("="))
    sent = codes.at(moment, counter_offset=steps)

    found = totp.matching_step(codes.secret, sent, at=moment)

    # One in a million is another step's as well.
    near = [moment // 30 + step for step in (-1, 0, 1)]
    right = [step for step in near if codes.generate_otp(step) == sent]
    assert found == max(right, default=None)
    assert right or abs(steps) > 1


@pytest.mark.parametrize("written", ["{} {}", " {}{}\n", "{}\u3000{}", "{}\t{}"])
def test_blanks_in_a_code_are_fine(written):
    right = code_at(NOW)

    typed = written.format(right[:3], right[3:])

    assert totp.matching_step(SECRET, typed, at=NOW) == NOW // 30


@pytest.mark.parametrize(
    "change",
    [
        lambda code: code[:-1],
        lambda code: code + "0",
        lambda code: f"{code[:3]}-{code[3:]}",
        lambda code: code.translate({ord("0") + n: 0x660 + n for n in range(10)}),
        lambda code: code.translate({ord("0") + n: 0xFF10 + n for n in range(10)}),
        lambda code: "",
        lambda code: "\0",
        lambda code: "\ud800",
        lambda code: code * 100_000,
        lambda code: f"+{code[1:]}",
    ],
    ids=[
        "short",
        "long",
        "dash",
        "arabic",
        "fullwidth",
        "none",
        "nul",
        "surrogate",
        "huge",
        "sign",
    ],
)
def test_what_is_not_six_digits_is_no_code(change):
    assert totp.matching_step(SECRET, change(code_at(NOW)), at=NOW) is None


@pytest.mark.parametrize(
    "secret", ["JBSWY3DPEHPK3PXP", "jbswy3dpehpk3pxp", "MFRGG", "MFRGG==="]
)
def test_a_short_secret_does_as_it_does_in_moviepilot(secret):
    codes = totp.Codes(secret)

    assert totp.matching_step(secret, codes.at(NOW), at=NOW) == NOW // 30


@pytest.mark.parametrize(
    "secret", ["", "=", "========", "not base32!", "0189", "MFRGG\0", "密码", "A"]
)
def test_a_secret_that_is_none_has_no_codes(secret):
    with pytest.raises(totp.BrokenSecret):
        totp.matching_step(secret, "000000", at=NOW)


@pytest.mark.parametrize("stored", [None, b"JBSWY3DPEHPK3PXP", 7, ""])
def test_a_user_without_a_secret_has_no_codes(console, stored):
    operator = Operator.objects.create_user("mila")
    account = Account(id=1, name="mila", is_otp=True, otp_secret=stored)

    assert totp.is_broken(operator, account)


def test_the_secret_of_a_local_operator_is_kept_encrypted(console):
    kept = secrets.encrypt(SECRET)
    operator = Operator.objects.create_user("lee", totp_secret=kept)

    assert totp.secret_of(operator, None) == SECRET
    assert not totp.is_broken(operator, None)
    operator.totp_secret = kept[:-4] + "AAAA"
    assert totp.is_broken(operator, None)


def test_a_code_is_taken_once_and_none_of_before_it(console):
    operator = Operator.objects.create_user("lee")

    assert totp.take(operator, 100)
    assert not totp.take(operator, 100)
    assert not totp.take(operator, 99)
    assert totp.take(operator, 101)


def test_a_code_is_somebodys_own(console):
    lee, mila = (Operator.objects.create_user(name) for name in ("lee", "mila"))

    assert totp.take(lee, 100)
    assert totp.take(mila, 100)


def test_of_many_at_the_same_moment_one_gets_in(console):
    operator = Operator.objects.create_user("lee")

    def take(_number):
        try:
            return totp.take(operator, 100)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        taken = [*pool.map(take, range(16))]

    assert taken.count(True) == 1


def test_a_code_is_used_up_by_being_right_only(console):
    operator = Operator.objects.create_user("lee", totp_secret=secrets.encrypt(SECRET))
    right = code_at(time.time())
    wrong = f"{(int(right) + 1) % 1_000_000:06}"

    assert not totp.check(operator, None, wrong)
    assert totp.check(operator, None, right)
    assert not totp.check(operator, None, right)
