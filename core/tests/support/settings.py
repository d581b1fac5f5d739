"""Settings of the tests: nothing of the developer's own environment gets in."""

import os
import tempfile

_NAMES = (
    "MOVIEPILOT_CONFIG_DIR MOVIEPILOT_DATABASE_URL MOVIEPILOT_TZ DATABASE_URL DEBUG "
    "ALLOWED_HOSTS CSRF_TRUSTED_ORIGINS REDIS_URL REDIS_HOST MPADMIN_PORT "
    "MPADMIN_ADDRESS MPADMIN_SESSION_IDLE_MINUTES MPADMIN_SESSION_HOURS "
    "MPADMIN_TRUSTED_PROXIES MPADMIN_HTTPS MPADMIN_HSTS_SECONDS"
)
for _name in _NAMES.split():
    os.environ.pop(_name, None)
# Not there, and nothing makes it: the fixtures bind files of their own.
os.environ["MPADMIN_DATA_DIR"] = f"{tempfile.gettempdir()}/mpadmin-tests-{os.getpid()}"
os.environ["MPADMIN_ENV_FILE"] = os.devnull
os.environ["SECRET_KEY"] = "synthetic-key-of-the-test-suite-only-0123456789"

from mpadmin.settings import *  # noqa: E402, F403 - after the environment is clean
from mpadmin.settings import ALLOWED_HOSTS as _HOSTS  # noqa: E402 - (the same)

ALLOWED_HOSTS = [*_HOSTS, "testserver"]
PASSWORD_HASHERS = ["core.tests.support.hashers.QuickHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
