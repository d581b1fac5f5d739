"""The keys: all of MoviePilot's, with what is known of each."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from core.systemconfig.keys import (
    PluginKey,
    SystemConfigKey,
    UserConfigKey,
    key_text,
    known_key,
)
from core.systemconfig.purposes import PURPOSES
from core.systemconfig.shapes import SHAPES

REFERENCE = Path(settings.BASE_DIR, "../shared/reference/systemconfigkey.json")


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference is not here")
def test_every_key_of_moviepilot_is_there_with_its_secrecy():
    described = json.loads(REFERENCE.read_text())

    known = {key["name"]: key for key in described["SystemConfigKey"]}

    assert {*SystemConfigKey.names} == {*known, "RssUrls"}
    for name, facts in known.items():
        assert SystemConfigKey[name].value == facts["value"]
        assert SystemConfigKey[name].is_secret is facts["secret"]
    users = {key["name"] for key in described["UserConfigKey"]}
    assert users <= {*UserConfigKey.names}


def test_every_key_has_a_label_a_purpose_and_a_shape():
    assert len(SystemConfigKey) == 38
    assert {*PURPOSES} == {*SHAPES} == {*SystemConfigKey.values}
    for key in SystemConfigKey:
        assert key.label != key.value
        assert str(key.purpose).endswith(".")
        assert isinstance(key.shape, dict)


def test_labels_and_purposes_can_be_translated():
    with translation.override("zh-hans"):
        assert str(SystemConfigKey.IndexerSites.label)
        assert str(SystemConfigKey.IndexerSites.purpose)


def test_a_plugins_key_is_a_text_that_knows_its_plugin():
    key = SystemConfigKey.plugin("AutoSignIn")

    assert key == "plugin.AutoSignIn"
    assert (key.value, key.plugin_id) == ("plugin.AutoSignIn", "AutoSignIn")
    assert key.is_secret
    assert isinstance(key, PluginKey)


@pytest.mark.parametrize("plugin_id", ["", "a b", "plugin.A", "1A", "A-B", None, 3])
def test_what_is_no_id_of_a_plugin_is_refused(plugin_id):
    with pytest.raises(ValueError, match="id of a plugin"):
        SystemConfigKey.plugin(plugin_id)


def test_a_stored_text_is_recognised():
    assert known_key("RssUrls") is SystemConfigKey.RssUrls
    assert known_key("plugin.Mine") == SystemConfigKey.plugin("Mine")
    for unknown in ("WorkflowCache-1", "plugin.", "plugin.a-b", "rssurls", "", None):
        assert known_key(unknown) is None


def test_only_declared_keys_have_a_text():
    assert key_text(SystemConfigKey.RssUrls) == "RssUrls"
    with pytest.raises(TypeError, match="declare the key"):
        key_text("WorkflowCache-1")
    with pytest.raises(TypeError, match="not NoneType"):
        key_text(None)
    with pytest.raises(TypeError, match="SystemConfigKey"):
        key_text(UserConfigKey.Layout)
