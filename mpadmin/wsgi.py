"""The WSGI application that gunicorn serves."""

import os

import django
from django.core.handlers.wsgi import WSGIHandler

from mpadmin.requests import ConsoleRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mpadmin.settings")


class ConsoleHandler(WSGIHandler):
    """Reads requests as ConsoleRequest does."""

    request_class = ConsoleRequest


django.setup(set_prefix=False)
application = ConsoleHandler()
