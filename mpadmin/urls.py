"""Addresses: the admin site stands at the root."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from core.admin import preferences

urlpatterns: list[URLPattern | URLResolver] = [
    path("theme/", preferences.set_theme, name="theme"),
    path("language/", preferences.set_language, name="set_language"),
    # Last: the site answers every address that is left.
    path("", admin.site.urls),
]
