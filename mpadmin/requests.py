"""Requests as the console reads them."""

from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import parse_header_parameters


class ConsoleRequest(WSGIRequest):
    """A request that is UTF-8 whatever it says of itself, as browsers' requests are.

    Django takes the name of any codec, `rot13` too, and reads the address with it
    before anything could turn its error into an answer.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        # Django fails on a length that is no number where it first needs it.
        if not environ.get("CONTENT_LENGTH", "").isdecimal():
            environ["CONTENT_LENGTH"] = ""
        super().__init__(environ)

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            kind, given = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:
            kind, given = "", {}
        self.content_type, self.content_params = kind, given
