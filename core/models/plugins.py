"""What plugins keep in the database."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from core.fields import Index, JSONColumn, TextColumn
from core.models.base import Record
from core.opers.plugins import PluginDataOper
from core.secrets import mask_json_text


class PluginData(Record):
    """A value stored by a plugin."""

    natural_key: ClassVar = (("plugin_id", "key"),)
    secret_fields: ClassVar = frozenset({"value"})
    unique_by: ClassVar = (("plugin_id", "key"),)

    plugin_id = TextColumn(_("plugin"), help_text=_("Class name of the plugin."))
    key = TextColumn(_("key"), help_text=_("Name the plugin chose."))
    value = JSONColumn(
        _("value"),
        null=True,
        blank=True,
        help_text=_("Whatever the plugin stored, as JSON."),
    )

    objects: ClassVar[PluginDataOper] = PluginDataOper()

    class Meta(Record.Meta):
        db_table = "plugindata"
        verbose_name = _("plugin value")
        verbose_name_plural = _("plugin data")
        indexes: ClassVar = [
            Index(fields=["plugin_id", "key"], name="ix_plugindata_plugin_id_key"),
        ]

    def __str__(self) -> str:
        return f"{self.plugin_id}: {self.key}"

    @classmethod
    def every_text_is_secret(cls, label: str) -> bool:
        """Any text a plugin keeps may be a password."""
        return True

    @classmethod
    def mask_secret(cls, column: str, raw: object, label: str) -> str:
        """The structure."""
        return mask_json_text(raw, every_text=True)
