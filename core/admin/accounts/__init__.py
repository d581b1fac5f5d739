"""The pages of MoviePilot's accounts. The console's own: core.admin.operators."""

from core.admin.accounts.passkeys import PassKeyAdmin
from core.admin.accounts.users import UserAdmin

__all__ = ["PassKeyAdmin", "UserAdmin"]
