"""Secrets: encrypted where they are kept, masked where they are shown."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.models import SystemConfig
from core.secrets import (
    MASK,
    SECRET_NAME,
    UnreadableSecret,
    decrypt,
    encrypt,
    is_secret,
    is_secret_part,
    mask_json,
    mask_json_text,
)
from sites.models import Site

SECRET = "synthetic-secret"


@pytest.mark.parametrize(
    "text", ["", SECRET, "电影 🎬", "\ud800", "x" * 100_000, "\x00"]
)
def test_what_is_encrypted_reads_back(text):
    token = encrypt(text)

    assert decrypt(token) == text
    assert token.isascii()
    assert not text or text not in token
    assert encrypt(text) != token


def test_another_key_cannot_read_it_unless_the_old_one_is_kept(settings):
    old, token = settings.SECRET_KEY, encrypt(SECRET)
    settings.SECRET_KEY = "synthetic-other-key"

    with pytest.raises(UnreadableSecret, match="SECRET_KEY_FALLBACKS"):
        decrypt(token)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert decrypt(token) == SECRET


@pytest.mark.parametrize("token", ["", "x", "电", "gAAAAA=="])
def test_what_is_no_token_is_unreadable(token):
    with pytest.raises(UnreadableSecret):
        decrypt(token)


def test_nothing_is_encrypted_with_a_key_that_will_be_gone(settings):
    settings.SECRET_KEY_IS_EPHEMERAL = True

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        encrypt(SECRET)


def test_columns_are_secret_as_their_model_says():
    assert is_secret(Site, "cookie")
    assert not is_secret(Site, "name")


SECRET_NAMES = (
    "password passwd pwd token access_token apikey api_key API_KEY secret clientSecret "
    "cookie authorization passkey webhook_url session private_key key pin AESKey"
)
PLAIN_NAMES = "name host port enabled keyword keys_order path category"


def test_names_tell_what_is_secret():
    assert all(SECRET_NAME.search(name) for name in SECRET_NAMES.split())
    assert not any(SECRET_NAME.search(name) for name in PLAIN_NAMES.split())


def test_addresses_with_a_key_in_them_are_secret():
    for address in (
        "https://t.example/rss?passkey=1",
        "https://t.example/rss?a=1&uid=5&linktype=dl",
        "https://t.example/dl?id=1;rsskey=abc",
    ):
        assert is_secret_part("url", address)
    assert not is_secret_part("url", "https://t.example/?page=2")


def test_secret_parts_are_masked_and_the_rest_is_shown():
    value = {
        "name": "qb",
        "enabled": True,
        "config": {"username": "u", "password": SECRET, "port": 8080, "token": None},
        "list": [{"api_key": SECRET}, "plain"],
        "empty": {"password": ""},
    }

    masked = mask_json(value)

    assert masked == {
        "name": "qb",
        "enabled": True,
        "config": {"username": "u", "password": MASK, "port": 8080, "token": None},
        "list": [{"api_key": MASK}, "plain"],
        "empty": {"password": ""},
    }
    assert value["config"]["password"] == SECRET


def test_all_that_stands_under_a_secret_name_is_masked():
    value = {"tokens": {"github": SECRET, "since": 5}, "cookies": [{"value": SECRET}]}

    assert SECRET not in json.dumps(mask_json(value))
    assert mask_json(value)["tokens"] == {"github": MASK, "since": MASK}


def test_every_text_is_masked_where_anything_may_be_secret():
    value = {"a": "x", "b": [1, True, None, ""], "c": {"d": 1.5}}

    assert mask_json(value, every_text=True) == {
        "a": MASK,
        "b": [MASK, True, None, ""],
        "c": {"d": MASK},
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{broken", MASK),
        ("", MASK),
        ("[" * 100_000, MASK),
        ("null", "null"),
        (5, "5"),
        (b"\xff", MASK),
        ('["\\ud800", "\\u0000"]', '["\\ud800", "\\u0000"]'),
        ('{"名": "电影"}', '{"名": "电影"}'),
        ('{"password": "x"}', f'{{"password": "{MASK}"}}'),
    ],
)
def test_stored_json_is_masked_whatever_it_is(text, shown):
    assert mask_json_text(text) == shown


def test_a_setting_nobody_knows_is_masked_whole():
    raw = json.dumps({"site": SECRET})

    assert SECRET not in SystemConfig.mask_secret("value", raw, "plugin.Unknown")
    assert SECRET in SystemConfig.mask_secret("value", raw, "Downloaders")
