"""`make document-pictures`: the documents of the office as the reference shows them, drawn from played cases."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image
from sqlalchemy import select

from deploy.local import backing
from shared.documents.canonical import canonical
from shared.documents.issues import FIRST_PERMIT_SCHEMA, address
from shared.documents.models import issues
from shared.documents.pages import printer
from tests import registered  # noqa: F401 - what the databases have from the start
from tests.shared.casework.parts import Desk
from tests.shared.documents.parts import CODE
from tests.shared.documents.test_notices import ACTS, ordered, played
from tests.support import NAMESPACE, WAYS, database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

FOLDER = Path(__file__).parents[3] / "docs/pictures"
NOTICES = ("supplement_notice", "refusal", "revocation")
DOTS_PER_INCH = 72
COLOURS = 48


def main() -> None:
    with backing.ensure(f"{NAMESPACE}_pictures", fresh=True) as servers:
        for service in ("type_approval", "licensing"):
            with database(servers.database_url, f"{servers.namespace}_{service}", service) as engine:
                for name, content in documents(engine, service):
                    drawn(name, content)


def documents(engine: Any, service: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the permit of that service says, and the notices that are drawn of it."""
    with engine.connect() as tx:
        yield {"type_approval": "document-certificate", "licensing": "document-licence"}[service], permit(tx, service)
        tx.rollback()
    for kind in NOTICES:
        if ACTS[kind][0] == service:
            with engine.connect() as tx:
                yield f"document-{kind.replace('_', '-')}", ordered(played(tx, kind), kind)
                tx.rollback()


def permit(tx: Connection, service: str) -> dict[str, Any]:
    desk = Desk(tx, service)
    if service == "licensing":
        desk.approve()
    desk.do(*WAYS[service][:-1])
    content: dict[str, Any] = tx.execute(
        select(issues.c.content).where(issues.c.case_id == desk.case.id, issues.c.notice.is_(None))
    ).scalar_one()
    return content


def drawn(name: str, content: dict[str, Any]) -> None:
    check = address("https://quanheng.example", content["number"], CODE, notice="kind" in content)
    data = canonical({"schema": FIRST_PERMIT_SCHEMA, **content, "issue": 1, "check": check})
    with Image.open(io.BytesIO(printer().picture(data, "", DOTS_PER_INCH))) as page:
        page.convert("RGB").quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
