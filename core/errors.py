"""What keeps the console from starting.

Apart from core.config, which raises them while it is being imported.
"""

from django.core.exceptions import ImproperlyConfigured


class SettingsError(ImproperlyConfigured):
    """A setting that cannot be used; the message is one line and says what to do."""


class AttachError(SettingsError):
    """The MoviePilot database cannot be told from the settings."""
