"""gunicorn's own log, without secrets."""

from gunicorn.config import Config
from gunicorn.glogging import Logger

from core.logs import SecretsFilter


class SafeLogger(Logger):
    """Its handlers stand apart from Django's, so they get the filter here."""

    def setup(self, cfg: Config) -> None:
        """Set the handlers up; runs again when the configuration is read again."""
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            if not any(isinstance(each, SecretsFilter) for each in handler.filters):
                handler.addFilter(SecretsFilter())
