"""The forms of signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.auth.accounts import Refusal
from core.auth.signin_log import can_be_stored
from core.models.signins import Outcome

if TYPE_CHECKING:
    from core.models import Operator

UNKNOWN = _("No operator has this name and password. Both are case-sensitive.")
LONGEST_NAME = 150


class TypedField(forms.CharField):
    """Text as it was typed, whatever it is; Django would say more of a NUL."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.validators = []


class SignInForm(AdminAuthenticationForm):
    """Name and password, and the reason when they do not do."""

    # Not Django's UsernameField: it normalises, and MoviePilot's names are exact.
    username = TypedField(
        label=_("Name"),
        widget=forms.TextInput(
            attrs={
                "autofocus": True,
                "autocapitalize": "none",
                "autocomplete": "username",
            }
        ),
    )
    password = TypedField(label=_("Password"), widget=forms.PasswordInput)

    @property
    def typed_name(self) -> str:
        """The name that was sent; "" without one."""
        return str(self.data.get("username", ""))

    @property
    def shown_name(self) -> str:
        """The name to show once more: what could be one, and be sent."""
        name = self.typed_name
        return name if len(name) <= LONGEST_NAME and can_be_stored(name) else ""

    @property
    def is_filled(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self.typed_name and self.data.get("password"))

    @property
    def outcome(self) -> Outcome:
        """What the sign-in log says of a refused one."""
        if self.has_error("__all__", Refusal.NO_ROLE.value):
            return Outcome.NO_ROLE
        left: Outcome = getattr(self.request, "outcome", Outcome.WRONG)
        return left

    def clean(self) -> dict[str, Any]:
        """Look for the operator. Text that no database can hold belongs to nobody."""
        typed = (self.cleaned_data.get(name, "") for name in ("username", "password"))
        if not all(can_be_stored(text) for text in typed):
            raise self.get_invalid_login_error()
        found: dict[str, Any] = super().clean()
        return found

    def confirm_login_allowed(self, user: Operator) -> None:
        """Refuse who has no role, and MoviePilot's users with a password from here."""
        is_local = getattr(user, "backend", "").endswith(".ModelBackend")
        if not user.is_active or (is_local and user.is_linked):
            raise self.get_invalid_login_error()
        if not user.is_staff:
            raise _told(Refusal.NO_ROLE)

    def get_invalid_login_error(self) -> ValidationError:
        """The backend's reason, or that name and password are unknown."""
        refusal = getattr(self.request, "refusal", None)
        if isinstance(refusal, Refusal):
            return _told(refusal)
        return ValidationError(UNKNOWN, code="invalid_login")


def _told(refusal: Refusal) -> ValidationError:
    return ValidationError(refusal.label, code=refusal.value)
