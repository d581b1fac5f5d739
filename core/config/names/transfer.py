"""How files are organised into the library."""

from core.config.setting import setting


class TransferNames:
    """How files are organised into the library."""

    TRANSFER_THREADS: int = setting(1, "Files organised at the same time")
    MOVIE_RENAME_FORMAT: str = setting(
        "{{title}}{% if year %} ({{year}}){% endif %}/{{title}}"
        "{% if year %} ({{year}}){% endif %}"
        "{% if part %}-{{part}}{% endif %}"
        "{% if videoFormat %} - {{videoFormat}}{% endif %}{{fileExt}}",
        "Name of a film's file, as a Jinja template",
    )
    TV_RENAME_FORMAT: str = setting(
        "{{title}}{% if year %} ({{year}}){% endif %}/"
        "Season {{season}}/{{title}} - {{season_episode}}"
        "{% if part %}-{{part}}{% endif %}"
        "{% if episode %} - 第 {{episode}} 集{% endif %}{{fileExt}}",
        "Name of an episode's file, as a Jinja template",
    )
    RENAME_FORMAT_S0_NAMES: list[str] = setting(
        ["Specials", "SPs"], "Folder names that mean season 0"
    )
    RMT_MEDIAEXT: list[str] = setting(
        [
            ".mp4",
            ".mkv",
            ".ts",
            ".iso",
            ".rmvb",
            ".avi",
            ".mov",
            ".mpeg",
            ".mpg",
            ".wmv",
            ".3gp",
            ".asf",
            ".m4v",
            ".flv",
            ".m2ts",
            ".strm",
            ".tp",
            ".f4v",
        ],
        "Endings of video files",
    )
    RMT_SUBEXT: list[str] = setting(
        [".srt", ".ass", ".ssa", ".sup"], "Endings of subtitle files"
    )
    RMT_AUDIOEXT: list[str] = setting(
        [
            ".aac",
            ".ac3",
            ".amr",
            ".caf",
            ".cda",
            ".dsf",
            ".dff",
            ".kar",
            ".m4a",
            ".mp1",
            ".mp2",
            ".mp3",
            ".mid",
            ".mod",
            ".mka",
            ".mpc",
            ".nsf",
            ".ogg",
            ".pcm",
            ".rmi",
            ".s3m",
            ".snd",
            ".spx",
            ".tak",
            ".tta",
            ".vqf",
            ".wav",
            ".wma",
            ".aifc",
            ".aiff",
            ".alac",
            ".adif",
            ".adts",
            ".flac",
            ".midi",
            ".opus",
            ".sfalc",
        ],
        "Endings of audio files",
    )
    DEFAULT_SUB: str | None = setting(
        "zh-cn", "Language of subtitles that do not name theirs"
    )
    ALIPAN_APP_ID: str = setting(
        "ac1bf04dc9fd4d9aaabb65b4a668d403", "Application id for Aliyun Drive"
    )
    ALIPAN_SNAPSHOT_CHECK_FOLDER_MODTIME: bool = setting(
        False, "Skip folders of Aliyun Drive that have not changed"
    )
    U115_APP_ID: str = setting("100197847", "Application id for 115 Drive")
    U115_AUTH_SERVER: str = setting(
        "https://movie-pilot.org", "Server through which one signs in to 115 Drive"
    )
    RCLONE_SNAPSHOT_CHECK_FOLDER_MODTIME: bool = setting(
        True, "Skip folders of Rclone that have not changed"
    )
    OPENLIST_SNAPSHOT_CHECK_FOLDER_MODTIME: bool = setting(
        True, "Skip folders of OpenList that have not changed"
    )
