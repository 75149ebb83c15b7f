"""The HTTP process: FastAPI, pydantic, SQLAlchemy on asyncpg."""
# ruff: noqa: ANN001, ANN201

from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Annotated

import kit
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(kit.PRODUCER_URL, pool_size=kit.POOL, max_overflow=4, **kit.JSON)

reads = engine.execution_options(isolation_level="AUTOCOMMIT")

FOUND = select(kit.cases).where(kit.cases.c.id == bindparam("ref"))
LOCKED = select(kit.cases).where(kit.cases.c.id == bindparam("ref")).with_for_update()


@asynccontextmanager
async def lifespan(_app):
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


class Arrangement(BaseModel):
    model_config = ConfigDict(extra="forbid")
    plan: str = Field(min_length=1, max_length=1000)
    samples: int = Field(ge=1, le=100, strict=True)


class Name(BaseModel):
    zh: str
    en: str


class Office(Name):
    id: str


class Action(BaseModel):
    action: str
    label: Name
    needs_reason: bool
    corrects: bool
    href: str


class Case(BaseModel):
    id: str
    number: str
    procedure: str
    state: str
    state_name: Name
    version: int
    events: int
    applicant: str
    lab: str
    rules: str
    office: Office
    created_at: datetime
    updated_at: datetime
    received_on: date
    form: dict
    commission: dict
    next_actions: list[Action]


async def caller(authorization: Annotated[str, Header()] = ""):
    found = kit.claims(authorization)
    if found is None:
        raise HTTPException(401)
    if found["role"] != "lab":
        raise HTTPException(403)
    return found


@app.get("/readyz")
async def ready():
    return {"status": "ready"}


@app.get("/v1/lab/applications/{ref}")
async def read(ref: str, who: Annotated[dict, Depends(caller)]) -> Case:
    async with reads.connect() as tx:
        case = (await tx.execute(FOUND, {"ref": ref})).first()
    if case is None or case.lab != who["org"]:
        raise HTTPException(404)
    return kit.shown(case)


@app.post("/v1/lab/applications/{ref}/actions/arrange")
async def arrange(ref: str, body: Arrangement, who: Annotated[dict, Depends(caller)]):
    async with engine.begin() as tx:
        case = (await tx.execute(LOCKED, {"ref": ref})).first()
        if case is None or case.lab != who["org"]:
            raise HTTPException(404)
        if case.state != "commissioned":
            raise HTTPException(409)
        changed, entry, event = kit.step(case, body.model_dump(), who)
        await tx.execute(update(kit.cases).where(kit.cases.c.id == ref).values(changed))
        await tx.execute(insert(kit.journal), entry)
        await tx.execute(insert(kit.outbox), event)
    return {"id": ref, "number": case.number, **changed, "head": None}
