"""Dates and times in MoviePilot's local time."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from core.fields import clock_now, day_now, local_now, stamp_now
from core.models import PassKey
from sites.models import Site, SiteUserData

MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, 678900)  # noqa: DTZ001 - local, as stored


@pytest.fixture
def shanghai(settings):
    settings.MOVIEPILOT_TZ = "Asia/Shanghai"


def field():
    return PassKey._meta.get_field("last_used_at")


def add_passkey(library, **values):
    user = library.insert("user", name="a")
    return library.insert(
        "passkey", user_id=user, credential_id="c", public_key="k", **values
    )


def test_now_is_what_the_clock_on_moviepilots_wall_shows(settings):
    settings.MOVIEPILOT_TZ = "Pacific/Kiritimati"
    there = dt.datetime.now(dt.timezone(dt.timedelta(hours=14)))

    assert abs(local_now() - there.replace(tzinfo=None)) < dt.timedelta(seconds=5)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", stamp_now())
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day_now())
    assert re.fullmatch(r"\d\d:\d\d:\d\d", clock_now())


def test_current_times_are_not_fixed_when_the_console_starts(settings):
    settings.MOVIEPILOT_TZ = "Pacific/Kiritimati"
    east = Site().lst_mod_date
    settings.MOVIEPILOT_TZ = "Pacific/Pago_Pago"

    assert Site().lst_mod_date < east
    assert SiteUserData().updated_day


@pytest.mark.usefixtures("shanghai")
def test_reads_the_local_time_moviepilot_wrote(library):
    pk = add_passkey(library, created_at="2026-01-02 03:04:05.678900")

    found = PassKey.objects.get(pk=pk)

    assert found.created_at == MOMENT
    assert found.last_used_at is None


@pytest.mark.usefixtures("shanghai")
@pytest.mark.parametrize("kind", ["timestamp", "timestamptz"])
@pytest.mark.parametrize("library", ["postgresql"], indirect=True)
def test_reads_and_writes_both_kinds_of_postgresql_column(library, kind):
    zone = " AT TIME ZONE 'Asia/Shanghai'" if kind == "timestamptz" else ""
    library.execute(
        f"ALTER TABLE passkey ALTER last_used_at TYPE {kind} USING last_used_at{zone}"
    )
    bound = field().get_db_prep_save(MOMENT, connections["moviepilot"])
    add_passkey(library, last_used_at=bound)

    found = PassKey.objects.get()

    assert found.last_used_at == MOMENT
    stored = library.execute("SELECT extract(epoch FROM last_used_at) FROM passkey")
    hours = 8 if kind == "timestamptz" else 0
    moment = MOMENT.replace(tzinfo=dt.timezone(dt.timedelta(hours=hours)))
    assert float(stored[0][0]) == moment.timestamp()
    assert PassKey.objects.filter(last_used_at__gte=MOMENT).exists()
    later = MOMENT + dt.timedelta(microseconds=1)
    assert not PassKey.objects.filter(last_used_at__gte=later).exists()


def test_binds_the_text_moviepilot_writes_on_sqlite(sqlite_library):
    bound = field().get_db_prep_save(
        MOMENT.replace(microsecond=0), connections["moviepilot"]
    )

    assert bound == "2026-01-02 03:04:05.000000"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01 00:00:00", "0"])
def test_shows_what_is_no_time_as_it_is(sqlite_library, text):
    add_passkey(sqlite_library, created_at=text)

    assert str(PassKey.objects.get().created_at) == text


@pytest.mark.parametrize("library", ["postgresql"], indirect=True)
@pytest.mark.parametrize("text", ["infinity", "0044-03-15 12:00:00 BC"])
def test_reads_times_that_python_has_no_value_for(library, text):
    add_passkey(library, created_at=text)

    assert PassKey.objects.get().created_at == text


@pytest.mark.parametrize("value", ["", "yesterday", 5])
def test_refuses_to_write_what_is_no_time(value):
    with pytest.raises(ValidationError):
        field().get_prep_value(value)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("lst_mod_date", "2026-01-02 03:04:05"),
        ("lst_mod_date", "2026-01-02 03:04:05.5"),
        ("lst_mod_date", "2026-01-02 03:04:05.678900"),
    ],
)
def test_form_of_a_stamp_gives_the_text_typed(name, typed):
    assert Site._meta.get_field(name).formfield().clean(typed) == typed


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("updated_day", "2026-02-30"),
        ("updated_day", "2026-1-2"),
        ("updated_day", "20260102"),
        ("updated_time", "24:00:00"),
        ("updated_time", "1:02"),
    ],
)
def test_form_of_a_day_and_a_time_of_day_refuse_others(name, typed):
    with pytest.raises(ValidationError, match="as "):
        SiteUserData._meta.get_field(name).formfield().clean(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-02-30 00:00:00",
        "2026-01-02",
        "2026-01-02T03:04:05",
        "２０26-01-02 03:04:05",
    ],
)
def test_form_of_a_stamp_refuses_others(typed):
    with pytest.raises(ValidationError, match="YYYY-MM-DD HH:MM:SS"):
        Site._meta.get_field("lst_mod_date").formfield().clean(typed)


def test_form_of_a_real_time_gives_a_time():
    clean = field().formfield().clean

    assert clean("2026-01-02 03:04:05.678900") == MOMENT
    assert clean("") is None
