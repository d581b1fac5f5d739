"""The words and numbers MoviePilot stores, with labels for people.

None of these lists is closed: plugins and other versions of MoviePilot store
more. A model names them in `vocabularies`, for labels and filters; its columns
accept any value.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MediaType(models.TextChoices):
    """What kind of title it is."""

    MOVIE = "电影", _("Film")
    TV = "电视剧", _("Series")
    COLLECTION = "系列", _("Collection")
    UNKNOWN = "未知", _("Unknown")


class SubscribeState(models.TextChoices):
    """Where a subscription stands."""

    NEW = "N", _("New")
    RUNNING = "R", _("Subscribed")
    PENDING = "P", _("Pending")
    SUSPENDED = "S", _("Suspended")


class TransferMode(models.TextChoices):
    """How a file is brought into the library."""

    MOVE = "move", _("Move")
    COPY = "copy", _("Copy")
    LINK = "link", _("Hard link")
    SOFTLINK = "softlink", _("Symbolic link")
    # Written by the first major version only.
    RCLONE_COPY = "rclone_copy", _("Rclone copy")
    RCLONE_MOVE = "rclone_move", _("Rclone move")


class StorageSchema(models.TextChoices):
    """A kind of storage; plugins add more."""

    LOCAL = "local", _("Local")
    ALIPAN = "alipan", _("Aliyun Drive")
    U115 = "u115", _("115 Drive")
    RCLONE = "rclone", "Rclone"
    ALIST = "alist", "OpenList"
    SMB = "smb", "SMB"


class MessageChannel(models.TextChoices):
    """Where messages come from and go to; an empty text when nowhere."""

    WECHAT = "微信", _("WeChat")
    TELEGRAM = "Telegram", "Telegram"
    SLACK = "Slack", "Slack"
    DISCORD = "Discord", "Discord"
    SYNOLOGY_CHAT = "SynologyChat", "Synology Chat"
    VOCE_CHAT = "VoceChat", "VoceChat"
    WEB = "Web", _("Web page")
    WEB_PUSH = "WebPush", _("Web push")
    QQ = "QQ", "QQ"
    FEISHU = "飞书", _("Feishu")
    WECHAT_CLAW_BOT = "微信ClawBot", _("WeChat ClawBot")
    WEB_AGENT = "WebAgent", _("Web agent")


class NotificationType(models.TextChoices):
    """What a message is about; an empty text when nothing special."""

    DOWNLOAD = "资源下载", _("Download")
    ORGANIZE = "整理入库", _("Transfer")
    SUBSCRIBE = "订阅", _("Subscription")
    SITE = "站点", _("Site")
    MEDIA_SERVER = "媒体服务器", _("Media server")
    MANUAL = "手动处理", _("Manual work")
    PLUGIN = "插件", _("Plugin")
    OTHER = "其它", _("Other")
    AGENT = "智能体", _("Agent")


class MessageDirection(models.IntegerChoices):
    """Which way a message went."""

    RECEIVED = 0, _("Received")
    SENT = 1, _("Sent")


class FileState(models.IntegerChoices):
    """Whether a downloaded file is still there."""

    DELETED = 0, _("Deleted")
    PRESENT = 1, _("Present")


class VisitResult(models.IntegerChoices):
    """How the last visit to a site went."""

    SUCCEEDED = 0, _("Succeeded")
    FAILED = 1, _("Failed")


class WorkflowState(models.TextChoices):
    """Where a workflow stands."""

    WAITING = "W", _("Waiting")
    RUNNING = "R", _("Running")
    PAUSED = "P", _("Paused")
    SUCCEEDED = "S", _("Succeeded")
    FAILED = "F", _("Failed")


class TriggerType(models.TextChoices):
    """What starts a workflow."""

    TIMER = "timer", _("Schedule")
    EVENT = "event", _("Event")
    MANUAL = "manual", _("By hand")


class Permission(models.TextChoices):
    """What a user may do in MoviePilot who is no administrator."""

    DISCOVERY = "discovery", _("Discover")
    SEARCH = "search", _("Search")
    SUBSCRIBE = "subscribe", _("Subscribe")
    MANAGE = "manage", _("Manage")


class UserSetting(models.TextChoices):
    """What a user's settings hold: a name to show, and ids in chats."""

    NICKNAME = "nickname", _("Nickname")
    WECHAT = "wechat_userid", _("WeChat")
    WECHAT_CLAW_BOT = "wechatclawbot_userid", _("WeChat ClawBot")
    TELEGRAM = "telegram_userid", "Telegram"
    SLACK = "slack_userid", "Slack"
    DISCORD = "discord_userid", "Discord"
    VOCE_CHAT = "vocechat_userid", "VoceChat"
    SYNOLOGY_CHAT = "synologychat_userid", "Synology Chat"
    QQ = "qq_userid", "QQ"
    QQ_OPEN = "qq_openid", "QQ OpenID"
    FEISHU = "feishu_openid", _("Feishu")
    DOUBAN = "douban_userid", _("Douban")
