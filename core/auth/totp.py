"""One-time codes: RFC 6238 as MoviePilot has it, six digits every 30 seconds."""

from __future__ import annotations

import base64
import re
import time
from typing import TYPE_CHECKING

import pyotp
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from core.models import Operator
from core.secrets import UnreadableSecret, decrypt

if TYPE_CHECKING:
    from core.auth.accounts import Account

STEP = 30
"""Seconds."""
CODE = re.compile(r"[0-9]{6}", re.ASCII)


class BrokenSecret(Exception):
    """There is no secret, or none that codes can be made from."""


class Codes(pyotp.TOTP):
    """The codes of a secret."""

    def byte_secret(self) -> bytes:
        """The key. Of any length: MoviePilot asks for codes of short ones as well."""
        padded = self.secret + "=" * (-len(self.secret) % 8)
        key = base64.b32decode(padded, casefold=True)
        if not key:
            raise ValueError("An empty key is nobody's secret.")
        return key


def secret_of(operator: Operator, account: Account | None) -> str:
    """What an operator's codes are made from. Raises BrokenSecret."""
    if account is not None:
        return _text(account.otp_secret)
    try:
        return _text(decrypt(operator.totp_secret))
    except UnreadableSecret as error:
        raise BrokenSecret from error


def matching_step(secret: str, code: str, *, at: float | None = None) -> int | None:
    """The time step whose code this is: today's, or the one before or after.

    `at` is in seconds since 1970, by default now. Raises BrokenSecret.
    """
    try:
        codes = Codes(secret)
    except ValueError as error:
        raise BrokenSecret from error
    typed = "".join(code.split())
    if not CODE.fullmatch(typed):
        return None
    now = int((time.time() if at is None else at) // STEP)
    steps = range(max(now - 1, 0), now + 2)
    # All of them, so that the time tells nothing.
    found = {
        step: constant_time_compare(codes.generate_otp(step), typed) for step in steps
    }
    return max((step for step, is_it in found.items() if is_it), default=None)


def is_broken(operator: Operator, account: Account | None) -> bool:
    """Whether no code at all can be right."""
    try:
        matching_step(secret_of(operator, account), "")
    except BrokenSecret:
        return True
    return False


def take(operator: Operator, step: int) -> bool:
    """Use up the codes of a step and of those before it; False if that was done before.

    One statement: of two who send the same code at the same moment one gets in.
    """
    unused = Q(totp_step__isnull=True) | Q(totp_step__lt=step)
    taken = Operator.objects.filter(unused, pk=operator.pk).update(totp_step=step)
    return taken == 1


def check(operator: Operator, account: Account | None, code: str) -> bool:
    """Whether the code is right and was not used before; it is used up by this.

    Raises BrokenSecret.
    """
    step = matching_step(secret_of(operator, account), code)
    return step is not None and take(operator, step)


def _text(secret: object) -> str:
    if not isinstance(secret, str):  # NULL, or what SQLite let in
        raise BrokenSecret
    return secret
