"""Conditions that more than one table asks for."""

from django.db.models import Q


def blank(name: str) -> Q:
    """The text column holds nothing: MoviePilot writes both NULL and '' for that."""
    return Q(**{f"{name}__isnull": True}) | Q(**{name: ""})
