"""The four roles: which permissions their groups hold."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from core import permissions, roles
from core.models import ChangeSet, Operator, Subscribe, SystemConfig, User
from core.roles import Role
from core.tests.support.people import make_operator
from history.models import TransferHistory
from sites.models import Site

pytestmark = pytest.mark.usefixtures("console")
WRITES = ("add", "change", "delete")


def writes(person, model):
    return {action for action in WRITES if permissions.may(person, action, model)}


def test_a_viewer_sees_records_and_nothing_more():
    vera = make_operator("vera", Role.VIEWER)

    for model in (Subscribe, TransferHistory, Site, User, SystemConfig):
        assert permissions.may(vera, "view", model)
        assert not permissions.may(vera, "reveal", model)
        assert not writes(vera, model)
    assert not permissions.may_export(vera, Subscribe)
    assert not permissions.may_import(vera, Subscribe)


def test_an_operator_edits_what_is_daily_work():
    otto = make_operator("otto", Role.OPERATOR)

    assert writes(otto, Subscribe) == writes(otto, TransferHistory) == {*WRITES}
    assert not writes(otto, Site)
    assert not writes(otto, User)
    assert not writes(otto, SystemConfig)
    assert permissions.may_export(otto, Site)
    assert not permissions.may_export(otto, Site, secrets=True)
    assert permissions.may_import(otto, Subscribe)
    assert not permissions.may_import(otto, Site)


def test_a_site_keeper_sees_the_secrets_of_sites_and_no_others():
    kim = make_operator("kim", Role.SITE_KEEPER)

    assert writes(kim, Site) == {*WRITES}
    assert permissions.may_export(kim, Site, secrets=True)
    assert not permissions.may(kim, "reveal", SystemConfig)
    assert not writes(kim, User)


def test_an_administrator_holds_every_permission():
    anna = make_operator("anna", Role.ADMINISTRATOR)

    known = Permission.objects.filter(content_type__app_label__in=roles.APPS)
    names = {f"{each.content_type.app_label}.{each.codename}" for each in known}
    assert len(names) > 100
    assert anna.has_perms(names)
    assert not anna.is_superuser


def test_nobody_without_a_role_gets_in():
    nora = make_operator("nora", Role.OPERATOR)

    roles.give(nora, None)

    nora = Operator.objects.get(pk=nora.pk)
    assert (nora.is_staff, nora.role, nora.get_all_permissions()) == (False, "", set())


def test_one_takes_back_ones_own_changes_and_an_administrator_others():
    otto, olga = (make_operator(name, Role.OPERATOR) for name in ("otto", "olga"))
    anna = make_operator("anna", Role.ADMINISTRATOR)
    vera = make_operator("vera", Role.VIEWER)
    made = ChangeSet(operator=otto)

    assert permissions.may_take_back(otto, made)
    assert permissions.may_take_back(anna, made)
    assert not permissions.may_take_back(olga, made)
    assert not permissions.may_take_back(vera, ChangeSet(operator=vera))
    assert not permissions.may_take_back(otto, ChangeSet(operator=None))


def test_migrate_puts_the_groups_back_as_they_are_meant():
    Group.objects.get(name=Role.VIEWER).permissions.add(
        Permission.objects.get(codename="delete_site")
    )
    Group.objects.get(name=Role.ADMINISTRATOR).delete()

    call_command("migrate", database="default", verbosity=0)

    assert not permissions.may(make_operator("vera", Role.VIEWER), "delete", Site)
    anna = make_operator("anna", Role.ADMINISTRATOR)
    assert permissions.may(anna, "delete", Site)
