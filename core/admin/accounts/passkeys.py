"""The pages of users' passkeys."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin.accounts import owners
from core.admin.base import RecordAdmin
from core.models import PassKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from core.admin.base import ListNotice
    from core.admin.list_state import ListState
    from core.models.base import Record


@admin.register(PassKey)
class PassKeyAdmin(RecordAdmin):
    """Passkeys of users. Only a browser can make one."""

    can_add = False
    list_display = (
        "name",
        "owner",
        "is_active",
        "transports",
        "last_used_at",
        "sign_count",
        "created_at",
        "id",
    )
    list_load = ("user",)
    search_fields = ("name",)
    filter_fields = ("user", "is_active", "orphans")
    sortable = ("name", "is_active", "sign_count")
    fieldsets = (
        (gettext_lazy("Passkey"), {"fields": ("name", "user", "is_active")}),
        (
            gettext_lazy("Use"),
            {"fields": ("created_at", "last_used_at", "sign_count")},
        ),
        (
            gettext_lazy("Credential"),
            {"fields": ("credential_id", "public_key", "aaguid", "transports")},
        ),
    )

    @admin.display(description=gettext_lazy("user"))
    def owner(self, record: PassKey) -> SafeString:
        """Whose it is, by name."""
        name = getattr(record, "owner_name", None)
        if name is None:
            return _nobody(record)
        return format_html("<bdi>{}</bdi>", name)

    def gather(self, records: Sequence[Record]) -> None:
        """The names of the owners."""
        keys = cast("Sequence[PassKey]", records)
        names = owners.names([key.user_id for key in keys])
        for key in keys:
            key.owner_name = names.get(key.user_id)

    def list_notices(
        self, request: HttpRequest, state: ListState
    ) -> Sequence[ListNotice]:
        """Passkeys that nobody owns."""
        return owners.notices(self, state, owners.passkeys_words)

    def about(self, record: Record) -> str:
        """Whose it is."""
        return owners.of_passkey(cast("PassKey", record))


def _nobody(key: PassKey) -> SafeString:
    return format_html(
        '<span class="badge is-warning">{}</span>', _("nobody (id %s)") % key.user_id
    )
