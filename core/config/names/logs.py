"""What MoviePilot logs, and how it is written."""

from core.config.setting import setting


class LogNames:
    """What MoviePilot logs, and how it is written."""

    LOG_LEVEL: str = setting("INFO", "Least severity that is logged")
    LOG_MAX_FILE_SIZE: int = setting(5, "Megabytes after which a log file is closed")
    LOG_BACKUP_COUNT: int = setting(10, "Closed log files to keep")
    LOG_CONSOLE_FORMAT: str = setting(
        "%(leveltext)s[%(name)s] %(asctime)s %(message)s",
        "Form of a line on the terminal",
    )
    LOG_FILE_FORMAT: str = setting(
        "【%(levelname)s】%(asctime)s - %(message)s", "Form of a line in a file"
    )
    ASYNC_FILE_QUEUE_SIZE: int = setting(1000, "Lines that may wait to be written")
    ASYNC_FILE_WORKERS: int = setting(2, "Threads that write log files")
    BATCH_WRITE_SIZE: int = setting(50, "Lines written at once")
    WRITE_TIMEOUT: float = setting(3.0, "Seconds to wait for more lines before writing")
