"""The pages of MoviePilot's accounts. The console's own: core.admin.operators."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.base import RecordAdmin
from core.models import PassKey, User


@admin.register(User)
class UserAdmin(RecordAdmin):
    """Who may sign in to MoviePilot."""

    list_display = (
        "name",
        "email",
        "is_active",
        "is_superuser",
        "is_otp",
        "hashed_password",
        "permissions",
        "id",
    )
    list_poster = "avatar"
    search_fields = ("name", "email")
    filter_fields = ("is_active", "is_superuser", "is_otp", "name__contains")
    sortable = ("name", "email", "is_active", "is_superuser", "is_otp")
    fieldsets = (
        (_("Account"), {"fields": ("name", "email", "avatar", "is_active")}),
        (_("Rights"), {"fields": ("is_superuser", "permissions")}),
        (_("Signing in"), {"fields": ("hashed_password", "is_otp", "otp_secret")}),
        (_("Settings"), {"fields": ("settings",)}),
    )


@admin.register(PassKey)
class PassKeyAdmin(RecordAdmin):
    """Passkeys of users. Only a browser can make one."""

    can_add = False
    list_display = (
        "name",
        "user",
        "is_active",
        "transports",
        "sign_count",
        "created_at",
        "last_used_at",
    )
    search_fields = ("name",)
    filter_fields = ("user", "is_active")
    sortable = ("name", "user", "is_active", "sign_count")
    fieldsets = (
        (_("Passkey"), {"fields": ("name", "user", "is_active")}),
        (_("Use"), {"fields": ("created_at", "last_used_at", "sign_count")}),
        (
            _("Credential"),
            {"fields": ("credential_id", "public_key", "aaguid", "transports")},
        ),
    )
