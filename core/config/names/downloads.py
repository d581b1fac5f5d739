"""What is downloaded, and with what."""

from core.config.setting import setting


class DownloadNames:
    """What is downloaded, and with what."""

    QB_HOST: str | None = setting(
        None, "Host of qBittorrent; MoviePilot v2 keeps it in Downloaders instead"
    )
    QB_PORT: int | None = setting(
        None, "Port of qBittorrent; MoviePilot v2 keeps it in Downloaders instead"
    )
    TORRENT_TAG: str = setting("MOVIEPILOT", "Tag of torrents that MoviePilot added")
    DOWNLOAD_SUBTITLE: bool = setting(True, "Download subtitles from the site too")
    DOWNLOAD_TMPEXT: list[str] = setting(
        [".!qb", ".part"], "Endings of files that are still being downloaded"
    )
    AUTO_DOWNLOAD_USER: str | None = setting(
        None, "Users whose choice is downloaded without asking; all for everyone"
    )
