"""The forms of signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.auth.backend import UNKNOWN, Refusal

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class SignInForm(AdminAuthenticationForm):
    """Name and password, and the reason when they do not do."""

    # Not Django's UsernameField: it normalises, and MoviePilot's names are exact.
    username = forms.CharField(
        label=_("Name"),
        strip=False,
        widget=forms.TextInput(
            attrs={
                "autofocus": True,
                "autocapitalize": "none",
                "autocomplete": "username",
            }
        ),
    )

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Refuse accounts that Django's admin would not serve."""
        if not (user.is_active and getattr(user, "is_staff", False)):
            raise self.get_invalid_login_error()

    def get_invalid_login_error(self) -> ValidationError:
        """The backend's reason, or that name and password are unknown."""
        refusal = getattr(self.request, "refusal", None)
        if isinstance(refusal, Refusal):
            return ValidationError(refusal.label, code=refusal.value)
        return ValidationError(UNKNOWN, code="invalid_login")
