"""What an account is asked for besides its password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.auth.accounts import AccountGone, has_passkey

if TYPE_CHECKING:
    from core.auth.accounts import Account
    from core.models import Operator


@dataclass(frozen=True)
class Factors:
    """Either of those that are true will do; neither: the password is enough."""

    passkey: bool = False
    code: bool = False

    @property
    def any(self) -> bool:
        """Whether there is a second step at all."""
        return self.passkey or self.code

    @property
    def page(self) -> str:
        """The name of the page that asks first."""
        return "admin:login_passkey" if self.passkey else "admin:login_code"


def factors_of(operator: Operator, account: Account | None) -> Factors:
    """What this operator, and the MoviePilot user it is linked to, are asked for.

    As in MoviePilot, a user with an active passkey is asked for it alone. Raises
    AccountGone for a linked operator without a user, and DatabaseError.
    """
    if account is None:
        if operator.is_linked:
            raise AccountGone
        has_key = operator.passkeys.exists()
        return Factors(passkey=has_key, code=bool(operator.totp_secret))
    if has_passkey(account):
        return Factors(passkey=True)
    return Factors(code=bool(account.is_otp))
