"""Each model in its database, for queries and for migrations."""

import pytest
from django.apps import apps

from core.models import Operator, OperatorSession
from core.models.base import Record
from mpadmin.router import MoviePilotRouter

ROUTER = MoviePilotRouter()
RECORDS = [model for model in apps.get_models() if issubclass(model, Record)]
OTHERS = [model for model in apps.get_models() if not issubclass(model, Record)]


def test_there_are_seventeen_tables_of_moviepilot():
    assert len(RECORDS) == 17


@pytest.mark.parametrize("model", RECORDS)
def test_records_live_in_moviepilots_database_only(model):
    names = (model._meta.app_label, model._meta.model_name)

    assert ROUTER.db_for_read(model) == ROUTER.db_for_write(model) == "moviepilot"
    assert ROUTER.allow_migrate("moviepilot", *names)
    assert not ROUTER.allow_migrate("default", *names)


@pytest.mark.parametrize("model", OTHERS)
def test_everything_else_lives_in_the_consoles_database_only(model):
    names = (model._meta.app_label, model._meta.model_name)

    assert ROUTER.db_for_read(model) == ROUTER.db_for_write(model) == "default"
    assert ROUTER.allow_migrate("default", *names)
    assert not ROUTER.allow_migrate("moviepilot", *names)


def test_migrations_of_data_and_of_forgotten_models_stay_out_of_moviepilots():
    assert not ROUTER.allow_migrate("moviepilot", "core")
    assert not ROUTER.allow_migrate("moviepilot", "core", "forgotten")
    assert ROUTER.allow_migrate("default", "core", "forgotten")


def test_relations_do_not_cross():
    record = RECORDS[0]()

    assert ROUTER.allow_relation(Operator(), OperatorSession())
    assert not ROUTER.allow_relation(Operator(), record)
