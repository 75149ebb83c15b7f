"""Signing in and out, and what else one sets for oneself: the language, and for trials the time."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import anyio
from starlette.responses import RedirectResponse

from services.portal.sessions import KEPT
from services.portal.signing_in import Attempt, SigningInError
from services.portal.web import (
    ATTEMPT_COOKIE,
    HOMES,
    SESSION_COOKIE,
    TIME_COOKIE,
    Page,
    Visit,
    local,
    now,
)
from shared.observability import get_logger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from starlette.datastructures import FormData
    from starlette.responses import Response

log = get_logger(__name__)

_ATTEMPT_LIVES = KEPT
_BODY_KEPT: timedelta = KEPT
MAX_FIELDS = 10_000


async def to_sign_in(visit: Visit, page: Page) -> Response:
    """Off to the issuer, and back to this page afterwards. What was typed into a form is kept for whoever typed it."""
    request = visit.request
    path = page.form.format(**request.path_params) or request.url.path
    if request.method == "GET":
        query = request.url.query
        return RedirectResponse(_login(f"{path}?{query}" if query else path), 303)
    kept = await _keep(visit)
    asked = {**request.query_params, **({"typed": kept} if kept else {})}
    back = f"{path}?{urlencode(asked)}" if asked else path
    # A link, not a redirect: browsers hold back a form whose answer leads to another site.
    return visit.render("signed_out.html", 401, login=_login(back), kept=bool(kept))


async def _keep(visit: Visit) -> str:
    """Keep the form that came too late, for the person whose session it was; empty if nobody knows whose."""
    key = visit.request.cookies.get(SESSION_COOKIE, "")
    subject = await anyio.to_thread.run_sync(visit.portal.sessions.ended, key)
    if subject is None:
        return ""
    if visit.request.headers.get("Content-Type", "").startswith("multipart/"):
        return ""  # files are not kept: they are chosen again
    form = await visit.request.form(max_files=0, max_fields=MAX_FIELDS)
    return await _kept(visit, subject, typed_of(form))


def typed_of(sent: FormData) -> dict[str, list[str]]:
    """What was typed, without what the page itself sends along."""
    found: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, str) and not name.startswith("_"):
            found.setdefault(name, []).append(value)
    return found


async def _kept(visit: Visit, subject: str, typed: Mapping[str, Sequence[str]], key: str = "") -> str:
    name = token_urlsafe(24)
    content = {"subject": subject, "path": visit.request.url.path, "typed": {**typed}, "key": key}
    await anyio.to_thread.run_sync(visit.portal.sessions.keep, name, content, now() + _BODY_KEPT)
    return name


async def keep_form(visit: Visit, typed: Mapping[str, Sequence[str]], key: str = "") -> str:
    """Keep what is typed into this page while whoever types it does something else first; the address to come back to.
    With its `key` it is still the same form then."""
    name = await _kept(visit, visit.actor.account if visit.actor else "", typed, key)
    return f"{visit.request.url.path}?{urlencode({**visit.request.query_params, 'typed': name})}"


async def kept_form(visit: Visit) -> dict[str, list[str]] | None:
    """What the same person had typed into this page before the session ended, or before they did something else."""
    name = visit.request.query_params.get("typed")
    if not name or visit.actor is None:
        return None
    found: dict[str, Any] | None = await anyio.to_thread.run_sync(visit.portal.sessions.kept, name, now())
    if found is None or found["subject"] != visit.actor.account or found["path"] != visit.request.url.path:
        return None
    visit.nonce = found.get("key", "")
    return dict(found["typed"])


def _login(next_path: str) -> str:
    return f"/login?{urlencode({'next': next_path})}"


def _failed(visit: Visit, status: int, code: str, next_path: str = "/") -> Response:
    """Why nobody was signed in, and the way to try again, which leads to the same page."""
    return visit.render("login_failed.html", status, code=code, login=_login(next_path))


async def login(visit: Visit) -> Response:
    """To the issuer's page."""
    attempt = Attempt.new(local(visit.request.query_params.get("next", "/")))
    try:
        address = await visit.portal.issuer.address(attempt)
    except SigningInError as error:
        log.warning("issuer_unavailable", error=str(error))
        return _failed(visit, 503, error.code, attempt.next)
    keep = visit.portal.sessions.keep
    await anyio.to_thread.run_sync(keep, f"attempt {attempt.state}", asdict(attempt), now() + _ATTEMPT_LIVES)
    visit.cookies[ATTEMPT_COOKIE] = attempt.state
    return RedirectResponse(address, 303)


async def callback(visit: Visit) -> Response:
    """Back from the issuer."""
    query, portal = visit.request.query_params, visit.portal
    state = query.get("state", "")
    begun = visit.request.cookies.get(ATTEMPT_COOKIE, "")
    # The browser that left is the one that comes back: nobody is signed in by a link of somebody else's.
    known = (
        await anyio.to_thread.run_sync(portal.sessions.take, f"attempt {state}", now())
        if begun and hmac.compare_digest(begun.encode(), state.encode())
        else None
    )
    if known is None:
        return _failed(visit, 400, "login.lost")
    attempt = Attempt(**known)
    if "code" not in query:
        log.info("sign_in_refused", error=query.get("error", ""))
        return _failed(visit, 403, "login.refused", attempt.next)
    try:
        actor, tokens = await portal.issuer.signed_in(attempt, query["code"])
    except SigningInError as error:
        log.warning("sign_in_failed", error=str(error))
        return _failed(visit, 503 if error.code == "login.unavailable" else 403, error.code, attempt.next)
    if actor.role not in portal.settings.face.sides:
        return _failed(visit, 403, "login.other_door", attempt.next)
    if old := visit.request.cookies.get(SESSION_COOKIE):
        await anyio.to_thread.run_sync(portal.sessions.end, old)
    session = await anyio.to_thread.run_sync(portal.sessions.begin, actor.account, tokens, now())
    visit.cookies[SESSION_COOKIE] = session.key
    log.info("signed_in", subject=actor.subject, role=str(actor.role))
    response = RedirectResponse(local(attempt.next) if attempt.next != "/" else HOMES[actor.role], 303)
    response.delete_cookie(ATTEMPT_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


async def logout(visit: Visit) -> Response:
    """Forget the session, here and, by a link, at the issuer."""
    if visit.session:
        await anyio.to_thread.run_sync(visit.portal.sessions.end, visit.session.key)
    end = await visit.portal.issuer.end_address()
    hint = {"id_token_hint": visit.session.tokens.identity} if visit.session and visit.session.tokens.identity else {}
    address = f"{end}?{urlencode({**hint, 'client_id': visit.portal.settings.client})}" if end else ""
    visit.session = visit.actor = None
    response = visit.render("logged_out.html", issuer=address)
    response.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    response.headers["Cache-Control"] = "no-store"
    return response


async def set_time(visit: Visit) -> Response:
    """The day that the pages are shown at, where time is given."""
    form = await visit.request.form(max_files=0)
    day = str(form.get("day", "")).strip()
    visit.cookies[TIME_COOKIE] = f"{day}T{form.get('time') or '09:00'}:00+08:00" if day else ""
    return visit.redirect(str(form.get("next", "/")))


PAGES = (
    Page("/login", login),
    Page("/login/callback", callback),
    Page("/logout", logout, methods=("POST",)),
    Page("/given-time", set_time, methods=("POST",)),
)
