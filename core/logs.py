"""Keeps secrets out of the log, whoever writes to it and wherever it goes."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.redaction import mask_request, mask_statement, mask_text, mask_traceback
from core.secrets import MASK, SECRET_NAME

if TYPE_CHECKING:
    from types import TracebackType

OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every log record has; the rest was given as `extra`."""
MASKS: dict[str, Callable[[str], str]] = {
    # Logs SQL with its values, for those who turn it on.
    "django.db.backends": mask_statement,
    # Logs each request of the development server, with its query.
    "django.server": mask_request,
}
HARMLESS = (bool, int, float, type(None))
WITHHELD = "A log line is withheld: it could not be searched for secrets (%s)."


class SecretsFilter(logging.Filter):
    """Masks secrets in a record: message, arguments, extra fields and traceback.

    Belongs on every handler: a logger's filter does not see what its children log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; the record is what changes. Never raises."""
        try:
            clean(record)
        except Exception as error:  # noqa: BLE001 - anything may hide in a log call
            withhold(record, error)
        return True


def clean(record: logging.LogRecord) -> None:
    """Mask what is secret in the record. What holds no secret stays as it is."""
    mask = MASKS.get(record.name, mask_text)
    message = record.getMessage()
    masked = mask(message)
    if masked != message:
        record.msg, record.args = masked, None
    elif record.args:
        record.args = _clean_args(record.args, mask)
    _clean_traceback(record)
    for name, value in vars(record).items():
        if name not in OWN:
            setattr(record, name, _clean_extra(name, value))


def withhold(record: logging.LogRecord, error: Exception) -> None:
    """Leave nothing in the record but that it is withheld, and why."""
    record.msg, record.args = WITHHELD, (type(error).__name__,)
    record.exc_info = record.exc_text = record.stack_info = None
    for name in vars(record).keys() - OWN:
        setattr(record, name, MASK)


def _clean_traceback(record: logging.LogRecord) -> None:
    if record.stack_info:
        record.stack_info = mask_text(record.stack_info)
    if record.exc_info and record.exc_info[0] is not None:
        # A handler prints this text in place of its own; one that would look for
        # itself finds no exception to look at.
        record.exc_text = mask_traceback(record.exc_info)
        record.exc_info = None
    elif record.exc_text:
        record.exc_text = mask_text(record.exc_text)


def _clean_args(args: Any, mask: Callable[[str], str]) -> Any:
    """Texts among the arguments, of which the message may show a part only."""
    if isinstance(args, dict):
        return {name: _clean_extra(str(name), value) for name, value in args.items()}
    return tuple(mask(arg) if isinstance(arg, str) else arg for arg in args)


def _clean_extra(name: str, value: Any) -> Any:
    if isinstance(value, HARMLESS):
        return value
    if SECRET_NAME.search(name):
        return MASK if value else value
    if isinstance(value, dict):
        return {key: _clean_extra(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_extra(name, each) for each in value]
    text = str(value)
    masked = mask_text(text)
    return value if masked == text else masked


def cover_the_rest() -> None:
    """Send warnings through the log, and mask what Python itself would print."""
    logging.captureWarnings(True)  # noqa: FBT003 - its only argument
    sys.excepthook = _print_masked
    threading.excepthook = _print_thread_masked
    _drop_foreign_handlers()


def _drop_foreign_handlers() -> None:
    """What packages add to their loggers when imported goes past the filter."""
    with contextlib.suppress(ModuleNotFoundError):
        import_module("pyasn1.debug")  # webauthn needs it
    logging.getLogger("pyasn1").handlers.clear()


def _print_masked(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    sys.stderr.write(f"{mask_traceback((kind, error, trace))}\n")


def _print_thread_masked(raised: threading.ExceptHookArgs) -> None:
    if issubclass(raised.exc_type, SystemExit):
        return
    error = raised.exc_value or raised.exc_type()
    name = raised.thread.name if raised.thread else "?"
    trace = mask_traceback((raised.exc_type, error, raised.exc_traceback))
    sys.stderr.write(f"Exception in thread {name}:\n{trace}\n")
