"""MoviePilot's tables that are not history or sites, and the console's own ones."""

from core.changes.models import ChangeBatch, ChangeEntry, ChangeSet, Plan
from core.models.accounts import PassKey, User
from core.models.applied import AppliedMigration
from core.models.audit import AuditEvent
from core.models.base import Record
from core.models.configuration import SystemConfig, UserConfig
from core.models.library import MediaServerItem
from core.models.messages import Message
from core.models.operators import Operator, OperatorPassKey
from core.models.plugins import PluginData
from core.models.signins import OperatorSession, Outcome, SignIn
from core.models.subscriptions import Subscribe
from core.models.workflows import Workflow

__all__ = [
    "AppliedMigration",
    "AuditEvent",
    "ChangeBatch",
    "ChangeEntry",
    "ChangeSet",
    "MediaServerItem",
    "Message",
    "Operator",
    "OperatorPassKey",
    "OperatorSession",
    "Outcome",
    "PassKey",
    "Plan",
    "PluginData",
    "Record",
    "SignIn",
    "Subscribe",
    "SystemConfig",
    "User",
    "UserConfig",
    "Workflow",
]
