"""Who may sign in to MoviePilot. The console's own operators: core.models.operators."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import (
    BooleanColumn,
    Index,
    IntegerColumn,
    JSONColumn,
    LocalDateTimeField,
    TextColumn,
    UniqueIndex,
    local_now,
)
from core.models import shapes
from core.models.base import (
    AtLeastOne,
    Carried,
    Followed,
    Members,
    Offered,
    Record,
)
from core.opers.account_filters import locked_out, with_passkeys, without_user
from core.opers.accounts import PassKeyCount, PassKeyOper, UserOper
from core.opers.filters import Condition
from core.vocabularies import Permission, UserSetting


class User(Record):
    """A MoviePilot account."""

    natural_key: ClassVar = (("name",),)
    secret_fields: ClassVar = frozenset({"hashed_password", "otp_secret"})
    never_revealed: ClassVar = secret_fields  # who is locked out is rescued
    locked_fields: ClassVar = Record.locked_fields | {"hashed_password", "otp_secret"}
    # SQLite gives a deleted user's id to the next one, who would inherit the passkeys.
    carries: ClassVar = (Carried("core.PassKey", column="user_id", key="id"),)
    followed_by: ClassVar = (
        Followed("core.UserConfig", column="username", key="name"),
    )
    # MoviePilot leaves them, for the next user of this name to find.
    offers: ClassVar = (Offered("settings", "core.UserConfig", "username", "name"),)
    at_least_one: ClassVar = AtLeastOne(
        ("is_active", "is_superuser"),
        _(
            "This is the last active administrator; without one nobody can administer "
            "MoviePilot."
        ),
    )
    required_fields: ClassVar = frozenset({"is_superuser"})
    unique_by: ClassVar = (("name",),)
    members: ClassVar = {
        "permissions": Members(Permission, are_switches=True),
        "settings": Members(UserSetting, are_switches=False),
    }
    conditions: ClassVar = {
        "with_passkeys": Condition(_("Active passkeys"), with_passkeys, "passkey"),
        "locked_out": Condition(_("Cannot sign in"), locked_out),
    }

    name = TextColumn(
        _("name"),
        help_text=_("Name to sign in with; MoviePilot expects each only once."),
    )
    email = TextColumn(_("e-mail"), null=True, blank=True, help_text=_("Shown only."))
    hashed_password = TextColumn(
        _("password hash"),
        null=True,
        blank=True,
        help_text=_("bcrypt hash of the password."),
    )
    is_active = BooleanColumn(
        _("active"), null=True, blank=True, default=True, help_text=_("May sign in.")
    )
    is_superuser = BooleanColumn(
        _("administrator"),
        null=True,
        blank=True,
        default=False,
        help_text=_("May do everything."),
    )
    avatar = TextColumn(
        _("avatar"),
        null=True,
        blank=True,
        help_text=_("Address of the picture, or the picture itself."),
    )
    is_otp = BooleanColumn(
        _("one-time codes"),
        null=True,
        blank=True,
        default=False,
        help_text=_("Signing in asks for a one-time code."),
    )
    otp_secret = TextColumn(
        _("code secret"),
        null=True,
        blank=True,
        help_text=_("Secret the one-time codes are made from."),
    )
    permissions = JSONColumn(
        _("permissions"),
        null=True,
        blank=True,
        default=dict,
        shape=shapes.ANY_OBJECT,
        help_text=_("What the user may do when no administrator."),
    )
    settings = JSONColumn(
        _("settings"),
        null=True,
        blank=True,
        default=dict,
        shape=shapes.ANY_OBJECT,
        help_text=_("Chat accounts and personal settings."),
    )

    passkey_count: PassKeyCount | None
    """What a list has read for its page; there only then."""

    objects: ClassVar[UserOper] = UserOper()

    class Meta(Record.Meta):
        db_table = "user"
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions: ClassVar = [("rescue_user", "Can rescue users")]
        indexes: ClassVar = [
            Index(fields=["name"], name="ix_user_name"),
        ]

    def __str__(self) -> str:
        return str(self.name)


class PassKey(Record):
    """A WebAuthn credential of a user."""

    natural_key: ClassVar = (("credential_id",),)
    secret_fields: ClassVar = frozenset({"credential_id", "public_key"})
    never_revealed: ClassVar = secret_fields
    locked_fields: ClassVar = Record.locked_fields | {
        "user_id",
        "credential_id",
        "public_key",
        "sign_count",
        "aaguid",
        "transports",
        "created_at",
        "last_used_at",
    }
    unique_by: ClassVar = (("credential_id",),)
    conditions: ClassVar = {
        "orphans": Condition(
            _("Without a user"), lambda: without_user("pk", "user_id"), "user"
        ),
    }

    user = models.ForeignKey(
        "core.User",
        models.DO_NOTHING,
        verbose_name=_("user"),
        help_text=_("Owner of the passkey."),
        db_column="user_id",
        db_index=False,
        related_name="passkeys",
    )
    credential_id = TextColumn(
        _("credential id"), help_text=_("Id the browser knows the passkey by.")
    )
    public_key = models.TextField(
        _("public key"), help_text=_("Public half of the key.")
    )
    sign_count = IntegerColumn(
        _("signature counter"),
        null=True,
        blank=True,
        default=0,
        help_text=_("How often the passkey has signed."),
    )
    name = TextColumn(
        _("name"),
        null=True,
        blank=True,
        default="通行密钥",
        help_text=_("Name its owner gave it."),
    )
    aaguid = TextColumn(
        _("authenticator"),
        null=True,
        blank=True,
        help_text=_("Id of the authenticator's model."),
    )
    created_at = LocalDateTimeField(
        _("created"),
        null=True,
        blank=True,
        default=local_now,
        help_text=_("When it was made."),
    )
    last_used_at = LocalDateTimeField(
        _("last used"),
        null=True,
        blank=True,
        help_text=_("When somebody last signed in with it."),
    )
    is_active = BooleanColumn(
        _("active"),
        null=True,
        blank=True,
        default=True,
        help_text=_("Can be used; others count as absent."),
    )
    transports = TextColumn(
        _("transports"),
        null=True,
        blank=True,
        help_text=_("Ways to reach it, such as usb, nfc or internal."),
    )

    owner_name: str | None
    """What a list has read for its page; there only then."""

    objects: ClassVar[PassKeyOper] = PassKeyOper()

    class Meta(Record.Meta):
        db_table = "passkey"
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")
        indexes: ClassVar = [
            UniqueIndex(fields=["credential_id"], name="ix_passkey_credential_id"),
            Index(fields=["user"], name="ix_passkey_user_id"),
        ]

    def __str__(self) -> str:
        return str(self.name or self.pk)
