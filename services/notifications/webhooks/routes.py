"""The webhook API: the same for manufacturers and laboratories, each for the events of their own cases."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from services.notifications.webhooks import schemas, subscriptions
from services.notifications.webhooks.delivery import log_delivery, test_parcel, try_out
from shared.http import Call, Problem, Reply, Route
from shared.http.conditions import etag, versions_matched
from shared.http.outgoing import WHOLE_SECONDS, Outgoing
from shared.http.paging import BY_ID, page
from shared.identity import Role
from shared.problems import Violation
from shared.schemas import instance, invalid, listed
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Connection

    from services.notifications.webhooks.subscriptions import Webhook

PATHS = {Role.APPLICANT: "/v1/webhooks", Role.LAB: "/v1/lab/webhooks"}
OUTSIDE_AT_ONCE = 4
"""Requests per process that may wait for an external host at the same time, so that others find free workers."""

_outside = BoundedSemaphore(OUTSIDE_AT_ONCE)


@cache
def outgoing(private: bool) -> Outgoing:
    """The outgoing HTTP client of this process."""
    return Outgoing(private=private)


@contextmanager
def waiting_outside() -> Iterator[None]:
    """Raises Problem if the maximum number of requests already waits for external hosts."""
    if not _outside.acquire(blocking=False):
        raise Problem(
            "rate_limited",
            Text(
                "等待外部主机的请求过多：请稍后重发同一请求",
                "too many requests are waiting for external hosts: send the same request again in a moment",
            ),
            extra={"retry_after": int(WHOLE_SECONDS)},
        )
    try:
        yield
    finally:
        _outside.release()


def list_webhooks(call: Call) -> Reply:
    with call.store.reading() as tx:
        return Reply({"items": [_view(webhook) for webhook in subscriptions.list_webhooks(tx, call.actor)]})


def create_webhook(call: Call) -> Reply:
    told = _told(call)
    with call.transaction() as tx:
        webhook, secret = subscriptions.create_webhook(tx, call.actor, told, call.now)
    return _reply(call, webhook, secret, status=201, Location=f"{call.path}/{webhook.id}")


def show_webhook(call: Call) -> Reply:
    with call.store.reading() as tx:
        return _reply(call, subscriptions.get_webhook(tx, call.actor, call.params["webhook"]))


def replace_webhook(call: Call) -> Reply:
    told = _told(call)
    with call.transaction() as tx:
        return _reply(call, subscriptions.change_webhook(tx, _meant(call, tx), told, call.now))


def delete_webhook(call: Call) -> Reply:
    with call.transaction() as tx:
        subscriptions.delete_webhook(tx, _own(call, tx))
    return Reply(None, 204)


def rotate_secret(call: Call) -> Reply:
    hours = call.body(schemas.Rotation())["overlap_hours"]
    with call.transaction() as tx:
        return _reply(call, *subscriptions.rotate_secret(tx, _meant(call, tx), hours, call.now))


def enable(call: Call) -> Reply:
    with call.transaction() as tx:
        return _reply(call, subscriptions.enable_webhook(tx, _own(call, tx), call.now))


def test(call: Call) -> Reply:
    if call.dry_run:
        raise Problem("malformed", "dry_run: a test cannot be tried out; omit dry_run")
    with call.store.reading() as tx:
        webhook = subscriptions.get_webhook(tx, call.actor, call.params["webhook"])
        parcel = test_parcel(tx, webhook, call.now)
    with waiting_outside():
        post, error = try_out(outgoing(call.settings.webhook_private), parcel)
    with call.transaction() as tx:
        _own(call, tx)
        log_delivery(tx, webhook.id, parcel, post, kind="test", tries=1, error=error)
        return Reply(subscriptions.get_delivery(tx, parcel.id))


def list_deliveries(call: Call) -> Reply:
    asked = call.asked
    limit, (*_, before) = asked["limit"], asked.get("cursor", [None])
    with call.store.reading() as tx:
        webhook = subscriptions.get_webhook(tx, call.actor, call.params["webhook"])
        progress, items = subscriptions.deliveries_of(tx, webhook, before=before, limit=limit + 1)
    ends = [BY_ID, items[limit - 1]["id"]] if len(items) > limit else None
    return page(call, items[:limit], ends, progress=progress)


def _told(call: Call) -> dict[str, Any]:
    """The subscription in the request body. Raises Problem with all faults at once, including those of the URL."""
    assert call.route.takes is not None  # noqa: S101 - it is of routes that take something
    told, faults = {}, _faults_of_address(call)
    try:
        told = call.body(instance(call.route.takes))
    except Problem as problem:
        if not problem.violations:
            raise
        faults = [*problem.violations, *faults]
    if faults:
        raise invalid(faults)
    return told


def _faults_of_address(call: Call) -> list[Violation]:
    url = call.json.get("url") if isinstance(call.json, dict) else None
    if not isinstance(url, str) or len(url) > schemas.MAX_URL:
        return []  # the schema reports it
    with waiting_outside():
        faults = outgoing(call.settings.webhook_private).faults(url)
    return [Violation("url", code, said) for code, _, said in (fault.partition(": ") for fault in faults)]


def _own(call: Call, tx: Connection) -> Webhook:
    """The subscription named in the path, locked. Raises Problem."""
    return subscriptions.get_webhook(tx, call.actor, call.params["webhook"], lock=True)


def _meant(call: Call, tx: Connection) -> Webhook:
    """The same, if it is at the version that the caller gave in If-Match. Raises Problem."""
    webhook = _own(call, tx)
    told = {"version": webhook.version}
    if "If-Match" not in call.headers:
        detail = f"send If-Match with the ETag of the version you want to change, now {etag(webhook.version)}"
        raise Problem("precondition_required", detail, extra=told)
    versions = versions_matched(call.headers)
    if versions is not None and webhook.version not in versions:
        detail = f"the webhook is now at version {webhook.version}: read it again, then repeat the change"
        raise Problem("stale", detail, extra=told)
    return webhook


def _reply(call: Call, webhook: Webhook, secret: str | None = None, status: int = 200, **headers: str) -> Reply:
    told = {"secret": secret} if secret is not None and not call.dry_run else {}
    return Reply({**_view(webhook), **told}, status, {"ETag": etag(webhook.version), **headers})


def _view(webhook: Webhook) -> dict[str, Any]:
    body = {
        "id": webhook.id,
        "url": webhook.url,
        "types": webhook.types or None,
        "state": webhook.state,
        "disabled": webhook.reason
        and {"at": webhook.disabled_at, "reason": webhook.reason, **subscriptions.REASONS[webhook.reason]},
        "old_secret_until": webhook.old_secret_until,
        "version": webhook.version,
        "created_at": webhook.created_at,
        "created_by": webhook.created_by,
        "updated_at": webhook.updated_at,
    }
    return {name: value for name, value in body.items() if value is not None}


def webhook_routes(kinds: Collection[str]) -> list[Route]:
    """The routes for each side; `kinds` are all event types."""
    record = schemas.record_of(tuple(sorted(kinds)))
    return [replace(route, in_person=True) for role, path in PATHS.items() for route in _routes(role, path, record)]


def _routes(role: Role, path: str, record: type[Any]) -> list[Route]:
    one, acts = f"{path}/<webhook>", f"{path}/<webhook>/actions"
    gives = partial(Route, gives=schemas.Webhook)
    full = partial(Route, gives=schemas.WebhookWithSecret)
    return [
        Route(
            *("GET", path, list_webhooks, role, Text("推送列表", "List your webhooks")),
            gives=listed(schemas.Webhook),
        ),
        full(
            *("POST", path, create_webhook, role, Text("新建推送", "Create a webhook")),
            takes=record,
            status=201,
            problems=("wrong_state",),
            about=_SENDING,
        ),
        gives("GET", one, show_webhook, role, Text("查看推送", "Read a webhook"), versioned=True),
        gives(
            *("PUT", one, replace_webhook, role, Text("修改推送", "Change a webhook")),
            takes=record,
            versioned=True,
        ),
        Route("DELETE", one, delete_webhook, role, Text("删除推送", "Delete a webhook"), status=204),
        full(
            *("POST", f"{acts}/rotate_secret", rotate_secret, role, Text("更换密钥", "Change the secret")),
            takes=schemas.Rotation,
            versioned=True,
        ),
        gives(
            *("POST", f"{acts}/enable", enable, role, Text("重新启用", "Enable a webhook again")),
            about="Events that did not arrive are sent first, in order. 未送达的事件按序补发。",
        ),
        Route(
            *("POST", f"{acts}/test", test, role, Text("发送测试", "Send a test event now")),
            gives=schemas.Delivery,
            about="Returns the outcome; the event is of type `webhook.tested`. 立即发送并返回结果。",
        ),
        Route(
            *("GET", f"{one}/deliveries", list_deliveries, role, Text("推送记录", "Read the delivery log")),
            asks=schemas.DeliveriesQuery,
            gives=schemas.Deliveries,
        ),
    ]


_SENDING = """
Only events from now on are sent; earlier ones are in the feed of events. 只推送此后发生的事件。

* Each request is a `POST` of a JSON array of 1 to 100 events, in the form and order of the feed. Answer 2xx within 10
  s; otherwise we retry for a day, and later events wait. An event may arrive twice: process each `id` once.
* A request is signed as Standard Webhooks 1.0 says (`Webhook-Id`, `Webhook-Timestamp`, `Webhook-Signature`): its
  libraries, in many languages, check it with `secret` as it is.
* 每次以`POST`推送1至100个事件（JSON数组，顺序与事件流一致）；请在10秒内答2xx，否则一日内多次重试；同一`id`只处理一次。
* 验真：请求按Standard Webhooks 1.0签名（请求头`Webhook-Id`、`Webhook-Timestamp`、`Webhook-Signature`），
  可直接用其各语言程序库和`secret`验证。
""".strip()
"""What a receiver needs to know."""
