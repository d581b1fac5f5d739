"""Messages, for channels that are set up here."""

from core.config.setting import setting


class NotificationNames:
    """Messages, for channels that are set up here."""

    FEISHU_APP_ID: str | None = setting(None, "Application id for Feishu")
    FEISHU_APP_SECRET: str | None = setting(None, "Secret of that application")
    FEISHU_VERIFICATION_TOKEN: str | None = setting(
        None, "Token that proves that an event comes from Feishu"
    )
    FEISHU_ENCRYPT_KEY: str | None = setting(
        None, "Key that events of Feishu are encrypted with", secret=True
    )
    FEISHU_CHAT_ID: str | None = setting(None, "Feishu group that messages go to")
    FEISHU_OPEN_ID: str | None = setting(None, "Feishu user that messages go to")
    FEISHU_ADMINS: str | None = setting(
        None, "Feishu users who may give commands, with commas"
    )
