"""The forms of the operators' pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin.operators.deeds import Wanted
from core.models import Operator
from core.roles import Role

if TYPE_CHECKING:
    from core.admin.operators.people import Person

    OperatorFormBase = forms.ModelForm[Operator]
    NewOperatorFormBase = AdminUserCreationForm[Operator]
else:
    OperatorFormBase = forms.ModelForm
    NewOperatorFormBase = AdminUserCreationForm

FOLLOW, SUPERUSER = "as-in-moviepilot", "superuser"
ROLE = gettext_lazy("Role")
ROLE_HELP = gettext_lazy(
    "Viewers only look. Operators edit subscriptions, history, library, messages and "
    "workflows. Site keepers edit sites too, and see their secrets. Administrators may "
    "do everything."
)
LABELS = {"username": gettext_lazy("Name"), "email": gettext_lazy("E-mail")}


class OperatorForm(OperatorFormBase):
    """What may be changed of an operator; of oneself only name and e-mail."""

    role = forms.ChoiceField(label=ROLE, required=False, help_text=ROLE_HELP)

    class Meta:
        model = Operator
        fields = ("username", "email", "is_active")
        labels: ClassVar = LABELS

    def __init__(self, person: Person, by: Operator, data: Any = None) -> None:
        super().__init__(data, instance=person.operator)
        self.person = person
        # Of what stands in the database: cleaning writes into the instance.
        self.now = Wanted.as_is(person.operator)
        if person.operator.is_linked:
            del self.fields["username"]
        self.fields["is_active"].help_text = _(
            "Operators that are not active cannot sign in."
        )
        self.order_fields(["username", "email", "role", "is_active"])
        role = cast("forms.ChoiceField", self.fields["role"])
        role.choices = self._roles()
        role.initial = self._role_now()
        if person.operator.pk == by.pk:
            for name in ("role", "is_active"):
                self.fields[name].disabled = True
                self.fields[name].help_text = _("Nobody changes this of themselves.")

    @property
    def wanted(self) -> Wanted:
        """What the operator is to be, once the form is valid."""
        data, role = self.cleaned_data, self.cleaned_data["role"]
        return Wanted(
            username=data.get("username", self.now.username),
            email=data["email"],
            is_active=data["is_active"],
            role=self._role(role),
            follows_moviepilot=role == FOLLOW,
            is_superuser=role == SUPERUSER,
        )

    def _role(self, chosen: str) -> Role | None:
        if chosen == FOLLOW:
            account = self.person.account
            # While MoviePilot cannot be read, what was known of it last.
            return account.role if account else self.now.role
        return Role(chosen) if chosen in Role.values else None

    def _role_now(self) -> str:
        if self.person.is_superuser:
            return SUPERUSER
        return FOLLOW if self.person.follows else self.now.role or ""

    def _roles(self) -> list[tuple[str, Any]]:
        choices: list[tuple[str, Any]] = [*roles()]
        if self.person.operator.is_linked:
            text = _("As in MoviePilot (now: %s)") % self.person.rights_text
            choices.insert(0, (FOLLOW, text))
        if self.person.is_superuser:
            choices.insert(0, (SUPERUSER, _("Superuser: may do everything")))
        return choices


def roles() -> list[tuple[str, Any]]:
    """The roles to choose from, and none."""
    return [*Role.choices, ("", _("No role: cannot sign in"))]


class NewOperatorForm(NewOperatorFormBase):
    """A local operator with a password of its own."""

    # A local operator without a password could never sign in.
    usable_password = None  # type: ignore[assignment]
    role = forms.ChoiceField(
        label=ROLE, choices=Role.choices, initial=Role.VIEWER, help_text=ROLE_HELP
    )

    class Meta:
        model = Operator
        fields = ("username", "email")
        labels: ClassVar = LABELS

    field_order = ("username", "email", "role", "password1", "password2")


class GrantForm(forms.Form):
    """The role a MoviePilot user is given."""

    role = forms.ChoiceField(
        label=ROLE, required=False, initial=Role.VIEWER, help_text=ROLE_HELP
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        role = cast("forms.ChoiceField", self.fields["role"])
        role.choices = roles()

    @property
    def chosen(self) -> Role | None:
        """The role that was chosen, or none."""
        chosen = self.cleaned_data["role"]
        return Role(chosen) if chosen else None
