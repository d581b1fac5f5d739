"""Makes the console's site the one that `admin.register` registers tables on."""

from django.contrib.admin.apps import AdminConfig


class ConsoleAdminConfig(AdminConfig):
    """Django's admin with our site."""

    default_site = "mpadmin.admin.ConsoleSite"
