"""The console's own variables."""

from typing import ClassVar

from core.config.model import Model
from core.config.setting import setting


class ConsoleModel(Model):
    """Read from the process environment and .moviepilot.env, never from app.env.

    DEBUG, SECRET_KEY and ALLOWED_HOSTS are names of MoviePilot's too, for itself.
    """

    empty_is_default: ClassVar[bool] = True

    # --- MoviePilot's database

    MOVIEPILOT_CONFIG_DIR: str = setting(
        "", "MoviePilot's configuration folder", otherwise="the sample library"
    )
    MOVIEPILOT_DATABASE_URL: str = setting(
        "", "MoviePilot's database", secret=True, otherwise="the sample library"
    )
    MOVIEPILOT_TZ: str = setting(
        "Asia/Shanghai",
        "Time zone of MoviePilot's times, where no configuration folder tells",
    )

    # --- The console

    MPADMIN_ENV_FILE: str = setting(
        "",
        "File to read instead of .moviepilot.env",
        otherwise="`.moviepilot.env` in the project",
    )
    MPADMIN_DATA_DIR: str = setting(
        "", "The console's data folder", otherwise="`data` in the project"
    )
    MPADMIN_ADDRESS: str = setting("127.0.0.1", "Address to listen on")
    MPADMIN_PORT: int = setting(8000, "Port to listen on")
    MPADMIN_ACCESS_LOG: str = setting("", "Any value: log each request")
    DATABASE_URL: str = setting(
        "",
        "The console's own database",
        secret=True,
        otherwise="`mpadmin.sqlite3` in the data folder",
    )
    SECRET_KEY: str = setting(
        "",
        "Key of sessions and of encrypted values",
        otherwise="`secret.key` in the data folder",
    )
    SECRET_KEY_FALLBACKS: list[str] = setting([], "Older keys that hold", secret=True)
    ALLOWED_HOSTS: list[str] = setting(
        ["localhost", "127.0.0.1", "[::1]"], "Names the console is reached under"
    )
    CSRF_TRUSTED_ORIGINS: list[str] = setting([], "Origins whose forms are taken")
    MPADMIN_PASSKEY_RP_ID: str = setting(
        "",
        "Host name that passkeys are for",
        otherwise="the host of `APP_DOMAIN`, else `localhost`",
    )
    MPADMIN_PASSKEY_ORIGINS: list[str] = setting(
        [],
        "Addresses whose pages may ask for passkeys",
        otherwise="the address the console is opened at",
    )
    DEBUG: bool = setting(False, "For work on the code only")

    # --- Sessions, proxies and HTTPS

    MPADMIN_SESSION_IDLE_MINUTES: int = setting(
        120, "Minutes without use after which one is signed out"
    )
    MPADMIN_SESSION_HOURS: int = setting(
        24, "Hours after which one is signed out in any case"
    )
    MPADMIN_TRUSTED_PROXIES: list[str] = setting(
        [], "Addresses or networks of reverse proxies that are believed"
    )
    MPADMIN_HTTPS: bool = setting(False, "The console is reached by HTTPS only")
    MPADMIN_HSTS_SECONDS: int = setting(
        31536000, "Seconds that browsers keep to HTTPS, where MPADMIN_HTTPS is on"
    )

    # --- Long work

    MPADMIN_WORKERS: int = setting(
        1, "Processes for long changes that `serve` starts; 0 for none"
    )

    # --- The log of changes

    MPADMIN_KEEP_CHANGES_DAYS: int = setting(
        0, "Days after which changes can no longer be undone; 0 keeps all"
    )

    # --- The cache

    MPADMIN_CACHE_SIZE: str = setting("256M", "Most bytes that the cache's file holds")

    REDIS_URL: str = setting(
        "",
        "Redis that keeps cached values, and the queue of long changes",
        secret=True,
        otherwise="a file in the data folder",
    )
    REDIS_HOST: str = setting("", "Its host, where REDIS_URL is not set")
    REDIS_PORT: int = setting(6379, "Its port")
    REDIS_PASSWORD: str = setting("", "Its password")
    REDIS_DB: int = setting(0, "Number of its database")
