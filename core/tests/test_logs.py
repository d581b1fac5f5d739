"""Secrets in whatever is logged: masked in every part of a record, at little cost."""

import io
import logging
import logging.config
import sys

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import DataError, IntegrityError, connections
from django.urls import path
from hypothesis import given
from hypothesis import strategies as st

from core.logs import SecretsFilter
from core.redaction import error_line, mask_statement, mask_text, mask_traceback
from core.secrets import MASK
from core.tests.support import live
from mpadmin import urls
from mpadmin.settings import LOGGING
from sites.models import Site

SECRET = "synthetic-secret-4f2a"
BCRYPT = "$2b$12$" + "SyntheticHashOfNoPassword0123456789012345678901234567"[:53]
FERNET = "gAAAAABsynthetic" + "Zz09_-" * 15 + "=="
TOKEN = "eyJhbGciOiJub25lIn0.eyJzeW50aGV0aWMiOnRydWV9.c3ludGhldGlj"


@pytest.fixture
def stream(settings):
    """What the real configuration of the log writes."""
    stream = io.StringIO()
    handlers = {"stderr": {**LOGGING["handlers"]["stderr"], "stream": stream}}
    logging.config.dictConfig({**LOGGING, "handlers": handlers})
    yield stream
    logging.config.dictConfig(settings.LOGGING)


@pytest.mark.parametrize(
    "line",
    [
        "password=%s",
        "password = '%s'",
        "site token: %s, next",
        '{"apikey": "%s", "port": 1}',
        '{"api_key":"%s"}',
        r"'{\"password\": \"%s\"}'",
        "{'passkey': '%s', 'name': 'x'}",
        "Cookie: a=1; uid=%s; b=2",
        "{'Cookie': 'a=1; uid=%s', 'Host': 'x'}",
        "Authorization: Bearer %s",
        "cookie uid=1; pass=%s was refused",
        "cookie of the site: %s-and-much-longer",
        "postgres://moviepilot:%s@127.0.0.1:5432/moviepilot",
        "redis://:%s@127.0.0.1:6379/0 is down",
        "redis://:odd@%s@127.0.0.1:6379/0",
        "GET https://s.example/rss?id=3&rsskey=%s&x=1",
        "GET https://s.example/rss?passkey=%s",
        '"otp_secret": b"%s"',
        "UPDATE site SET \"cookie\" = '%s' WHERE id = 1",
        "Key fails\nDETAIL:  Key (domain)=(%s) already exists.",
        "bad statement\nLINE 1: INSERT INTO site VALUES ('%s')\n   ^",
    ],
)
def test_a_secret_is_told_by_its_name(line):
    assert SECRET not in mask_text(line % SECRET)
    assert MASK in mask_text(line % SECRET)


@pytest.mark.parametrize("secret", [BCRYPT, FERNET, TOKEN])
def test_a_secret_is_told_by_its_look(secret):
    assert mask_text(f"the value {secret} is odd") == f"the value {MASK} is odd"


def test_the_secrets_of_this_process_are_known_in_every_spelling(settings):
    settings.SECRET_KEY = 'synthetic <key> of "ours" & nobody\'s'
    settings.SECRET_KEY_FALLBACKS = ["synthetic-older-key"]
    settings.DATABASES = {"moviepilot": {"PASSWORD": "synthetic-database-password"}}
    settings.CACHES = {"default": {"LOCATION": "redis://:synthetic%20redis@h:6379/0"}}

    text = mask_text(
        'synthetic <key> of "ours" & nobody\'s, synthetic%20%3Ckey%3E%20of%20%22ours'
        "%22%20%26%20nobody%27s, synthetic-older-key, synthetic-database-password, "
        "synthetic%20redis, synthetic redis"
    )

    assert text == ", ".join([MASK] * 6)


@pytest.mark.parametrize(
    "line",
    [
        "Not Found: /site/7/change/",
        "Change set 12 cannot be settled.",
        "Forbidden (CSRF cookie not set.): /login/",
        "KeyError: 'name'",
        "https://127.0.0.1:8000/site/?o=name",
        "password of nobody",
        "password=''",
        '{"token": ""}',
    ],
)
def test_what_is_no_secret_stays(line):
    assert mask_text(line) == line


@given(st.text())
def test_any_text_can_be_masked_twice(text):
    masked = mask_text(text)

    assert mask_text(masked).count(SECRET) == 0
    assert mask_text(f"password={SECRET} {text}").count(SECRET) == text.count(SECRET)


def test_a_statement_loses_its_texts():
    sql = f"INSERT INTO site (name, cookie) VALUES ('n', '{SECRET}''x', 7); args=(7,)"

    assert SECRET not in mask_statement(sql)
    assert mask_statement(sql).startswith("INSERT INTO site (name, cookie)")


# --- Records


def record(msg, *args, **values):
    made = logging.LogRecord("core", logging.ERROR, "f.py", 1, msg, args, None)
    vars(made).update(values)
    return made


def cleaned(made):
    assert SecretsFilter().filter(made) is True
    return made


def test_message_and_arguments_are_masked():
    made = cleaned(record("signed in with password=%s", SECRET))
    short = cleaned(record("took %.4s", f"password={SECRET}"))
    mapping = cleaned(record("%(n)s", {"n": 1, "token": SECRET}))

    assert SECRET not in f"{vars(made)}{vars(short)}{vars(mapping)}"
    assert made.getMessage() == f"signed in with password={MASK}"


def test_extra_fields_are_masked():
    made = cleaned(
        record(
            "x",
            site={"cookie": SECRET, "port": 1, "deep": [{"token": SECRET}]},
            password=SECRET,
            note=f"apikey={SECRET}",
            count=3,
        )
    )

    assert SECRET not in str(vars(made))
    assert (made.count, made.site["port"]) == (3, 1)


def test_a_traceback_is_masked_and_its_code_is_not():
    def sign_in(password):
        raise ValueError(f"password={password}")

    try:
        try:
            sign_in(password=SECRET)
        except ValueError as error:
            raise RuntimeError(f"Cookie: {SECRET}") from error
    except RuntimeError:
        made = cleaned(record("failed", exc_info=sys.exc_info(), stack_info="x"))

    text = logging.Formatter().format(made)
    assert SECRET not in text
    assert "sign_in(password=SECRET)" in text
    assert f"ValueError: password={MASK}" in text
    assert f"RuntimeError: Cookie: {MASK}" in text
    assert made.exc_info is None


def test_an_ordinary_record_is_left_as_it_is():
    made = record("Not Found: %s", "/a/", request=django_settings)

    cleaned(made)

    assert (made.msg, made.args) == ("Not Found: %s", ("/a/",))
    assert made.request is django_settings


class Rude:
    def __str__(self):
        raise ZeroDivisionError(SECRET)


@pytest.mark.parametrize(
    "made",
    [
        record("%s %s", "one"),
        record("%d", SECRET),
        record(Rude()),
        record("x", extra_one=Rude()),
    ],
)
def test_nothing_a_caller_does_makes_the_filter_raise(made):
    text = logging.Formatter().format(cleaned(made))

    assert text.startswith("A log line is withheld")
    assert SECRET not in text


# --- Who logs


def test_the_configuration_covers_every_handler(stream):
    loggers = [
        logging.getLogger(),
        *map(logging.getLogger, logging.root.manager.loggerDict),
    ]
    ours = [
        handler
        for logger in loggers
        for handler in logger.handlers
        if type(handler).__module__.startswith(("logging", "django"))
        and not isinstance(handler, logging.NullHandler)
    ]

    assert ours
    for handler in ours:
        assert any(isinstance(each, SecretsFilter) for each in handler.filters), handler


@pytest.mark.parametrize("name", ["", "core.changes.run", "django.request", "asyncio"])
def test_a_line_of_any_logger_is_masked(stream, name):
    logging.getLogger(name).error("token=%s", SECRET)

    assert stream.getvalue().endswith(f"token={MASK}\n")


def test_the_development_servers_log_tells_no_query(stream):
    logging.getLogger("django.server").warning(
        '"%s" %s %s', f"GET /site/?q={SECRET} HTTP/1.1", "200", "12"
    )

    assert stream.getvalue().endswith(f'"GET /site/?{MASK} HTTP/1.1" 200 12\n')


def test_statements_are_not_logged_with_their_values(sqlite_library, stream):
    connection = connections["moviepilot"]
    connection.force_debug_cursor = True
    try:
        assert not Site.objects.filter(cookie=SECRET).exists()
        logging.getLogger("django.db.backends").setLevel(logging.DEBUG)
        assert not Site.objects.filter(cookie=SECRET).exists()
    finally:
        connection.force_debug_cursor = False

    assert "SELECT" in stream.getvalue()
    assert SECRET not in stream.getvalue()


FAILING = """
import threading, warnings
words = "password=" + "-".join(["synthetic", "secret", "4f2a"])
warnings.warn(words)
def fail():
    raise ValueError(words)
thread = threading.Thread(target=fail)
thread.start()
thread.join()
fail()
"""


def test_warnings_and_what_python_prints_of_an_error_are_masked(tmp_path):
    done = live.manage("shell", "-c", FAILING, MPADMIN_DATA_DIR=str(tmp_path))

    assert done.returncode == 1
    assert f"UserWarning: password={MASK}" in done.stderr
    assert done.stderr.count(f"ValueError: password={MASK}") == 2
    assert SECRET not in done.stderr + done.stdout


def test_gunicorns_log_is_masked(live_console):
    log = live_console.log.read_text()
    from gunicorn.config import Config

    from mpadmin.serving import SafeLogger

    logger = SafeLogger(Config())
    handlers = [*logger.error_log.handlers, *logger.access_log.handlers]

    assert "Traceback" not in log
    assert handlers
    for handler in handlers:
        assert any(isinstance(each, SecretsFilter) for each in handler.filters)


# --- What databases say


def test_what_a_database_refused_is_told_without_the_value():
    duplicate = IntegrityError(
        'duplicate key value violates unique constraint "k"\n'
        f"DETAIL:  Key (credential_id)=({SECRET}) already exists."
    )
    syntax = DataError(f'invalid input syntax for type integer: "{SECRET}"\nLINE 1: …')

    assert error_line(duplicate) == duplicate.args[0].partition("\n")[0]
    assert SECRET not in error_line(syntax)
    assert error_line(syntax).startswith("invalid input syntax for type integer")


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.UniqueViolation(
            f"no\nDETAIL:  Key (x)=({SECRET}\n{SECRET}) is."
        ),
        psycopg.errors.InvalidTextRepresentation(f'invalid integer: "{SECRET}"'),
        DataError(f"invalid integer: \"{SECRET}\"\nLINE 1: SELECT '{SECRET}'"),
        TypeError(f"Field 'id' expected a number but got '{SECRET}'."),
        ValueError(f"invalid literal for int() with base 10: '{SECRET}'"),
        ValueError(f"could not convert string to float: '{SECRET}'"),
    ],
)
def test_a_databases_error_is_logged_without_the_value(error):
    try:
        raise error
    except type(error):
        text = mask_traceback(sys.exc_info())

    assert SECRET not in text
    assert type(error).__name__ in text


# --- Exception pages


def broken_view(request):
    site = Site(pk=7, name="n", url="u", cookie=SECRET)
    values, text, raw = {"any": [SECRET]}, SECRET, SECRET.encode()
    raise RuntimeError(f"password={site.cookie}", len(values), len(text), len(raw))


def database_view(request):
    try:
        raise psycopg.errors.UniqueViolation(f"no\nDETAIL:  Key (x)=({SECRET}) is.")
    except psycopg.Error as error:
        raise IntegrityError(*error.args) from error


urlpatterns = [
    path("broken/", broken_view),
    path("database/", database_view),
    *urls.urlpatterns,
]


@pytest.mark.parametrize("address", ["/broken/", "/database/"])
@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
@pytest.mark.parametrize("debug", [True, False])
def test_an_exception_page_tells_no_secret(
    client, sqlite_library, settings, stream, address, accept, debug
):
    settings.ROOT_URLCONF, settings.DEBUG = __name__, debug
    client.raise_request_exception = False
    client.cookies["any"] = SECRET

    answer = client.post(
        f"{address}?q={SECRET}",
        {"field-cookie": SECRET},
        headers={
            "accept": accept,
            "authorization": f"Bearer {SECRET}",
            "referer": f"http://testserver/site/?q={SECRET}",
        },
    )

    page = answer.content.decode()
    assert answer.status_code == 500
    assert ("broken_view" in page or "database_view" in page) is debug
    for text in (page, str(answer.headers), stream.getvalue()):
        assert SECRET not in text
        assert settings.SECRET_KEY not in text
    assert "Internal Server Error" in stream.getvalue()


def test_the_access_log_tells_no_query():
    from mpadmin import gunicorn

    assert not {"%(r)s", "%(q)s", "%(f)s"} & {*gunicorn.access_log_format.split()}
    assert "%(U)s" in gunicorn.access_log_format
