"""The Chinese catalogue: complete, compiled as it stands, and in force on the pages."""

import ast
import gettext
import re
import shutil
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.urls import reverse

from core.admin.tests.awkward import record_models
from core.changes import Delete, Selection, Set, SetNull, apply, plan
from core.fields import TextColumn
from core.models import Subscribe
from core.tests.support.live import environment
from core.tests.support.servers import unavailable

ROOT = settings.BASE_DIR
APPS = ["core", "history", "sites", "mpadmin"]
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES"
CHINESE = {"accept-language": "zh-CN,zh;q=0.9"}
PLACEHOLDER = re.compile(r"%\(\w+\)\w|%[sd]|\{\w*\}|</?[a-z][^>]*>")
MARKER = re.compile(r"_|[a-z]*gettext(_lazy)?")
# Names, abbreviations, what MoviePilot stores, and samples of what to type.
SAME_IN_CHINESE = """
mpadmin MoviePilot SQLite Asia/Shanghai English olivia NULL JSON ID TMDB IMDb TVDB tt
The_Movie_Database TheTVDB Bangumi Cookie Cron User-Agent API_Key API RSS Passkey
Info_Hash bcrypt data HDR usb nfc internal Dashboard Layout transfer.complete
plugin.<id> link softlink copy move rclone_copy rclone_move local alipan u115 rclone
alist smb Rclone OpenList SMB timer event manual Telegram Slack Discord SynologyChat
Synology_Chat VoceChat Web WebPush QQ_OpenID QQ ClawBot WebAgent KB MB GB
Python Windows \\g<name> id discovery search subscribe manage true false
"""
WORDS = [re.escape(word).replace("_", "[ _]") for word in SAME_IN_CHINESE.split()]
KNOWN = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(WORDS)})(?![A-Za-z])")


# --- The catalogue


def load(path):
    """A compiled catalogue: text, after its context if it has one → translation."""
    with path.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog
    # The key of a text with a plural is a pair.
    known = {k if isinstance(k, str) else k[0]: text for k, text in catalogue.items()}
    return {text: known[text] for text in known if text}


def run(*command, cwd, **options):
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def gettext_tools():
    """The programs that collect and compile texts."""
    if not all(map(shutil.which, ("xgettext", "msgen", "msgfmt"))):
        unavailable("gettext is not installed")


@pytest.fixture(scope="module")
def collected(gettext_tools, tmp_path_factory):
    """Every text that is marked for translation, found anew in a copy of the source."""
    tree = tmp_path_factory.mktemp("source")
    for name in [*APPS, "templates"]:
        unwanted = shutil.ignore_patterns("tests", "__pycache__")
        shutil.copytree(ROOT / name, tree / name, ignore=unwanted)
    shutil.copy(ROOT / "manage.py", tree)
    (tree / "locale").mkdir()
    collect = ["manage.py", "makemessages", "--locale=zh_Hans"]
    variables = environment(MPADMIN_DATA_DIR=str(tree / "data"))
    run(sys.executable, *collect, cwd=tree, env=variables)
    # Each text as its own translation, so that none is left out of what is compiled.
    fresh = "locale/zh_Hans/LC_MESSAGES/django.po"
    run("msgen", fresh, "--output-file=en.po", cwd=tree)
    run("msgfmt", "en.po", "--output-file=en.mo", cwd=tree)
    return {*load(tree / "en.mo")}


def test_every_text_is_translated_and_no_other(collected):
    translated = {*load(CATALOGUE / "django.mo")}

    missing, unused = collected - translated, translated - collected
    assert (missing, unused) == (set(), set()), "see `make messages`"


def test_the_compiled_catalogue_is_what_was_written(gettext_tools, tmp_path):
    source, compiled = CATALOGUE / "django.po", tmp_path / "django.mo"

    run("msgfmt", "--check-format", source, "--output-file", compiled, cwd=tmp_path)

    assert load(compiled) == load(CATALOGUE / "django.mo")


def test_nothing_is_left_for_a_translator_to_look_at():
    source = (CATALOGUE / "django.po").read_text()

    assert not re.findall(r"^#(?:, fuzzy|~).*", source, re.MULTILINE)
    assert not re.findall(r'^msgstr(?:\[0\])? ""\n(?!")', source, re.MULTILINE)


def test_translations_keep_the_placeholders():
    kept = load(CATALOGUE / "django.mo").items()

    wrong = [
        text
        for text, chinese in kept
        if Counter(PLACEHOLDER.findall(text)) != Counter(PLACEHOLDER.findall(chinese))
        and "plugin.<id>" not in text
    ]
    assert wrong == []


def test_no_text_stands_where_it_is_not_collected():
    """xgettext does not look into f-strings."""
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for name in APPS
        for path in (ROOT / name).rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and MARKER.fullmatch(call.func.id)
    ]

    assert hidden == []


# --- The pages


class Words(HTMLParser):
    """What a page says: its text, and what is read out or shown for its elements."""

    UNREAD = frozenset({"script", "style", "code", "kbd"})
    SPOKEN = frozenset({"aria-label", "placeholder", "title", "alt"})

    def __init__(self, html):
        super().__init__()
        self.unread, self.found = 0, []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.unread += tag in self.UNREAD
        self.found += [value for name, value in attrs if name in self.SPOKEN and value]

    def handle_endtag(self, tag):
        self.unread -= tag in self.UNREAD

    def handle_data(self, data):
        if not self.unread:
            self.found.append(data)


def english(page):
    """What a page says in other words than Chinese ones and those with no Chinese."""
    said = Words(page.content.decode()).found
    return {
        text.strip() for text in said if re.search("[A-Za-z]{2}", KNOWN.sub("", text))
    }


@pytest.fixture
def chinese(operator_client):
    """Opens a page in Chinese, by POST when it gets data."""

    def open_page(address, *, status=200, **data):
        ask = operator_client.post if data else operator_client.get
        page = ask(address, data, headers=CHINESE, follow=True)
        assert page.status_code == status, address
        return page

    return open_page


def add(library, model=Subscribe):
    """Add a row of Chinese text, with nothing where nothing need be."""
    numbers = models.IntegerField | models.ForeignKey
    values = {
        field.attname: 1 if isinstance(field, numbers) else "一"
        for field in model._meta.fields
        if type(field) is TextColumn or not (field.null or field.primary_key)
    }
    return library.insert(model._meta.db_table, **values)


def plan_edit(operator, *ids):
    operations = {"state": Set("S"), "downloader": SetNull(), "name": Set("二")}
    return plan(
        Subscribe, operations, selection=Selection(Subscribe, ids=ids), by=operator
    )


@pytest.mark.parametrize("model", record_models(), ids=lambda model: model.__name__)
def test_the_pages_of_every_table_are_chinese(sqlite_library, chinese, model):
    pk = add(sqlite_library, model)
    pages = admin.site.get_model_admin(model)
    addresses = [
        pages.list_url(),
        f"{pages.list_url()}?all=1",
        f"{pages.list_url()}?q=三",
        pages.record_url(pk),
        pages.url("delete", pk),
        pages.url("history", pk),
        *([pages.url("add")] if pages.can_add else []),
    ]

    found = {at: english(chinese(at)) for at in addresses}
    assert {at: words for at, words in found.items() if words} == {}


def test_a_bulk_edit_and_its_undo_are_chinese(sqlite_library, operator, chinese):
    pks = [add(sqlite_library), add(sqlite_library)]
    made = plan_edit(operator, *pks)
    form = chinese(reverse("admin:core_subscribe_bulk"), do="edit", selected=pks)
    refused = chinese(form.request["PATH_INFO"], status=422, reason="一")
    preview = chinese(reverse("admin:core_plan_preview", args=[made.token]))
    applied = chinese(preview.request["PATH_INFO"], reason="一")
    sqlite_library.update("subscribe", pks[0], name="三")

    undo_address = f"{applied.request['PATH_INFO']}undo/"
    conflict = chinese(undo_address)
    undone = chinese(undo_address, reason="一")

    pages = [form, refused, preview, applied, conflict, undone]
    assert [english(page) for page in pages] == [set()] * len(pages)
    assert "已更新 2 条记录" in applied.content.decode()


def test_a_bulk_delete_is_chinese(sqlite_library, operator, chinese):
    selection = Selection(Subscribe, ids=[add(sqlite_library)])
    made = plan(Subscribe, Delete(), selection=selection, by=operator)

    asked = chinese(reverse("admin:core_plan_preview", args=[made.token]))
    deleted = chinese(asked.request["PATH_INFO"], reason="一")

    assert english(asked) == english(deleted) == set()


def test_the_other_pages_are_chinese(sqlite_library, operator, chinese):
    apply(plan_edit(None, add(sqlite_library)))  # by nobody in particular
    names = ["index", "core_changeset_changelist", "password_change"]
    names += ["core_operator_changelist", "core_operator_add"]

    for name in names:
        assert english(chinese(reverse(f"admin:{name}"))) == set(), name
    assert english(chinese("/core/operator/99/change/", status=404)) == set()


@pytest.mark.parametrize("accepted", ["zh-CN,zh;q=0.9", "zh", "zh-TW,en;q=0.5"])
def test_signing_in_speaks_chinese_to_a_chinese_browser(
    sqlite_library, client, accepted
):
    data = {"username": "一", "password": "synthetic-wrong"}

    asked = client.get("/login/", headers={"accept-language": accepted})
    refused = client.post("/login/", data, headers={"accept-language": accepted})

    assert english(asked) == english(refused) == set()
    assert "登录" in asked.content.decode()


def test_an_operators_choice_counts_more_than_the_browsers_language(
    sqlite_library, operator, operator_client
):
    operator.language = "zh-hans"
    operator.save()

    page = operator_client.get("/", headers={"accept-language": "en"})

    assert english(page) == set()


def test_another_language_gets_english(sqlite_library, operator_client):
    page = operator_client.get("/", headers={"accept-language": "fr"})

    assert "Latest changes" in page.content.decode()
