"""Pages on which local operators change their own one-time codes and passkeys.

Each change asks for the password once more, so that a session left open is not enough.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pyotp
import segno
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.auth import own_passkeys, signin_log, throttle, totp
from core.auth.passkeys import Refused
from core.models import AuditEvent, Operator, OperatorPassKey
from core.models.audit import AuditKind
from core.models.signins import Outcome
from core.secrets import UnreadableSecret, decrypt, encrypt

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.admin import AdminSite
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    View = Callable[..., HttpResponse]

NEW_SECRET = "new_totp_secret"  # noqa: S105  where it is kept in the session, encrypted
LONGEST_NAME = OperatorPassKey._meta.get_field("name").max_length or 0
ISSUER = "mpadmin"


def urls(site: AdminSite) -> list[URLPattern]:
    """Their addresses."""

    def page(view: View) -> Any:
        @sensitive_post_parameters()
        @never_cache
        @require_http_methods(["GET", "HEAD", "POST"])
        def checked(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            operator = operator_of(request)
            if operator.is_linked:
                raise PermissionDenied(_("MoviePilot keeps the factors of its users."))
            return view(site, request, operator, **kwargs)

        return site.admin_view(checked)

    one = "account/passkeys/<int:pk>/"
    return [
        path("account/codes/", page(set_up_codes), name="own_codes"),
        path("account/codes/off/", page(drop_codes), name="own_codes_off"),
        path("account/passkeys/add/", page(add_passkey), name="own_passkey_add"),
        path(one, page(rename_passkey), name="own_passkey"),
        path(f"{one}remove/", page(drop_passkey), name="own_passkey_remove"),
    ]


def operator_of(request: HttpRequest) -> Operator:
    """Who is signed in, read anew: `request.user` may be a lazy stand-in."""
    return Operator.objects.get(pk=cast("Operator", request.user).pk)


# --- One-time codes


def set_up_codes(
    site: AdminSite, request: HttpRequest, operator: Operator
) -> HttpResponse:
    """Show a new secret; keep it once a code of it proves that an app has it."""
    problems: dict[str, str] = {}
    try:
        secret = _new_secret(request)
    except ImproperlyConfigured as error:
        messages.error(request, str(error))
        return redirect("admin:own_account")
    if request.method == "POST":
        problems = password_problem(request, operator)
        step = totp.matching_step(secret, request.POST.get("code", ""))
        if not problems and step is not None:
            return _keep_codes(request, operator, secret, step)
        if step is None:
            problems["code"] = _("This is not the code of this moment.")
    address = pyotp.TOTP(secret).provisioning_uri(
        name=operator.get_username(), issuer_name=ISSUER
    )
    context = {
        "title": _("Set up one-time codes"),
        "problems": problems,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        # A picture, so that no style has to be allowed for it.
        "picture": segno.make_qr(address).svg_data_uri(scale=4, light="#fff"),
        "is_change": bool(operator.totp_secret),
    }
    return _page(site, request, "core/own_account_codes.html", context)


def drop_codes(
    site: AdminSite, request: HttpRequest, operator: Operator
) -> HttpResponse:
    """Switch one-time codes off."""
    if not operator.totp_secret:
        return redirect("admin:own_account")
    problems = _confirmed(request, operator)
    if problems == {}:
        with transaction.atomic():
            _record(operator, "one-time codes off")
            Operator.objects.filter(pk=operator.pk).update(totp_secret="")
        messages.success(request, _("One-time codes are off."))
        return redirect("admin:own_account")
    context = {
        "problems": problems or {},
        "title": _("Switch off one-time codes"),
        "button": _("Switch off"),
    }
    return _page(site, request, "core/own_account_confirm.html", context)


def _new_secret(request: HttpRequest) -> str:
    """The secret this browser is being shown, made when it is new.

    Raises ImproperlyConfigured without a lasting SECRET_KEY.
    """
    try:
        return decrypt(request.session.get(NEW_SECRET, ""))
    except UnreadableSecret:
        secret = pyotp.random_base32()
        request.session[NEW_SECRET] = encrypt(secret)
        return secret


def _keep_codes(
    request: HttpRequest, operator: Operator, secret: str, step: int
) -> HttpResponse:
    with transaction.atomic():
        _record(operator, "one-time codes on")
        # The code that was just typed has been used.
        Operator.objects.filter(pk=operator.pk).update(
            totp_secret=encrypt(secret), totp_step=step
        )
    del request.session[NEW_SECRET]
    messages.success(request, _("One-time codes are on: signing in asks for one."))
    return redirect("admin:own_account")


# --- Passkeys


def add_passkey(
    site: AdminSite, request: HttpRequest, operator: Operator
) -> HttpResponse:
    """Ask for a name and the password, then have the browser make a passkey."""
    name = _name(request)
    context: dict[str, Any] = {
        "title": _("Add a passkey"),
        "name": name,
        "problems": {},
        "most": LONGEST_NAME,
    }
    if "answer" in request.POST:
        try:
            own_passkeys.add(request, operator, request.POST["answer"], name)
        except Refused as refused:
            messages.error(request, refused.why.label)
            return redirect("admin:own_passkey_add")
        messages.success(request, _("Added the passkey."))
        return redirect("admin:own_account")
    if request.method == "POST":
        context["problems"] = password_problem(request, operator)
        if not context["problems"]:
            options = own_passkeys.options(request, operator)
            context["options"] = json.dumps(options)
            context["host"] = options["rp"]["id"]
    return _page(site, request, "core/own_account_passkey.html", context)


def rename_passkey(
    site: AdminSite, request: HttpRequest, operator: Operator, pk: int
) -> HttpResponse:
    """Give a passkey another name."""
    passkey = get_object_or_404(OperatorPassKey, pk=pk, operator=operator)
    if request.method == "POST":
        name = _name(request)
        with transaction.atomic():
            _record(operator, "passkey renamed", passkey=name, before=passkey.name)
            OperatorPassKey.objects.filter(pk=passkey.pk).update(name=name)
        messages.success(request, _("Renamed the passkey."))
        return redirect("admin:own_account")
    context = {
        "title": _("Rename the passkey %(name)s") % {"name": passkey.name},
        "passkey": passkey,
        "name": passkey.name,
        "most": LONGEST_NAME,
    }
    return _page(site, request, "core/own_account_passkey.html", context)


def drop_passkey(
    site: AdminSite, request: HttpRequest, operator: Operator, pk: int
) -> HttpResponse:
    """Remove a passkey."""
    passkey = get_object_or_404(OperatorPassKey, pk=pk, operator=operator)
    problems = _confirmed(request, operator)
    if problems == {}:
        with transaction.atomic():
            _record(operator, "passkey removed", passkey=passkey.name)
            OperatorPassKey.objects.filter(pk=passkey.pk).delete()
        messages.success(request, _("Removed the passkey."))
        return redirect("admin:own_account")
    context = {
        "problems": problems or {},
        "title": _("Remove the passkey %(name)s") % {"name": passkey.name},
        "button": _("Remove"),
    }
    return _page(site, request, "core/own_account_confirm.html", context)


# --- What they share


def password_problem(request: HttpRequest, operator: Operator) -> dict[str, str]:
    """What is wrong with the password that was posted; {} when it is right."""
    problem = wrong_password(request, operator, request.POST.get("password", ""))
    return {"password": problem} if problem else {}


def wrong_password(request: HttpRequest, operator: Operator, typed: str) -> str:
    """What is wrong with the operator's own password as typed; '' when it is right.

    Counted as at sign-in: nobody may try passwords here instead.
    """
    try:
        tried = throttle.begin(request, operator.get_username())
    except throttle.TooMany as problem:
        text = ngettext(
            "There were too many attempts. Try again in %(seconds)s second.",
            "There were too many attempts. Try again in %(seconds)s seconds.",
            problem.seconds,
        )
        return text % {"seconds": problem.seconds}
    if operator.check_password(typed):
        signin_log.withdraw(tried)
        return ""
    signin_log.finish(tried, Outcome.WRONG, operator)
    return _("This is not your password.")


def _confirmed(request: HttpRequest, operator: Operator) -> dict[str, str] | None:
    """{} for a change confirmed by the password; None where nobody was asked yet."""
    return password_problem(request, operator) if request.method == "POST" else None


def _name(request: HttpRequest) -> str:
    """The name that was given to a passkey; one without a name gets one."""
    given = " ".join(request.POST.get("name", "").replace("\0", "").split())
    return given[:LONGEST_NAME] or _("Passkey")


def _record(operator: Operator, done: str, **detail: Any) -> None:
    AuditEvent.objects.record(
        AuditKind.OPERATOR, str(operator), by=operator, done=done, **detail
    )


def _page(
    site: AdminSite, request: HttpRequest, template: str, context: dict[str, Any]
) -> HttpResponse:
    return TemplateResponse(
        request, template, {**site.each_context(request), **context}
    )
