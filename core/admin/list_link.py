"""The way back to a list as it was, carried along from page to page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import QueryDict

if TYPE_CHECKING:
    from django.http import HttpRequest

PARAMETER = "list"
MOST = 4000
"""Characters of a query string that are carried."""


@dataclass(frozen=True)
class ListLink:
    """A list page and its query string. No request has a say in the page itself."""

    page: str
    query: str = ""

    @classmethod
    def of(cls, request: HttpRequest, page: str) -> ListLink:
        """The link that the address of this request carries."""
        text = request.GET.get(PARAMETER, "")
        query = QueryDict(text).urlencode() if len(text) <= MOST else ""
        return cls(page, query)

    @property
    def url(self) -> str:
        """The list's address."""
        return f"{self.page}?{self.query}" if self.query else self.page

    @property
    def parameter(self) -> str:
        """What to append to another page's address, from `?` on."""
        return f"?{urlencode({PARAMETER: self.query})}" if self.query else ""

    def carried_by(self, page: str) -> str:
        """Another page's address that carries this link."""
        return page + self.parameter
