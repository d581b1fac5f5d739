"""Fixtures of signing in."""

import pytest
from django.utils import timezone


@pytest.fixture
def no_time_passes(monkeypatch):
    """A busy machine must not make the waits shorter."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
