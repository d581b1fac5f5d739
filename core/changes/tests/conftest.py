"""Fixtures of the engine's tests."""

import pytest

from core.changes.run import Pace


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> int:
    """Every batch holds 50 records, however quick it is."""
    monkeypatch.setattr(Pace, "size", 50)
    monkeypatch.setattr(Pace, "smallest", 50)
    monkeypatch.setattr(Pace, "largest", 50)
    return 50
