"""What both peers have in common: tables, settings, who calls, the envelope. No framework of either."""
# ruff: noqa: ANN001, ANN201, ANN202

import os
import time
import zlib
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from uuid import uuid4

import jwt
import orjson
from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, LargeBinary, MetaData, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

AMQP_URL = os.environ["PEER_AMQP_URL"]
PRODUCER_URL = os.environ["PEER_PRODUCER_URL"]
CONSUMER_URL = os.environ["PEER_CONSUMER_URL"]
EXCHANGE = os.environ["PEER_EXCHANGE"]
QUEUE = os.environ["PEER_QUEUE"]
POOL = 16
CONCURRENCY = 16
"""Messages handled at once; more than database connections would only wait."""
BATCH = 200
IDLE_SECONDS = 0.005

metadata = MetaData()
cases = Table(
    "cases",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("number", Text),
    Column("procedure", Text),
    Column("state", Text),
    Column("version", Integer),
    Column("entries", Integer),
    Column("events", Integer),
    Column("applicant", Text),
    Column("lab", Text),
    Column("office", Text),
    Column("rules", Text),
    Column("done_by", JSONB),
    Column("data", JSONB),
    Column("head", LargeBinary),
    Column("created_at", DateTime(timezone=True)),
    Column("updated_at", DateTime(timezone=True)),
)
journal = Table(
    "journal",
    metadata,
    Column("case_id", UUID(as_uuid=False), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", DateTime(timezone=True)),
    Column("actor", Text),
    Column("actor_name", Text),
    Column("role", Text),
    Column("action", Text),
    Column("from_state", Text),
    Column("to_state", Text),
    Column("reason", Text),
    Column("data", Text),
    Column("hash", LargeBinary),
)
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("partition", SmallInteger),
    Column("routing_key", Text),
    Column("event_id", UUID(as_uuid=False)),
    Column("body", Text),
)
received = Table("received", metadata, Column("event_id", UUID(as_uuid=False), primary_key=True))
tracked = Table(
    "tracked_cases",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("number", Text),
    Column("state", Text),
    Column("events", Integer),
)


OFFICES = {"provincial": {"zh": "吉林省市场监督管理厅", "en": "Jilin Provincial Department for Market Regulation"}}
ACTIONS = {
    "decline_commission": ({"zh": "谢绝委托", "en": "Decline the commission"}, True, True),
    "arrange": ({"zh": "联系申请人并安排", "en": "Contact the applicant and plan"}, False, False),
}
"""Each with its label, whether it needs a reason, and whether it corrects what was done."""


def shown(case):
    """A case in this state as its laboratory reads it."""
    return {
        "id": case.id,
        "number": case.number,
        "procedure": case.procedure,
        "state": case.state,
        "state_name": {"zh": "已委托型式评价", "en": "evaluation commissioned"},
        "version": case.version,
        "events": case.events,
        "applicant": case.applicant,
        "lab": case.lab,
        "rules": case.rules,
        "office": {"id": case.office, **OFFICES[case.office]},
        "created_at": case.created_at,
        "updated_at": case.updated_at,
        "received_on": case.data["received_on"],
        "form": case.data["form"],
        "commission": case.data["commission"],
        "next_actions": [
            {
                "action": action,
                "label": label,
                "needs_reason": needs_reason,
                "corrects": corrects,
                "href": f"/v1/lab/applications/{case.number}/actions/{action}",
            }
            for action, (label, needs_reason, corrects) in ACTIONS.items()
        ],
    }


def dumps(data):
    return orjson.dumps(data).decode()


JSON = {"json_serializer": dumps, "json_deserializer": orjson.loads}

_KEYS = {key["kid"]: jwt.PyJWK(key).key for key in orjson.loads(os.environ["PEER_JWKS"])["keys"]}


@lru_cache(maxsize=4096)
def _claims(token):
    kid = jwt.get_unverified_header(token)["kid"]
    return jwt.decode(
        token, _KEYS[kid], algorithms=["ES256"], audience=os.environ["PEER_AUDIENCE"], issuer=os.environ["PEER_ISSUER"]
    )


def claims(authorization):
    """Who calls; None if the token is missing, wrong or out of date. A good token is not checked twice."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        found = _claims(token)
    except (jwt.PyJWTError, KeyError):
        return None
    return found if found["exp"] > time.time() else None


def step(case, body, caller):
    """The rows of one step: what changes in the case, its journal entry, and its event."""
    now = datetime.now(UTC)
    arrangement = {**body, "on": now.date().isoformat()}
    entry = {
        "case_id": case.id,
        "seq": case.entries + 1,
        "at": now,
        "actor": caller["sub"],
        "actor_name": caller["name"],
        "role": caller["role"],
        "action": "arrange",
        "from_state": case.state,
        "to_state": "arranged",
        "reason": None,
        "data": dumps(body),
    }
    digest = sha256(case.head + orjson.dumps(list(entry.values()))).digest()
    changed = {
        "state": "arranged",
        "version": case.version + 1,
        "entries": case.entries + 1,
        "events": case.events + 1,
        "done_by": {**case.done_by, "arrange": caller["sub"]},
        "data": {**case.data, "arrangement": arrangement},
        "head": digest,
        "updated_at": now,
    }
    return changed, {**entry, "hash": digest}, event(case.id, case.number, case.events + 1, body["plan"])


def event(case_id, number, seq, plan):
    """An outbox row."""
    event_id, now = str(uuid4()), datetime.now(UTC)
    kind, partition = "evaluation.arranged", zlib.crc32(case_id.encode()) % 4
    body = {
        "specversion": "1.0",
        "id": event_id,
        "source": "type_approval",
        "type": kind,
        "dataschema": f"urn:quanheng:type_approval:{kind}:1",
        "datacontenttype": "application/json",
        "subject": number,
        "time": now,
        "actor": "peer",
        "caseid": case_id,
        "caseseq": seq,
        "correlationid": str(uuid4()),
        "causationid": "",
        "data": {"on": now.date(), "state": "arranged", "plan": plan},
    }
    return {"partition": partition, "routing_key": f"{kind}.{partition}", "event_id": event_id, "body": dumps(body)}
