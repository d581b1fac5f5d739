"""The keys of MoviePilot's settings and of its users' settings.

A key is written here before it is used: a text in the code can be neither found nor
renamed with certainty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.systemconfig.purposes import PURPOSES
from core.systemconfig.shapes import ANYTHING, SHAPES

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PLUGIN_PREFIX = "plugin."


class PluginKey(str):
    """The key of a plugin's settings; SystemConfigKey.plugin() makes it."""

    __slots__ = ()

    shape = ANYTHING
    is_secret = True
    """Plugins keep cookies and tokens under names of their own."""
    label = _("plugin settings")
    purpose = _("The settings of a plugin, in a shape that only the plugin knows.")

    @property
    def value(self) -> str:
        """The key as it is stored."""
        return str(self)

    @property
    def plugin_id(self) -> str:
        """The id of the plugin."""
        return self.removeprefix(PLUGIN_PREFIX)


class SystemConfigKey(models.TextChoices):
    """MoviePilot's settings. Plugins keep theirs under `plugin.<id>` and other keys."""

    Downloaders = "Downloaders", _("download clients")
    MediaServers = "MediaServers", _("media servers")
    Notifications = "Notifications", _("message channels")
    NotificationSwitchs = "NotificationSwitchs", _("audience per notification type")
    Directories = "Directories", _("download and library directories")
    Storages = "Storages", _("storage backends")
    IndexerSites = "IndexerSites", _("sites used for searching")
    RssSites = "RssSites", _("sites used for subscriptions")
    RssUrls = "RssUrls", _("feed addresses")
    CustomReleaseGroups = "CustomReleaseGroups", _("extra release groups")
    Customization = "Customization", _("custom placeholders recognised in names")
    CustomIdentifiers = "CustomIdentifiers", _("global recognition words")
    EpisodeFormatRuleTable = "EpisodeFormatRuleTable", _("episode position rules")
    TransferExcludeWords = (
        "TransferExcludeWords",
        _("words that exclude files from organising"),
    )
    TorrentsPriority = "TorrentsPriority", _("order of release ranking criteria")
    CustomFilterRules = "CustomFilterRules", _("user-defined filter rules")
    UserFilterRuleGroups = "UserFilterRuleGroups", _("rule groups")
    SearchFilterRuleGroups = "SearchFilterRuleGroups", _("groups applied to searches")
    SubscribeFilterRuleGroups = (
        "SubscribeFilterRuleGroups",
        _("groups applied to subscriptions"),
    )
    SubscribeDefaultParams = (
        "SubscribeDefaultParams",
        _("default include/exclude/quality parameters"),
    )
    BestVersionFilterRuleGroups = (
        "BestVersionFilterRuleGroups",
        _("groups applied in upgrade mode"),
    )
    SubscribeReport = "SubscribeReport", _("marker: statistics already reported")
    UserCustomCSS = "UserCustomCSS", _("custom css of the web interface")
    UserInstalledPlugins = "UserInstalledPlugins", _("installed plugin ids")
    PluginFolders = "PluginFolders", _("plugin grouping in the interface")
    DefaultMovieSubscribeConfig = (
        "DefaultMovieSubscribeConfig",
        _("defaults for movie subscriptions"),
    )
    DefaultTvSubscribeConfig = (
        "DefaultTvSubscribeConfig",
        _("defaults for series subscriptions"),
    )
    UserSiteAuthParams = (
        "UserSiteAuthParams",
        _("site used to authenticate the installation"),
    )
    FollowSubscribers = "FollowSubscribers", _("followed sharers")
    NotificationSendTime = (
        "NotificationSendTime",
        _("hours in which notifications may be sent"),
    )
    AIAgentConfig = "AIAgentConfig", _("AI provider configuration")
    AIAgentMcpServers = "AIAgentMcpServers", _("external mcp servers")
    NotificationTemplates = "NotificationTemplates", _("message templates")
    NotificationClearBefore = (
        "NotificationClearBefore",
        _("notification centre clear marks"),
    )
    ScrapingSwitchs = "ScrapingSwitchs", _("scraping policy per item and metadata")
    PluginInstallReport = "PluginInstallReport", _("marker: plugin statistics reported")
    SetupWizardState = "SetupWizardState", _("setup wizard finished")
    UgreenSessionCache = "UgreenSessionCache", _("cached media server sessions")

    @property
    def purpose(self) -> _StrPromise:
        """What the setting is for, in a sentence."""
        return PURPOSES[self.value]

    @property
    def shape(self) -> dict[str, Any]:
        """The JSON Schema of its values."""
        return SHAPES[self.value]

    @property
    def is_secret(self) -> bool:
        """Whether passwords, tokens or sessions are in it."""
        return self in SECRET

    @classmethod
    def plugin(cls, plugin_id: str) -> PluginKey:
        """The key of a plugin's settings. Raises ValueError for what is no plugin's id.

        The id is the name of the plugin's class.
        """
        if not (isinstance(plugin_id, str) and plugin_id.isidentifier()):
            raise ValueError(f"{plugin_id!r} is not the id of a plugin.")
        return PluginKey(f"{PLUGIN_PREFIX}{plugin_id}")


SECRET = frozenset(
    {
        SystemConfigKey.Downloaders,
        SystemConfigKey.MediaServers,
        SystemConfigKey.Notifications,
        SystemConfigKey.Storages,
        SystemConfigKey.UserSiteAuthParams,
        SystemConfigKey.AIAgentConfig,
        SystemConfigKey.AIAgentMcpServers,
        SystemConfigKey.UgreenSessionCache,
    }
)


class UserConfigKey(models.TextChoices):
    """Settings of a user's pages. The pages may add others."""

    Dashboard = "Dashboard", _("cards on the dashboard")
    DashboardOrder = "DashboardOrder", _("order of the dashboard's cards")
    Layout = "Layout", _("layout of the pages")


def known_key(key: object) -> SystemConfigKey | PluginKey | None:
    """The key that a stored text stands for; None for a key nobody declared."""
    text = str(key)
    if text in SystemConfigKey.values:
        return SystemConfigKey(text)
    plugin_id = text.removeprefix(PLUGIN_PREFIX)
    if plugin_id != text and plugin_id.isidentifier():
        return SystemConfigKey.plugin(plugin_id)
    return None


def key_text(key: SystemConfigKey | PluginKey) -> str:
    """The key as it is stored. Raises TypeError for a bare text, and says what to use
    in its place.
    """
    if isinstance(key, SystemConfigKey | PluginKey):
        return key.value
    raise TypeError(_refusal(key))


def _refusal(key: object) -> str:
    if not isinstance(key, str):
        return f"A setting's key is a SystemConfigKey, not {type(key).__name__}."
    known = known_key(key)
    if isinstance(known, SystemConfigKey):
        return f"Use SystemConfigKey.{known.name} instead of the text {key!r}."
    if known is not None:
        return f'Use SystemConfigKey.plugin("{known.plugin_id}") instead of {key!r}.'
    return f"{key!r} is no SystemConfigKey: declare the key there before using it."
