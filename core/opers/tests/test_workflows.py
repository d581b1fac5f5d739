"""Workflows, and what MoviePilot's runs write to them."""

import pytest
from asgiref.sync import async_to_sync

from core.changes import ChangeSet, InvalidValues, undo
from core.models import Workflow
from core.opers.tests.support import ids, insert, stored, undo_last
from core.opers.workflows import WorkflowOper

CONTEXT = '{"content": "synthetic-pickle-1"}'


def workflow(library, name="w", state="W", **values):
    values = {"trigger_type": "timer", "context": CONTEXT, **values}
    return insert(library, "workflow", name=name, state=state, **values)


def test_a_workflow_is_added_unless_its_name_is_taken(library):
    here = workflow(library, "here")
    before = library.dump()
    oper = WorkflowOper()

    assert oper.add(name="new", timer="0 9 * * *") == (True, "新增工作流成功")
    assert oper.add(name="here") == (False, "工作流已存在")
    assert oper.add(Workflow(name="here")) == (False, "工作流已存在")

    new = oper.get_by_name("new")
    assert (new.state, new.trigger_type, new.run_count) == ("W", "timer", 0)
    assert (new.actions, new.flows, new.context) == ([], [], {})
    undo_last()
    assert library.dump() == before
    assert async_to_sync(oper.async_add)(Workflow(name="new"))[0] is True
    with pytest.raises(InvalidValues):
        oper.add(name="evil", context={"content": "synthetic-pickle-2"})
    with pytest.raises(InvalidValues):
        oper.add(Workflow(name="evil", context={"content": "synthetic-pickle-2"}))
    with pytest.raises(InvalidValues):
        oper.update(here, {"context": {"content": "synthetic-pickle-2"}})
    with pytest.raises(InvalidValues):
        oper.add(timer="0 9 * * *")


def test_a_workflow_is_found_by_id_or_name(library):
    first, second = workflow(library, "a_b"), workflow(library, "a_b", timer="1")
    oper = WorkflowOper()

    assert (
        oper.get(first).pk == oper.get(wid=first).pk == oper.get(sid=first).pk == first
    )
    assert oper.get(timer="1").pk == second
    assert oper.get(99) is None
    assert oper.get_by_name("a_b").pk == first
    assert oper.get_by_name("axb") is None
    assert async_to_sync(oper.async_get)(wid=second).pk == second
    assert async_to_sync(oper.async_get_by_name)("a_b").pk == first
    assert ids(async_to_sync(oper.async_list)()) == ids(oper.list()) == [first, second]


def test_lists_leave_out_paused_workflows(library):
    timed = workflow(library)
    old = workflow(library, trigger_type=None, state="F")
    started = workflow(library, trigger_type="event")
    by_hand = workflow(library, trigger_type="manual")
    for trigger in (None, "timer", "event"):
        workflow(library, trigger_type=trigger, state="P")
    oper = WorkflowOper()

    assert ids(oper.list_enabled()) == [timed, old, started, by_hand]
    assert ids(oper.get_timer_triggered_workflows()) == [timed, old]
    assert ids(oper.get_event_triggered_workflows()) == [started]
    assert ids(async_to_sync(oper.async_get_timer_triggered_workflows)()) == [
        timed,
        old,
    ]


def test_a_run_starts_and_ends(library):
    pk, other = workflow(library), workflow(library, "other", run_count=7)
    before = library.dump()
    oper = WorkflowOper()

    assert oper.start(pk) is True
    assert oper.get(pk).state == "R"
    assert oper.success(pk) is True
    assert async_to_sync(oper.async_success)(pk, "done") is True
    now = oper.get(pk)
    assert (now.state, now.result, now.run_count) == ("S", "done", 2)
    assert len(now.last_time) == 19
    assert oper.fail(pk, "no site") is True
    now = oper.get(pk)
    assert (now.state, now.result, now.run_count) == ("F", "no site", 2)

    assert oper.get(other).run_count == 7
    for change_set in ChangeSet.objects.filter(kind="edit").order_by("-pk"):
        undo(change_set)
    assert library.dump() == before


def test_a_paused_or_missing_workflow_is_left_alone_and_says_so(library):
    pk = workflow(library, state="P")
    before = library.dump()
    oper = WorkflowOper()

    assert oper.success(pk) is False
    assert oper.fail(pk, "no site") is False
    for missing in (oper.start, oper.success, oper.reset):
        assert missing(99) is False
    assert oper.fail(99, "no site") is False
    assert oper.step(99, "a1", {}) is False

    assert library.dump() == before


@pytest.mark.parametrize("nothing", [None, ""])
def test_steps_add_up_and_the_context_stays(library, nothing):
    pk = workflow(library, current_action=nothing)
    before = library.dump()
    oper = WorkflowOper()
    evil = {"content": "synthetic-pickle-2"}

    assert oper.step(pk, "a1", evil) is True
    assert async_to_sync(oper.async_step)(pk, "a2", evil, {"a2": "done"}) is True

    columns = ("current_action", "context")
    assert stored(library, "workflow", pk, *columns) == ("a1,a2", CONTEXT)
    undo_last()
    undo(ChangeSet.objects.earliest("pk"))
    assert library.dump() == before


def test_a_workflow_is_reset(library):
    rest = {"state": "F", "result": "no site", "current_action": "a1", "run_count": 3}
    pk, other = workflow(library, **rest), workflow(library, "other", **rest)
    before = library.dump()
    oper = WorkflowOper()
    columns = ("state", "result", "current_action", "run_count", "context")

    assert oper.reset(pk) is True
    assert stored(library, "workflow", pk, *columns) == ("W", None, None, 3, CONTEXT)
    undo_last()
    assert library.dump() == before
    assert oper.reset(pk, reset_count=True) is True
    assert stored(library, "workflow", pk, *columns) == ("W", None, None, 0, CONTEXT)
    assert async_to_sync(oper.async_reset)(pk) is True
    assert stored(library, "workflow", other, *columns) == (
        *rest.values(),
        CONTEXT,
    )
