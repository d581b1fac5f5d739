"""MoviePilot's transfer history as anybody would declare it."""

from typing import Any, ClassVar

from django.db import models


class TransferHistory(models.Model):
    """One file that was brought into the library, or should have been."""

    src = models.TextField(null=True, blank=True)
    src_storage = models.CharField(max_length=255, null=True, blank=True)
    src_fileitem = models.JSONField(null=True, blank=True)
    dest = models.TextField(null=True, blank=True)
    dest_storage = models.CharField(max_length=255, null=True, blank=True)
    dest_fileitem = models.JSONField(null=True, blank=True)
    mode = models.CharField(max_length=255, null=True, blank=True)
    type = models.CharField(max_length=255, null=True, blank=True)
    category = models.CharField(max_length=255, null=True, blank=True)
    title = models.CharField(max_length=255, null=True, blank=True)
    year = models.CharField(max_length=255, null=True, blank=True)
    tmdbid = models.IntegerField(null=True, blank=True)
    imdbid = models.CharField(max_length=255, null=True, blank=True)
    tvdbid = models.IntegerField(null=True, blank=True)
    doubanid = models.CharField(max_length=255, null=True, blank=True)
    seasons = models.CharField(max_length=255, null=True, blank=True)
    episodes = models.CharField(max_length=255, null=True, blank=True)
    image = models.TextField(null=True, blank=True)
    downloader = models.CharField(max_length=255, null=True, blank=True)
    download_hash = models.CharField(max_length=255, null=True, blank=True)
    status = models.BooleanField(null=True, blank=True)
    errmsg = models.TextField(null=True, blank=True)
    date = models.CharField(max_length=255, null=True, blank=True)
    files = models.JSONField(null=True, blank=True)
    episode_group = models.CharField(max_length=255, null=True, blank=True)

    objects: ClassVar = models.Manager["TransferHistory"]()

    class Meta:
        app_label = "plain"
        managed = False
        db_table = "transferhistory"
        verbose_name_plural = "transfer history"

    def __str__(self) -> str:
        return str(self.title)


class Router:
    """That table in MoviePilot's database, everything else in the admin's own."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        """The alias that holds this model."""
        return "moviepilot" if model is TransferHistory else "default"

    db_for_write = db_for_read
