"""Declarations by subject: name, type, default and meaning of each variable."""
