"""The app of the compared admin."""

from django.apps import AppConfig


class PlainConfig(AppConfig):
    """Its label is a short one."""

    name = "bench.plain"
    label = "plain"
