"""Which column of a file means which column of a table."""

import pytest
from django.apps import apps

from core.exchange.columns import guess
from core.models.base import Record
from history.models import TransferHistory
from sites.models import Site

MODELS = [model for model in apps.get_models() if issubclass(model, Record)]
ALLOWED = ["id", "name", "domain", "pri", "is_active", "limit_count"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["id", "name", "pri"], ["id", "name", "pri"]),
        (["ID", " Name ", "PRI"], ["id", "name", "pri"]),
        (["Priority", "Is Active", "limit-count"], ["pri", "is_active", "limit_count"]),
        (["优先级", "域名"], ["pri", "domain"]),
        (["name", "Name", "priority"], ["name", "", "pri"]),
        (["cookie", "nothing", ""], ["", "", ""]),
    ],
    ids=["own", "case", "label", "chinese", "twice", "unknown"],
)
def test_a_column_is_known_by_its_name_and_its_labels(names, expected):
    assert guess(Site, names, ALLOWED) == expected


def test_a_columns_own_name_goes_before_anothers_label():
    names = [field.attname for field in TransferHistory._meta.fields]

    assert guess(TransferHistory, names, names) == names


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_natural_key_is_made_of_columns(model):
    names = {field.attname for field in model._meta.fields}

    assert all(names >= {*group} for group in model.natural_key)
    assert model.natural_key or model.__name__ == "Message"
