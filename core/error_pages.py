"""Django's page about an exception (only with DEBUG), showing no value of a record.

A local variable may hold anything a database held, under any name. So of texts and
containers the page shows what they are and how long, never what is in them.
"""

from __future__ import annotations

from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from django.db import Error, models
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from core.redaction import error_line, mask_message, mask_text
from core.secrets import MASK, SECRET_NAME

if TYPE_CHECKING:
    from collections.abc import ItemsView
    from types import FrameType

    from django.http import HttpRequest

PLAIN = (bool, type(None), type, FunctionType, ModuleType)


class Told:
    """Shows on the page as this text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


class SafeFilter(SafeExceptionReporterFilter):
    """What of the request, the settings and the frames may be shown."""

    cleansed_substitute = MASK

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        """Hide by name as everywhere in the console, and what a text gives away."""
        if isinstance(key, str) and value and SECRET_NAME.search(key):
            return MASK
        cleansed = super().cleanse_setting(key, value)
        return mask_text(cleansed) if isinstance(cleansed, str) else cleansed

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        """The names."""
        return dict.fromkeys(getattr(request, "COOKIES", {}), MASK)

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        """Without the environment of the process, which WSGI mixes in here."""
        safe = super().get_safe_request_meta(request)
        kept = ("HTTP_", "SERVER_", "REMOTE_", "CONTENT_", "REQUEST_M", "PATH_INFO")
        return {
            name: value
            for name, value in safe.items()
            # The page before has a query too.
            if name.startswith(kept) and name != "HTTP_REFERER"
        }

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """The names: a form posts secrets under names of its own."""
        return {} if request is None else dict.fromkeys(request.POST, MASK)

    def get_traceback_frame_variables(
        self, request: HttpRequest, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        """What kind of value each variable has."""
        found = {name: told(value) for name, value in tb_frame.f_locals.items()}
        return found.items()


class SafeReporter(ExceptionReporter):
    """The page itself."""

    def get_traceback_data(self) -> dict[str, Any]:
        """Mask what the page takes without asking the filter."""
        data: dict[str, Any] = super().get_traceback_data()
        data["unicode_hint"] = ""  # a piece of the value that could not be decoded
        for name in ("exception_value", "exception_notes"):
            if name in data:
                data[name] = mask_message(data[name])
        if isinstance(self.exc_value, Error):
            data["exception_value"] = error_line(self.exc_value)
        if data["template_info"]:
            message = data.get("exception_value", "")
            data["template_info"] = {**data["template_info"], "message": message}
        if self.request is not None:
            data["request_GET_items"] = [(name, MASK) for name in self.request.GET]
            data["request_insecure_uri"] = self.request.path
        for frame in data["frames"]:
            _hide_causes(frame)
        return data


def _hide_causes(frame: dict[str, Any]) -> None:
    """The page prints the exception that led to another, message and all."""
    if frame.get("exc_cause"):
        cause = frame["exc_cause"]
        is_error = isinstance(cause, Error) or _is_driver(cause)
        text = error_line(cause) if is_error else mask_message(str(cause))
        frame["exc_cause"] = f"{type(cause).__name__}: {text}"


def _is_driver(error: BaseException) -> bool:
    return type(error).__module__.startswith(("psycopg", "sqlite3"))


def told(value: Any) -> Any:
    """A value as the page may show it."""
    if isinstance(value, PLAIN):
        return value
    kind = type(value).__name__
    if isinstance(value, models.Model):
        return Told(f"<{kind} {value.pk}>")
    try:
        return Told(f"<{kind} of {len(value)}>")
    except Exception:  # noqa: BLE001 - whatever a value does when asked
        return Told(f"<{kind}>")
