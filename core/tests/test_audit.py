"""What is kept of what operators looked at."""

import pytest

from core.models import AuditEvent
from core.models.audit import FinalRecord


def test_an_audit_event_is_only_added(operator):
    event = AuditEvent.objects.record("reveal", "cookie", by=operator, table="site")

    event.subject = "nothing"
    with pytest.raises(FinalRecord):
        event.save()
    with pytest.raises(FinalRecord):
        event.delete()
    with pytest.raises(FinalRecord):
        AuditEvent.objects.update(subject="nothing")
    with pytest.raises(FinalRecord):
        AuditEvent.objects.all().delete()

    kept = AuditEvent.objects.get()
    assert (kept.subject, kept.detail) == ("cookie", {"table": "site"})


def test_an_audit_event_outlives_its_operator(operator):
    AuditEvent.objects.record("reveal", "cookie", by=operator)

    operator.delete()

    kept = AuditEvent.objects.get()
    assert (kept.operator, kept.operator_name) == (None, "olivia")
