"""What the pages of plans and changes need in their templates."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.changes import ChangeSet, Kind, State

register = template.Library()

KINDS = {
    Kind.EDIT: "is-info",
    Kind.CREATE: "is-success",
    Kind.DELETE: "is-danger",
    Kind.UNDO: "is-accent",
}
STATES = {
    State.QUEUED: "is-info",
    State.APPLYING: "is-warning",
    State.APPLIED: "is-success",
    State.STOPPED: "is-danger",
}


@register.filter
def number(value: int) -> str:
    """A count with its thousands apart."""
    return f"{value:,}"


@register.filter
def operator_label(change_set: ChangeSet) -> str:
    """Who made the change; the console itself goes by a word, not by a name."""
    name = change_set.operator_name
    is_nobody = change_set.operator_id is None and name == "system"
    return _("system") if is_nobody else name


@register.simple_tag
def kind_badge(change_set: ChangeSet) -> SafeString:
    """What the change set does."""
    css = KINDS.get(Kind(change_set.kind), "")
    return _badge(css, str(Kind(change_set.kind).label))


@register.simple_tag
def state_badges(change_set: ChangeSet) -> SafeString:
    """How far it has come, and whether it was taken back."""
    state = State(change_set.state)
    badge = _badge(STATES[state], str(state.label))
    return format_html("{} {} {}", badge, _undone(change_set), _pruned(change_set))


@register.simple_tag
def unsettled_badges(change_set: ChangeSet) -> SafeString:
    """How far it has come where it is not done, and whether it was taken back."""
    state = State(change_set.state)
    is_done = state == State.APPLIED
    badge = "" if is_done else _badge(STATES[state], str(state.label))
    return format_html("{} {}", badge, _undone(change_set))


def _undone(change_set: ChangeSet) -> str:
    if change_set.is_undone:
        return _badge("", _("undone"))
    if not change_set.is_partly_undone:
        return ""
    counts = (f"{change_set.put_back:,}", f"{change_set.written:,}")
    return _badge("", _("partly undone: %s of %s") % counts)


def _pruned(change_set: ChangeSet) -> str:
    return _badge("", _("pruned")) if change_set.pruned_at else ""


def _badge(css: str, label: str) -> SafeString:
    return format_html('<span class="badge {}">{}</span>', css, label)
