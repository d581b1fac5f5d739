"""Who is at work: the operator of the request being served, for writes that name
nobody.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest, HttpResponse

    from core.models.operators import Operator

_operator: ContextVar[Operator | None] = ContextVar("operator", default=None)


def current_operator() -> Operator | None:
    """The operator at work, or None for the system itself."""
    return _operator.get()


@contextmanager
def acting_as(operator: Operator | None) -> Iterator[None]:
    """Do what is inside in this operator's name."""
    token = _operator.set(operator)
    try:
        yield
    finally:
        _operator.reset(token)


class CurrentOperatorMiddleware:
    """Act in the name of the operator who sent the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        operator = request.user if request.user.is_authenticated else None
        with acting_as(operator):
            return self.get_response(request)
