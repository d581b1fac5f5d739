"""The plain admin's side, in a process of its own.

`python -m bench.plain.worker TASK FILE [RECORDS]`, in the environment that
bench.run makes, prints figures as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import django
from django.core.management import call_command
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from bench.measure import Page, measure_page, medians, memory, stopwatch
from bench.pages import SEARCHES, Place
from bench.raw import Bare, connect, find_place

if TYPE_CHECKING:
    from django.http import HttpRequest

    from bench.plain.admin import PlainAdmin

RECORD = 'name="_selected_action"'
MOST_SAVES = 2_500
"""Records saved one by one at most."""
RUNS = 3


def prepare() -> Any:
    """Make the admin's own tables, and who does the work."""
    from django.contrib.auth.models import User

    call_command("migrate", verbosity=0)
    return User.objects.create_superuser("bench")


def measure_lists(path: Path) -> dict[str, Any]:
    """Every page of both admins, signed in."""
    client = Client(headers={"host": "localhost"})
    client.force_login(prepare())
    place = find_place(path)
    figures: dict[str, Any] = {
        site: {
            name: measure_page(client, page)
            for name, page in pages_of(site, place).items()
        }
        for site in ("tuned", "box")
    }
    return {**figures, "rss": memory("VmRSS")}


def pages_of(site: str, place: Place) -> dict[str, Page]:
    """The addresses of the pages."""
    url = reverse(f"{site}:plain_transferhistory_changelist", current_app=site)
    record = reverse(f"{site}:plain_transferhistory_change", args=[place.record_id])
    pages = {
        "first": Page(url, RECORD),
        "deep": Page(f"{url}?p={place.middle}", RECORD),
        "status": Page(f"{url}?status__exact=0", RECORD),
        # The date is the eleventh column; column 0 is the check box.
        "last": Page(f"{url}?o=11&p={place.last}", RECORD),
        "home": Page(reverse(f"{site}:index")),
        "record": Page(record),
    }
    for name, text in SEARCHES.items():
        pages[name] = Page(f"{url}?{urlencode({'q': text})}", RECORD)
    return pages


def measure_bulk(path: Path, records: int) -> dict[str, Any]:
    """Set one field of the newest records, in the two ways actions are written."""
    with closing(connect(path)) as file:
        work = Work(Bare(file, records), prepare())
        update = medians([work.update() for _ in range(RUNS)])
        few = min(records, MOST_SAVES)
        save = Work(Bare(file, few), work.by).save_each()
    # A hundred thousand would take a minute: told from fewer.
    save = {name: seconds * records / few for name, seconds in save.items()}
    return {**update, **save, "is_told": records > few, "rss": memory("VmHWM")}


def measure_delete(path: Path, records: int) -> dict[str, Any]:
    """Delete the newest records as the admin's own action does, its page aside."""
    with closing(connect(path)) as file:
        delete = Work(Bare(file, records), prepare()).delete()
    return {**delete, "rss": memory("VmHWM")}


class Work:
    """Something an action of the admin does to the newest records."""

    def __init__(self, bare: Bare, by: Any) -> None:
        from bench.plain.admin import plain_site
        from bench.plain.models import TransferHistory

        self.bare, self.by = bare, by
        self.admin: PlainAdmin = plain_site.get_model_admin(TransferHistory)  # type: ignore[assignment]
        self.records = TransferHistory.objects.filter(date__gte=bare.since)
        self.request: HttpRequest = RequestFactory().post("/")
        self.request.user = by

    def update(self) -> dict[str, float]:
        """`queryset.update()`."""
        return self._timed("update", lambda: self.records.update(category="update"))

    def save_each(self) -> dict[str, float]:
        """Save each and log each, in one transaction."""
        return self._timed("save", self._save_each)

    def delete(self) -> dict[str, float]:
        """Log and delete."""
        return self._timed("delete", self._delete, restore=False)

    def _save_each(self) -> None:
        with transaction.atomic(), transaction.atomic("moviepilot"):
            for record in self.records.iterator():
                record.category = "save"
                record.save()
                self.admin.log_change(self.request, record, [{"changed": {}}])

    def _delete(self) -> None:
        with transaction.atomic(), transaction.atomic("moviepilot"):
            self.admin.log_deletions(self.request, self.records)
            self.admin.delete_queryset(self.request, self.records)

    def _timed(
        self, name: str, call: Callable[[], object], *, restore: bool = True
    ) -> dict[str, float]:
        taken: dict[str, float] = {}
        if restore:
            self.bare.keep_categories()
        with stopwatch(taken, name):
            call()
        if restore:
            self.bare.put_back()
        return taken


def main(task: str, path: Path, records: int) -> None:
    """Do one task."""
    django.setup()
    from bench.plain import exchange

    tasks: dict[str, Callable[[], dict[str, Any]]] = {
        "lists": lambda: measure_lists(path),
        "bulk": lambda: measure_bulk(path, records),
        "delete": lambda: measure_delete(path, records),
        "import": lambda: exchange.measure_import(path),
        "export": lambda: exchange.measure_export(path),
    }
    print(json.dumps(tasks[task]()))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int((sys.argv[3:] or "0")[0]))
