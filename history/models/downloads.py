"""What was handed to the downloaders."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from core.fields import Index, IntegerColumn, JSONColumn, StampField, TextColumn
from core.models import shapes
from core.models.base import Carried, Record
from core.vocabularies import FileState, MediaType, MessageChannel
from history.opers import DownloadFilesOper, DownloadHistoryOper


class DownloadHistory(Record):
    """One download."""

    natural_key: ClassVar = (("download_hash",),)
    vocabularies: ClassVar = {"type": MediaType, "channel": MessageChannel}
    carries: ClassVar = (
        Carried("history.DownloadFiles", column="download_hash", key="download_hash"),
    )

    path = TextColumn(
        _("path"), help_text=_("Folder and name the download is saved under.")
    )
    type = TextColumn(
        _("type"), help_text=_("Film or series, in MoviePilot's own words.")
    )
    title = TextColumn(_("title"), help_text=_("Title of the film or series."))
    year = TextColumn(
        _("year"), null=True, blank=True, help_text=_("Year of release, as text.")
    )
    tmdbid = IntegerColumn(
        _("TMDB id"),
        null=True,
        blank=True,
        help_text=_("Number at The Movie Database."),
    )
    imdbid = TextColumn(_("IMDb id"), null=True, blank=True, help_text=_("Id at IMDb."))
    tvdbid = IntegerColumn(
        _("TVDB id"), null=True, blank=True, help_text=_("Number at TheTVDB.")
    )
    doubanid = TextColumn(
        _("Douban id"), null=True, blank=True, help_text=_("Id at Douban.")
    )
    seasons = TextColumn(
        _("season"), null=True, blank=True, help_text=_("Written S01.")
    )
    episodes = TextColumn(
        _("episodes"), null=True, blank=True, help_text=_("Written E01.")
    )
    image = TextColumn(
        _("backdrop"),
        null=True,
        blank=True,
        help_text=_("Address of the background image."),
    )
    downloader = TextColumn(
        _("downloader"), null=True, blank=True, help_text=_("Name of the downloader.")
    )
    download_hash = TextColumn(
        _("torrent hash"),
        null=True,
        blank=True,
        help_text=_("Info hash of the torrent; the same one may occur twice."),
    )
    torrent_name = TextColumn(
        _("release"), null=True, blank=True, help_text=_("Title of the release.")
    )
    torrent_description = TextColumn(
        _("subtitle"),
        null=True,
        blank=True,
        help_text=_("Second title of the release."),
    )
    torrent_site = TextColumn(
        _("site"), null=True, blank=True, help_text=_("Name of the site it came from.")
    )
    userid = TextColumn(
        _("chat user id"),
        null=True,
        blank=True,
        help_text=_("Id of the asking person in the chat."),
    )
    username = TextColumn(
        _("user"),
        null=True,
        blank=True,
        help_text=_("User or plugin that asked for it."),
    )
    channel = TextColumn(
        _("channel"),
        null=True,
        blank=True,
        help_text=_("Message channel it was asked for through."),
    )
    date = StampField(
        _("time"), null=True, blank=True, help_text=_("When the download was added.")
    )
    note = JSONColumn(
        _("origin"),
        null=True,
        blank=True,
        shape=shapes.ANY_OBJECT,
        help_text=_("What the download was started by."),
    )
    media_category = TextColumn(
        _("category"),
        null=True,
        blank=True,
        help_text=_("Category to use instead of the recognised one."),
    )
    episode_group = TextColumn(
        _("episode group"),
        null=True,
        blank=True,
        help_text=_("Id of an episode group at The Movie Database."),
    )
    custom_words = TextColumn(
        _("recognition words"),
        null=True,
        blank=True,
        help_text=_(
            "Rules for recognising names, used when the files are transferred."
        ),
    )

    objects: ClassVar[DownloadHistoryOper] = DownloadHistoryOper()

    class Meta(Record.Meta):
        db_table = "downloadhistory"
        verbose_name = _("download")
        verbose_name_plural = _("download history")
        indexes: ClassVar = [
            Index(fields=["date", "id"], name="ix_downloadhistory_date_id"),
            Index(
                fields=["download_hash", "date"],
                name="ix_downloadhistory_download_hash_date",
            ),
            Index(fields=["path"], name="ix_downloadhistory_path"),
            Index(fields=["tmdbid"], name="ix_downloadhistory_tmdbid"),
        ]

    def __str__(self) -> str:
        return str(self.title or self.path or self.pk)


class DownloadFiles(Record):
    """One file of a download."""

    natural_key: ClassVar = (("download_hash", "fullpath"), ("fullpath",))
    vocabularies: ClassVar = {"state": FileState}

    downloader = TextColumn(
        _("downloader"), null=True, blank=True, help_text=_("Name of the downloader.")
    )
    download_hash = TextColumn(
        _("torrent hash"),
        null=True,
        blank=True,
        help_text=_("Info hash of the torrent."),
    )
    fullpath = TextColumn(
        _("full path"), null=True, blank=True, help_text=_("Path of the file.")
    )
    savepath = TextColumn(
        _("save path"),
        null=True,
        blank=True,
        help_text=_("Folder the download is saved in."),
    )
    filepath = TextColumn(
        _("path in torrent"),
        null=True,
        blank=True,
        help_text=_("Path of the file inside the torrent."),
    )
    torrentname = TextColumn(
        _("release"),
        null=True,
        blank=True,
        help_text=_("Name of the release as the site gives it."),
    )
    state = IntegerColumn(
        _("state"),
        default=FileState.PRESENT,
        help_text=_("Whether the file is still there."),
    )

    objects: ClassVar[DownloadFilesOper] = DownloadFilesOper()

    class Meta(Record.Meta):
        db_table = "downloadfiles"
        verbose_name = _("downloaded file")
        verbose_name_plural = _("downloaded files")
        indexes: ClassVar = [
            Index(
                fields=["download_hash", "state"],
                name="ix_downloadfiles_download_hash_state",
            ),
            Index(fields=["fullpath", "id"], name="ix_downloadfiles_fullpath_id"),
            Index(fields=["savepath"], name="ix_downloadfiles_savepath"),
        ]

    def __str__(self) -> str:
        return str(self.filepath or self.fullpath or self.pk)
