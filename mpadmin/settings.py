"""Django's settings, read from the environment: see docs/configuration.md."""

from pathlib import Path

from csp.constants import NONE, SELF
from django.core.management.utils import get_random_secret_key

from core.config import console, environment, settings
from mpadmin import attach, security
from mpadmin.background import QUEUE, queue_settings, task_settings
from mpadmin.caches import cache_settings

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(console.MPADMIN_DATA_DIR or BASE_DIR / "data").absolute()
ADDRESS = console.MPADMIN_ADDRESS
PORT = attach.port(console.MPADMIN_PORT)

# --- Databases

attachment = attach.attached(console, settings, DATA_DIR)
MOVIEPILOT_TZ = attachment.zone
MOVIEPILOT_ATTACHED = attachment.is_foreign

DATABASES = {
    "default": attach.console(console.DATABASE_URL, DATA_DIR),
    "moviepilot": attachment.database,
}
DATABASE_ROUTERS = ["mpadmin.router.MoviePilotRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": cache_settings(environment, DATA_DIR)}

# --- Long work

TASK_QUEUE = QUEUE
TASKS = task_settings(environment)
RQ_QUEUES = queue_settings(environment)
# At once: the change set is committed before its task is queued.
RQ = {"COMMIT_MODE": "auto"}
WORKERS = console.MPADMIN_WORKERS

# --- The log of changes

KEEP_CHANGES_DAYS = attach.days(console.MPADMIN_KEEP_CHANGES_DAYS)

# --- Security

SECRET_KEY_FILE = DATA_DIR / "secret.key"


def secret_key() -> str:
    """SECRET_KEY, else the key that `serve` keeps in the data folder, else none."""
    if console.SECRET_KEY:
        return console.SECRET_KEY
    try:
        return SECRET_KEY_FILE.read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise attach.SettingsError(
            f"{SECRET_KEY_FILE} cannot be read — start the console as the user who "
            "made it."
        ) from error


SECRET_KEY = secret_key()
SECRET_KEY_IS_EPHEMERAL = not SECRET_KEY
SECRET_KEY = SECRET_KEY or get_random_secret_key()
SECRET_KEY_FALLBACKS = console.SECRET_KEY_FALLBACKS
DEBUG = console.DEBUG
ALLOWED_HOSTS = console.ALLOWED_HOSTS
CSRF_TRUSTED_ORIGINS = console.CSRF_TRUSTED_ORIGINS
AUTH_USER_MODEL = "core.Operator"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "core.auth.backend.MoviePilotBackend",
]
# Of local operators; MoviePilot's users have MoviePilot's rules.
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Posters come from wherever MoviePilot found them.
        "img-src": [SELF, "data:", "https:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
# Nothing is told to poster servers. Not "no-referrer": forms would post "Origin: null".
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# A record's form posts whole values, which percent-encoding makes nine times as long.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 2**20
# The rest of the headers: core.headers.
SILENCED_SYSTEM_CHECKS = [
    # HSTS for the domain's other hosts, and for good: not for the console to say.
    "security.W005",
    "security.W021",
]

# --- Sessions and cookies

SESSION_ENGINE = "core.auth.sessions"
SESSION_IDLE_AGE = security.idle_seconds(console.MPADMIN_SESSION_IDLE_MINUTES)
SESSION_COOKIE_AGE = security.session_seconds(console.MPADMIN_SESSION_HOURS)
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
# Cookies do not know ports: another program on this host must not take ours.
SESSION_COOKIE_NAME = "mpadmin_session"
CSRF_COOKIE_NAME = "mpadmin_csrf"
LANGUAGE_COOKIE_NAME = "mpadmin_language"

# --- Proxies and HTTPS

TRUSTED_PROXIES = security.proxies(console.MPADMIN_TRUSTED_PROXIES)
# core.auth.proxies takes it out of requests that no trusted proxy sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
HTTPS = console.MPADMIN_HTTPS
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
HSTS_SECONDS = security.hsts_seconds(console.MPADMIN_HSTS_SECONDS)
SECURE_HSTS_SECONDS = HSTS_SECONDS if HTTPS else 0

# --- Parts

INSTALLED_APPS = [
    "mpadmin.apps.ConsoleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    # For its checks of the cookie and for `clearsessions`; its table is not used.
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks_db",
    "core",
    "history",
    "sites",
]
# The first four only add to requests and answers, so that whatever those behind them
# answer, errors included, has the headers that the first three send.
MIDDLEWARE = [
    "core.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.auth.proxies.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.auth.session_middleware.ConsoleSessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.auth.session_middleware.SessionUseMiddleware",
    "core.current.CurrentOperatorMiddleware",
    "core.admin.preferences.OperatorLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "mpadmin.urls"
WSGI_APPLICATION = "mpadmin.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.admin.context.console",
            ]
        },
    }
]

# --- Languages and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = MOVIEPILOT_TZ

# --- Static files

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        # Names with a digest, collected and compressed by `serve`.
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Logs and error pages

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"secrets": {"()": "core.logs.SecretsFilter"}},
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["secrets"],
            "formatter": "line",
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # In place of Django's own handlers, which no filter of ours would stand before.
    "loggers": {
        "django": {"handlers": [], "level": "INFO" if DEBUG else "WARNING"},
        "django.server": {"handlers": ["stderr"], "propagate": False},
        # Would log every statement with its values.
        "django.db.backends": {"level": "INFO"},
    },
}
DEFAULT_EXCEPTION_REPORTER = "core.error_pages.SafeReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "core.error_pages.SafeFilter"
