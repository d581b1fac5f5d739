"""The least that Django's admin needs, and two databases as the console has them."""

import os

SECRET_KEY = "synthetic-key-of-the-benchmark-only-9876543210"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "bench.plain.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("BENCH_OWN", ":memory:"),
    },
    "moviepilot": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("BENCH_MOVIEPILOT", ":memory:"),
        "OPTIONS": {"timeout": 60, "transaction_mode": "IMMEDIATE"},
    },
}
DATABASE_ROUTERS = ["bench.plain.models.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "bench.plain",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "static/"
USE_TZ = True
