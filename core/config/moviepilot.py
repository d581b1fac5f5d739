"""MoviePilot's settings: what its environment and its app.env may hold."""

from core.config.model import Model
from core.config.names.accounts import AccountNames
from core.config.names.assistant import AssistantNames
from core.config.names.caches import CacheNames
from core.config.names.database import DatabaseNames
from core.config.names.downloads import DownloadNames
from core.config.names.logs import LogNames
from core.config.names.media import MediaNames
from core.config.names.network import NetworkNames
from core.config.names.notifications import NotificationNames
from core.config.names.plugins import PluginNames
from core.config.names.server import ServerNames
from core.config.names.sites import SiteNames
from core.config.names.subscriptions import SubscriptionNames
from core.config.names.transfer import TransferNames


class ConfigModel(
    AccountNames,
    AssistantNames,
    CacheNames,
    DatabaseNames,
    DownloadNames,
    LogNames,
    MediaNames,
    NetworkNames,
    NotificationNames,
    PluginNames,
    ServerNames,
    SiteNames,
    SubscriptionNames,
    TransferNames,
    Model,
):
    """Every name that MoviePilot knows, with type, default and meaning."""
