"""The console: settings, addresses, the admin site and the database router."""
