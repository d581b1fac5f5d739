"""A record made from what it needs is what MoviePilot's ORM would have stored."""

import pytest

from core.changes import create_records
from core.changes.tests.support import stored
from core.changes.tests.test_required_shapes import NEEDED, add, field_names
from core.models import (
    MediaServerItem,
    PassKey,
    Subscribe,
    User,
    Workflow,
)
from history.models import DownloadFiles, SubscribeHistory, TransferHistory
from sites.models import Site, SiteStatistic, SiteUserData

ZEROS = dict.fromkeys(("best_version", "best_version_full", "search_imdbid"), 0)
TRAFFIC = [
    "bonus",
    "upload",
    "download",
    "ratio",
    "seeding",
    "leeching",
    "seeding_size",
    "leeching_size",
]
NOW = "now"
DEFAULTS = {
    Subscribe: {
        **ZEROS,
        "filter_groups": "[]",
        "state": "N",
        "sites": "[]",
        "manual_total_episode": 0,
    },
    SubscribeHistory: {**ZEROS, "filter_groups": "[]"},
    TransferHistory: {
        "src_fileitem": "{}",
        "dest_fileitem": "{}",
        "status": True,
        "files": "[]",
    },
    DownloadFiles: {"state": 1},
    MediaServerItem: {"seasoninfo": "{}", "lst_mod_date": NOW},
    User: {
        "is_active": True,
        "is_superuser": False,
        "is_otp": False,
        "permissions": "{}",
        "settings": "{}",
    },
    PassKey: {
        "sign_count": 0,
        "name": "通行密钥",
        "created_at": NOW,
        "is_active": True,
    },
    Site: {
        "pri": 1,
        "limit_interval": 0,
        "limit_count": 0,
        "limit_seconds": 0,
        "timeout": 15,
        "is_active": True,
        "lst_mod_date": NOW,
    },
    SiteStatistic: {"lst_mod_date": NOW},
    SiteUserData: {
        **dict.fromkeys(TRAFFIC, 0.0),
        # MoviePilot's own is {}, which its pages cannot read.
        "seeding_info": "[]",
        "message_unread": 0,
        "message_unread_contents": "[]",
        "updated_day": NOW,
        "updated_time": NOW,
    },
    Workflow: {
        "trigger_type": "timer",
        "event_conditions": "{}",
        "state": "W",
        "run_count": 0,
        "actions": "[]",
        "flows": "[]",
        "context": "{}",
        "add_time": NOW,
    },
}
"""What MoviePilot's ORM stores where it is given nothing; elsewhere NULL."""


@pytest.mark.parametrize("model", NEEDED, ids=lambda model: model.__name__)
def test_a_new_record_holds_what_moviepilots_orm_would_store(library, model):
    if model is PassKey:
        add(library, User)
    change_set = create_records(model, [NEEDED[model]])

    [pk] = change_set.record_ids()
    now = {name: stored(model, pk, name) for name in field_names(model) - {"id"}}
    expected = {**dict.fromkeys(now), **NEEDED[model], **DEFAULTS.get(model, {})}
    for name, value in expected.items():
        if value is NOW:
            # PostgreSQL leaves out the zeros at the end of microseconds.
            assert len(str(now[name])) in (8, 10, *range(19, 27)), name
        else:
            assert (name, now[name]) == (name, value)
            if library.vendor == "postgresql":
                assert type(now[name]) is type(value)
