"""The Oper of plugin data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from core.opers.base import RecordOper, RecordQuerySet

if TYPE_CHECKING:
    # Named in quotes below: models import Opers, not the other way round.
    from core.models.plugins import PluginData  # noqa: F401


class PluginDataQuerySet(RecordQuerySet["PluginData"]):
    """Restrictions of plugin data."""

    def of_plugin(self, plugin_id: str) -> Self:
        """What one plugin keeps."""
        return self.filter(plugin_id=plugin_id)


PluginDataManager = RecordOper.from_queryset(PluginDataQuerySet)


class PluginDataOper(PluginDataManager["PluginData"]):
    """What plugins keep."""

    record = "core.PluginData"
