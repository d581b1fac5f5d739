"""Where MoviePilot keeps its records, and for how long."""

from core.config.setting import setting


class DatabaseNames:
    """Where MoviePilot keeps its records, and for how long."""

    DB_TYPE: str = setting("sqlite", "Kind of database: sqlite or postgresql")
    DB_ECHO: bool = setting(False, "Log every SQL statement")
    DB_TIMEOUT: int = setting(60, "Seconds to wait for SQLite's write lock")
    DB_WAL_ENABLE: bool = setting(True, "Keep SQLite's changes in a write-ahead log")
    DB_POOL_TYPE: str = setting(
        "QueuePool", "Kind of connection pool: QueuePool or NullPool"
    )
    DB_POOL_PRE_PING: bool = setting(True, "Test a connection before it is used")
    DB_POOL_RECYCLE: int = setting(
        300, "Seconds after which a connection is opened anew"
    )
    DB_POOL_TIMEOUT: int = setting(30, "Seconds to wait for a free connection")
    DB_SQLITE_POOL_SIZE: int = setting(10, "Connections kept open to SQLite")
    DB_SQLITE_MAX_OVERFLOW: int = setting(
        50, "Further connections to SQLite when all are busy"
    )
    DB_POSTGRESQL_HOST: str = setting(
        "localhost", "Host of PostgreSQL, or the folder of its socket"
    )
    DB_POSTGRESQL_PORT: str = setting("5432", "Port of PostgreSQL; empty for a socket")
    DB_POSTGRESQL_DATABASE: str = setting(
        "moviepilot", "Name of the database in PostgreSQL"
    )
    DB_POSTGRESQL_USERNAME: str = setting(
        "moviepilot", "User to sign in to PostgreSQL with"
    )
    DB_POSTGRESQL_PASSWORD: str = setting("moviepilot", "Password of that user")
    DB_POSTGRESQL_POOL_SIZE: int = setting(10, "Connections kept open to PostgreSQL")
    DB_POSTGRESQL_MAX_OVERFLOW: int = setting(
        50, "Further connections to PostgreSQL when all are busy"
    )
    DATA_CLEANUP_ENABLE: bool = setting(False, "Delete old records on a schedule")
    DATA_CLEANUP_DOWNLOAD_HISTORY_DAYS: int = setting(
        180, "Days to keep the download history"
    )
    DATA_CLEANUP_MESSAGE_DAYS: int = setting(90, "Days to keep messages")
    DATA_CLEANUP_SITE_USERDATA_DAYS: int = setting(
        180, "Days to keep the daily figures of sites"
    )
    DATA_CLEANUP_TRANSFER_HISTORY_DAYS: int = setting(
        1095, "Days to keep the transfer history"
    )
