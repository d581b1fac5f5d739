"""What JSON MoviePilot can read under each key: JSON Schemas, 2020-12.

Strict about what would stop MoviePilot or break its pages: another outer type, members
of another type, a name that is missing. Open about the rest: plugins and other versions
add properties and kinds of their own. Null is always allowed, it reads as if there were
no setting.
"""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]

ANYTHING: Shape = {}
TEXT: Shape = {"type": "string"}
MAYBE_TEXT: Shape = {"type": ["string", "null"]}
# MoviePilot takes 0 and 1 for false and true here.
MAYBE_FLAG: Shape = {"type": ["boolean", "integer", "null"], "minimum": 0, "maximum": 1}
MAYBE_OBJECT: Shape = {"type": ["object", "null"]}
NAME: Shape = {"type": "string", "minLength": 1}
NUMBER_OR_TEXT: Shape = {"type": ["number", "string", "null"]}


def or_null(kind: str, **rules: Any) -> Shape:
    """A value of this type, or null."""
    return {"type": [kind, "null"], **rules}


def list_of(member: Shape) -> Shape:
    """A list of such members, or null for none."""
    return or_null("array", items=member)


def objects(required: tuple[str, ...], **properties: Shape) -> Shape:
    """A list of objects with at least these properties."""
    return list_of(
        {"type": "object", "required": [*required], "properties": properties}
    )


TEXTS = list_of(TEXT)
MAPPING = or_null("object")
SITE_IDS = list_of({"type": "integer"})
MARK: Shape = {"type": ["string", "boolean", "number", "null"]}
"""Set or not set; by now as text, by now as a flag."""
PATHS = list_of({"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2})
HOURS: Shape = {
    "type": "object",
    "required": ["start", "end"],
    "properties": {
        edge: {"type": "string", "pattern": "^([01]?[0-9]|2[0-3])(:[0-5]?[0-9]){1,2}$"}
        for edge in ("start", "end")
    },
}
DIRECTORY = {
    **dict.fromkeys(
        (
            "storage",
            "download_path",
            "media_type",
            "media_category",
            "monitor_type",
            "monitor_mode",
            "transfer_type",
            "overwrite_mode",
            "library_path",
            "library_storage",
        ),
        MAYBE_TEXT,
    ),
    **dict.fromkeys(
        (
            "download_type_folder",
            "download_category_folder",
            "library_type_folder",
            "library_category_folder",
            "renaming",
            "scraping",
            "notify",
        ),
        MAYBE_FLAG,
    ),
    "name": MAYBE_TEXT,
    # Sorted by: a null beside a number cannot be.
    "priority": {"type": ["integer", "string"], "pattern": "^-?[0-9]+$"},
}
SUBSCRIPTION = or_null(
    "object",
    properties={
        "sites": list_of({"type": ["integer", "string"]}),
        "filter_groups": TEXTS,
    },
)

SHAPES: dict[str, Shape] = {
    "Downloaders": objects(
        ("name", "type"),
        name=NAME,
        type=NAME,
        default=MAYBE_FLAG,
        enabled=MAYBE_FLAG,
        path_mapping=PATHS,
        config=MAYBE_OBJECT,
    ),
    "MediaServers": objects(
        ("name", "type"),
        name=NAME,
        type=NAME,
        enabled=MAYBE_FLAG,
        sync_libraries=list_of({"type": ["string", "integer"]}),
        config=MAYBE_OBJECT,
    ),
    "Notifications": objects(
        ("name", "type"),
        name=NAME,
        type=NAME,
        enabled=MAYBE_FLAG,
        switchs=TEXTS,
        config=MAYBE_OBJECT,
    ),
    "NotificationSwitchs": objects(("type",), type=NAME, action=MAYBE_TEXT),
    "Directories": objects((), **DIRECTORY),
    "Storages": objects(("type",), type=NAME, name=MAYBE_TEXT, config=MAYBE_OBJECT),
    "IndexerSites": SITE_IDS,
    "RssSites": SITE_IDS,
    "RssUrls": TEXTS,
    "CustomReleaseGroups": TEXTS,
    # Older versions kept one text, with a word in each line.
    "Customization": {"type": ["array", "string", "null"], "items": TEXT},
    "CustomIdentifiers": TEXTS,
    "EpisodeFormatRuleTable": objects(
        (), name=MAYBE_TEXT, format=MAYBE_TEXT, enabled=MAYBE_FLAG, order=NUMBER_OR_TEXT
    ),
    "TransferExcludeWords": TEXTS,
    "TorrentsPriority": TEXTS,
    "CustomFilterRules": objects(
        ("id", "name"),
        id=NAME,
        name=NAME,
        **dict.fromkeys(
            ("include", "exclude", "size_range", "seeders", "publish_time"), MAYBE_TEXT
        ),
    ),
    "UserFilterRuleGroups": objects(
        ("name",),
        name=NAME,
        rule_string=MAYBE_TEXT,
        media_type=MAYBE_TEXT,
        category=MAYBE_TEXT,
    ),
    "SearchFilterRuleGroups": TEXTS,
    "SubscribeFilterRuleGroups": TEXTS,
    "SubscribeDefaultParams": MAPPING,
    "BestVersionFilterRuleGroups": TEXTS,
    "SubscribeReport": MARK,
    "UserCustomCSS": MAYBE_TEXT,
    "UserInstalledPlugins": TEXTS,
    # Older versions kept the list of plugins alone.
    "PluginFolders": or_null(
        "object",
        additionalProperties={
            "type": ["object", "array"],
            "properties": {"plugins": TEXTS},
            "items": TEXT,
        },
    ),
    "DefaultMovieSubscribeConfig": SUBSCRIPTION,
    "DefaultTvSubscribeConfig": SUBSCRIPTION,
    "UserSiteAuthParams": or_null(
        "object", properties={"site": MAYBE_TEXT, "params": MAYBE_OBJECT}
    ),
    "FollowSubscribers": TEXTS,
    "NotificationSendTime": {
        **HOURS,
        "type": ["object", "array", "null"],
        "items": HOURS,
    },
    "AIAgentConfig": MAPPING,
    "AIAgentMcpServers": objects(
        ("name",), name=NAME, headers=MAYBE_OBJECT, env=MAYBE_OBJECT
    ),
    "NotificationTemplates": or_null("object", additionalProperties=TEXT),
    "NotificationClearBefore": or_null(
        "object", additionalProperties={"type": ["number", "null"]}
    ),
    # Older versions kept a flag for each.
    "ScrapingSwitchs": or_null(
        "object", additionalProperties={"type": ["string", "boolean", "null"]}
    ),
    "PluginInstallReport": MARK,
    "SetupWizardState": MARK,
    "UgreenSessionCache": MAPPING,
}
