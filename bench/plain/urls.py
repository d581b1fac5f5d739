"""Both admins."""

from django.urls import path

from bench.plain.admin import plain_site, tuned_site

urlpatterns = [path("box/", plain_site.urls), path("tuned/", tuned_site.urls)]
