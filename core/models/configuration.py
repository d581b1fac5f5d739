"""Settings kept in the database: MoviePilot's own, and each user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import BrokenJSON, Index, JSONColumn, TextColumn, decode_json, shapes
from core.models.base import Mention, Record
from core.opers.account_filters import without_user
from core.opers.configuration import SystemConfigOper, UserConfigOper
from core.opers.filters import Condition
from core.secrets import mask_json_text
from core.systemconfig.keys import SystemConfigKey, known_key

if TYPE_CHECKING:
    from collections.abc import Mapping

# Settings whose shape is known: a password in them stands under a name that says so.
MASKED_BY_NAME = {*SystemConfigKey.values} - {
    SystemConfigKey.UserSiteAuthParams,
    SystemConfigKey.AIAgentConfig,
    SystemConfigKey.AIAgentMcpServers,
    SystemConfigKey.UgreenSessionCache,
}


def _setting(key: SystemConfigKey, name: str = "", *, many: bool = True) -> Mention:
    """The names in a setting, or in the property of this name of one."""
    return Mention("core.SystemConfig", "value", many, name, key.value)


SUBSCRIPTION_DEFAULTS = (
    SystemConfigKey.DefaultMovieSubscribeConfig,
    SystemConfigKey.DefaultTvSubscribeConfig,
)
NAMES_OF_SITES = (
    Mention("core.Subscribe", "sites", many=True),
    _setting(SystemConfigKey.IndexerSites),
    _setting(SystemConfigKey.RssSites),
    *(_setting(key, "sites") for key in SUBSCRIPTION_DEFAULTS),
)
"""Where ids of sites stand. Finished subscriptions keep theirs: they are history."""
NAMES_OF_RULE_GROUPS = (
    Mention("core.Subscribe", "filter_groups", many=True),
    _setting(SystemConfigKey.SearchFilterRuleGroups),
    _setting(SystemConfigKey.SubscribeFilterRuleGroups),
    _setting(SystemConfigKey.BestVersionFilterRuleGroups),
    *(_setting(key, "filter_groups") for key in SUBSCRIPTION_DEFAULTS),
)
NAMES_OF_DOWNLOADERS = (
    Mention("core.Subscribe", "downloader"),
    Mention("sites.Site", "downloader"),
    *(_setting(key, "downloader", many=False) for key in SUBSCRIPTION_DEFAULTS),
)
"""Where downloaders are named. Downloads and transfers keep theirs: they are history.
"""


class SystemConfig(Record):
    """One setting of MoviePilot or of a plugin."""

    natural_key: ClassVar = (("key",),)
    secret_fields: ClassVar = frozenset({"value"})
    lists: ClassVar = {
        SystemConfigKey.UserFilterRuleGroups.value: NAMES_OF_RULE_GROUPS,
        SystemConfigKey.Downloaders.value: NAMES_OF_DOWNLOADERS,
    }
    unique_by: ClassVar = (("key",),)
    checked_with: ClassVar = ("key", "value")

    key = TextColumn(
        _("key"),
        null=True,
        blank=True,
        help_text=_("Name of the setting; plugin.<id> for the settings of a plugin."),
    )
    value = JSONColumn(
        _("value"), null=True, blank=True, help_text=_("The setting, as JSON.")
    )

    objects: ClassVar[SystemConfigOper] = SystemConfigOper()

    class Meta(Record.Meta):
        db_table = "systemconfig"
        verbose_name = _("system setting")
        verbose_name_plural = _("system settings")
        indexes: ClassVar = [
            Index(fields=["key"], name="ix_systemconfig_key"),
        ]

    def __str__(self) -> str:
        return str(self.key)

    @classmethod
    def check_record(cls, values: Mapping[str, Any]) -> None:
        """Raises ValidationError for a value that MoviePilot could not read under its
        key.
        """
        value = decode_json(values["value"])
        if isinstance(value, BrokenJSON):
            # One such value, and MoviePilot does not start.
            raise ValidationError({"value": _("This is not valid JSON.")})
        known = known_key(values["key"])
        try:
            if known is not None:
                shapes.check(known.shape, value)
        except ValidationError as error:
            raise ValidationError({"value": error.messages}) from None

    @classmethod
    def every_text_is_secret(cls, label: str) -> bool:
        """Of plugins and of settings whose shape is not known, nobody can tell."""
        return label not in MASKED_BY_NAME

    @classmethod
    def mask_secret(cls, column: str, raw: object, label: str) -> str:
        """The setting without its passwords; of a plugin's, the structure."""
        return mask_json_text(raw, every_text=cls.every_text_is_secret(label))


class UserConfig(Record):
    """One setting of a user's pages."""

    natural_key: ClassVar = (("username", "key"),)
    unique_by: ClassVar = (("username", "key"),)
    conditions: ClassVar = {
        "orphans": Condition(
            _("Without a user"), lambda: without_user("name", "username"), "user"
        ),
    }

    username = TextColumn(
        _("user"),
        null=True,
        blank=True,
        help_text=_("Name of the user, not a link to an account."),
    )
    key = TextColumn(
        _("key"),
        null=True,
        blank=True,
        help_text=_("Name of the setting, such as Dashboard or Layout."),
    )
    value = JSONColumn(
        _("value"), null=True, blank=True, help_text=_("The setting, as JSON.")
    )

    objects: ClassVar[UserConfigOper] = UserConfigOper()

    class Meta(Record.Meta):
        db_table = "userconfig"
        verbose_name = _("user setting")
        verbose_name_plural = _("user settings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["username", "key"], name="userconfig_username_key_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.username}: {self.key}"
