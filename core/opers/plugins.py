"""The Oper of plugin data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from core.fields import JSON_NULL
from core.opers.base import RecordOper, RecordQuerySet, twin

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from core.models.plugins import PluginData

PluginDatas = list["PluginData"]


class PluginDataQuerySet(RecordQuerySet["PluginData"]):
    """Restrictions of plugin data."""

    def of_plugin(self, plugin_id: str) -> Self:
        """What one plugin keeps."""
        return self.filter(plugin_id=plugin_id)

    def under(self, key: str) -> Self:
        """What is kept under this key."""
        return self.filter(key=key)


PluginDataManager = RecordOper.from_queryset(PluginDataQuerySet)


class PluginDataOper(PluginDataManager["PluginData"]):
    """What plugins keep."""

    record = "core.PluginData"

    def save(self, plugin_id: str, key: str, value: Any) -> None:
        """Keep a value for a plugin, in place of what it kept under this key.

        None is kept as JSON null: nothing is deleted for being empty.
        """
        stored = JSON_NULL if value is None else value
        kept = self.of_plugin(plugin_id).under(key).oldest()
        if kept is None or not self._revise(kept.pk, lambda _old: {"value": stored}):
            self._insert(plugin_id=plugin_id, key=key, value=stored)

    async_save = twin(save)

    def get_data(self, plugin_id: str, key: str | None = None) -> Any:
        """The value under a key, or None; without a key the plugin's records.

        MoviePilot's asynchronous twin raises where two records share the key; here both
        answer with the older one.
        """
        if key is None:
            return self.get_data_all(plugin_id)
        kept = self.of_plugin(plugin_id).under(key).oldest()
        return None if kept is None or kept.value is JSON_NULL else kept.value

    async_get_data = twin(get_data)

    def get_data_all(self, plugin_id: str) -> PluginDatas:
        """The plugin's records, oldest first."""
        return [*self.of_plugin(plugin_id).order_by("pk")]

    async_get_data_all = twin(get_data_all)

    def del_data(self, plugin_id: str, key: str | None = None) -> int:
        """Delete what the plugin keeps under this key, or without one all of it.

        Returns how many records there were.
        """
        kept = self.of_plugin(plugin_id)
        return self._delete_ids((kept if key is None else kept.under(key)).ids())

    async_del_data = twin(del_data)

    def truncate(self) -> int:
        """Delete what all plugins keep, in one change; returns how many records."""
        return self._delete_ids(self.ids())

    async_truncate = twin(truncate)
