"""How MoviePilot runs and who may use it."""

from core.config.setting import setting


class ServerNames:
    """How MoviePilot runs and who may use it."""

    PROJECT_NAME: str = setting("MoviePilot", "Name that MoviePilot calls itself")
    APP_DOMAIN: str = setting(
        "", "Address under which users reach MoviePilot, for links in messages"
    )
    CONFIG_DIR: str | None = setting(
        None, "Folder of MoviePilot's configuration, database and logs"
    )
    FRONTEND_PATH: str = setting("/public", "Folder of MoviePilot's pages")
    HOST: str = setting("0.0.0.0", "Address MoviePilot listens on")  # noqa: S104 - not ours
    PORT: int = setting(3001, "Port of MoviePilot's API")
    NGINX_PORT: int = setting(3000, "Port of MoviePilot's pages")
    API_V1_STR: str = setting("/api/v1", "Path that all API addresses begin with")
    ALLOWED_HOSTS: list[str] = setting(["*"], "Host names under which the API answers")
    TZ: str = setting(
        "Asia/Shanghai", "Time zone in which MoviePilot writes every time"
    )
    DEBUG: bool = setting(False, "Log in detail")
    DEV: bool = setting(
        False, "Run for developers: no scheduled work, reload on changes"
    )
    ADVANCED_MODE: bool = setting(True, "Show the settings meant for experienced users")
    BIG_MEMORY_MODE: bool = setting(False, "Use more memory for larger caches")
    MEMORY_GC_INTERVAL: int = setting(
        30, "Minutes between collections of unused memory"
    )
    RUST_ACCEL: bool = setting(True, "Use the compiled parts where there are any")
    MOVIEPILOT_AUTO_UPDATE: str = setting(
        "release", "Update at each start: release, dev or false"
    )
    MOVIEPILOT_SAFE_MODE: bool = setting(
        False, "Start without plugins, to repair a broken installation"
    )
    AUTO_UPDATE_RESOURCE: bool = setting(True, "Update site definitions at each start")
    MP_SERVER_HOST: str = setting(
        "https://movie-pilot.org",
        "Server of the MoviePilot project, for shared statistics",
    )
    USAGE_STATISTIC_SHARE: bool = setting(
        True, "Send anonymous figures about use to the project"
    )
    DOCKER_CLIENT_API: str | None = setting(
        "tcp://127.0.0.1:38379",
        "Docker endpoint through which MoviePilot restarts itself",
        secret=True,
    )
    WALLPAPER: str = setting("tmdb", "Where the sign-in page takes its pictures from")
    CUSTOMIZE_WALLPAPER_API_URL: str | None = setting(
        None, "Address that returns pictures for the sign-in page"
    )
