"""What a request says of itself, and what it is read as."""

from __future__ import annotations

import io

import pytest

from mpadmin.requests import ConsoleRequest
from mpadmin.wsgi import ConsoleHandler, application

FORM = "application/x-www-form-urlencoded"
ODD_TYPES = [
    f"{FORM}; charset=rot13",
    f"{FORM}; charset=undefined",
    f"{FORM}; charset=utf-16",
    f"{FORM}; charset=\x00",
    f"{FORM}; charset=nothing",
    "multipart/form-data; boundary*=nothing''b",
    "multipart/form-data; boundary*=\x00''b",
    "\x00",
    ";",
    "",
]


def environ(kind: str, body: bytes = b"") -> dict[str, object]:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/login/",
        "QUERY_STRING": "q=%E6%B5%81&r=%ff",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }


@pytest.mark.parametrize("at", range(len(ODD_TYPES)))
def test_a_request_is_utf_8_whatever_it_says(at):
    request = ConsoleRequest(environ(ODD_TYPES[at], b"name=%E6%B5%81"))

    assert request.GET["q"] == "流"
    assert request.encoding is None
    is_form = request.content_type == FORM
    assert request.POST.get("name") == ("流" if is_form else None)


@pytest.mark.parametrize("length", ["abc", "-1", "", "1e3"])
def test_a_length_that_is_no_number_is_no_length(length):
    request = ConsoleRequest({**environ(FORM, b"name=a"), "CONTENT_LENGTH": length})

    assert not request.POST


def test_the_server_reads_requests_so(console, settings):
    answered = []

    for kind in ODD_TYPES:
        application(environ(kind), lambda status, _headers: answered.append(status))

    assert isinstance(application, ConsoleHandler)
    assert {status[:3] for status in answered} == {"403"}
