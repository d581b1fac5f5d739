"""The pages of MoviePilot's users."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from core.admin import json_view, members, rescue_page
from core.admin.accounts import panel
from core.admin.accounts.new_user import NewUserPart, drop_orphans, is_to_drop
from core.admin.base import PageButton, RecordAdmin
from core.admin.table_state import report
from core.models import PassKey, User
from core.vocabularies import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from core.models.base import Record
    from core.opers.accounts import PassKeyCount

NOTHING = SafeString('<span class="muted">–</span>')


@admin.register(User)
class UserAdmin(RecordAdmin):
    """Who may sign in to MoviePilot."""

    list_display = (
        "name",
        "is_active",
        "is_superuser",
        "is_otp",
        "passkeys",
        "email",
        "rights",
        "id",
    )
    list_load = ("permissions",)
    list_poster = "avatar"
    search_fields = ("name", "email")
    filter_fields = (
        "is_active",
        "is_superuser",
        "is_otp",
        "with_passkeys",
        "locked_out",
        "name__contains",
    )
    sortable = ("name", "email", "is_active", "is_superuser", "is_otp")
    # What MoviePilot's own page gives to a new user.
    new_values: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {
            "permissions": {
                name: name != Permission.MANAGE.value for name in Permission.values
            }
        }
    )
    fieldsets = (
        (gettext_lazy("Account"), {"fields": ("name", "email", "avatar", "is_active")}),
        (gettext_lazy("Rights"), {"fields": ("is_superuser", "permissions")}),
        (
            gettext_lazy("Signing in"),
            {"fields": ("hashed_password", "is_otp", "otp_secret")},
        ),
        (gettext_lazy("Settings"), {"fields": ("settings",)}),
    )

    def get_urls(self) -> list[URLPattern]:
        """The table's pages, and the one that helps a user back in."""
        return [*rescue_page.urls(self), *super().get_urls()]

    @admin.display(description=gettext_lazy("passkeys"))
    def passkeys(self, record: User) -> str:
        """How many can be used, of how many."""
        found: PassKeyCount | None = getattr(record, "passkey_count", None)
        if not found:
            return NOTHING
        if found.active == found.all:
            return str(found.all)
        return _("%(active)d of %(all)d active") % found._asdict()

    @admin.display(description=gettext_lazy("permissions"))
    def rights(self, record: User) -> str:
        """The switches that are on."""
        if record.is_superuser:
            return format_html('<span class="muted">{}</span>', _("everything"))
        words = members.words(User, "permissions", record.permissions)
        if words is None:
            return SafeString(json_view.brief(record.permissions))
        return _(", ").join(words) or NOTHING

    def gather(self, records: Sequence[Record]) -> None:
        """How many passkeys these users have."""
        users = cast("Sequence[User]", records)
        if not users or not report(PassKey).is_usable:
            return
        counts = PassKey.objects.counted([user.pk for user in users])
        for user in users:
            user.passkey_count = counts.get(user.pk)

    def record_buttons(
        self, request: HttpRequest, record: Record
    ) -> Sequence[PageButton]:
        """Rescue, for who may."""
        if not rescue_page.may_rescue(self, request):
            return []
        return [PageButton(_("Rescue"), self.url("rescue", record.pk), "key")]

    def beside(self, request: HttpRequest, record: Record) -> str:
        """How the user signs in, and what else is kept of the user elsewhere."""
        facts = panel.context(request, cast("User", record))
        return render_to_string("core/includes/user_panel.html", facts)

    def add_part(self, request: HttpRequest) -> NewUserPart:
        """The password, and what a new user would inherit."""
        return NewUserPart(request)

    @method_decorator(sensitive_post_parameters("password", "password-again"))
    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form for a new user, which also clears what the user would inherit."""
        if is_to_drop(request) and self.has_add_permission(request):
            return drop_orphans(request)
        return super().add_view(request, form_url, extra_context)
