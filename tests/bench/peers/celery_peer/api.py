"""The HTTP process: Flask, marshmallow, SQLAlchemy on psycopg2, under gunicorn with threads."""
# ruff: noqa: ANN001, ANN201

import kit
from flask import Flask, abort, request
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from sqlalchemy import bindparam, create_engine, insert, select, update

engine = create_engine(kit.PRODUCER_URL, pool_size=kit.POOL, max_overflow=4, **kit.JSON)
app = Flask(__name__)

LOCKED = select(kit.cases).where(kit.cases.c.id == bindparam("ref")).with_for_update()


class Arrangement(Schema):
    class Meta:
        unknown = RAISE

    plan = fields.String(required=True, validate=validate.Length(min=1, max=1000))
    samples = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=100))


ARRANGEMENT = Arrangement()


def caller():
    found = kit.claims(request.headers.get("Authorization", ""))
    if found is None:
        abort(401)
    if found["role"] != "lab":
        abort(403)
    return found


@app.get("/readyz")
def ready():
    return {"status": "ready"}


@app.post("/v1/lab/applications/<ref>/actions/arrange")
def arrange(ref):
    who = caller()
    try:
        body = ARRANGEMENT.load(request.get_json())
    except ValidationError as error:
        return {"errors": error.messages}, 422
    with engine.begin() as tx:
        case = tx.execute(LOCKED, {"ref": ref}).first()
        if case is None or case.lab != who["org"]:
            abort(404)
        if case.state != "commissioned":
            abort(409)
        changed, entry, event = kit.step(case, body, who)
        tx.execute(update(kit.cases).where(kit.cases.c.id == ref).values(changed))
        tx.execute(insert(kit.journal), entry)
        tx.execute(insert(kit.outbox), event)
    return {"id": ref, "number": case.number, **changed, "head": None}
