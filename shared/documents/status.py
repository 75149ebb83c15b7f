"""The list of what has ended: signed, so that whoever checks a document without a network learns it, as of a day.

A signature stays good when a permit ends. The list names the permits that have ended, of all whose documents the office
issued; what it does not name was in force when it was signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from shared.documents import jws
from shared.documents.canonical import canonical, read_canonical
from shared.documents.keys import Purpose, other_purpose
from shared.documents.models import status_lists
from shared.problems import Problem, ToldError
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from shared.documents.keys import IssuerKey, IssuerKeys, SigningKey

SCHEMA = "quanheng-status/1"
KIND = "quanheng-status+jws"
RENEWED = timedelta(days=1)
"""An unchanged list is signed again after that time, so that its day tells how fresh it is."""
_NEWEST = text(
    "SELECT DISTINCT ON (number) number, content -> 'title' ->> 'zh' AS title, content -> 'ended' AS ended"
    " FROM issues WHERE notice IS NULL ORDER BY number, issue DESC"
)


@dataclass(frozen=True, slots=True)
class StatusList:
    """What had ended `as_of` an instant, by number, of permits with these titles."""

    as_of: datetime
    titles: Sequence[str]
    ended: Mapping[str, Mapping[str, str]]


def renew(tx: Connection, key: SigningKey, at: datetime) -> bool:
    """Sign the list as it is now, if it changed or was not signed lately; whether that was done."""
    rows = tx.execute(_NEWEST).all()
    said = {
        "schema": SCHEMA,
        "titles": sorted({row.title for row in rows}),
        "ended": [
            {"number": row.number, "on": row.ended["on"], "ground": row.ended["ground"]} for row in rows if row.ended
        ],
    }
    content = canonical(said).decode()
    kept = tx.execute(select(status_lists.c.content, status_lists.c.made_at)).first()
    if kept and kept.content == content and at - kept.made_at < RENEWED:
        return False
    as_of = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    signed = jws.sign(canonical({**said, "as_of": as_of}), key, at, KIND)
    row = {"content": content, "jws": signed, "made_at": at}
    made = insert(status_lists).values(id=1, **row)
    tx.execute(made.on_conflict_do_update(index_elements=["id"], set_=row))
    return True


def newest(tx: Connection) -> str:
    """The list as it was signed last. Raises Problem."""
    signed: str | None = tx.execute(select(status_lists.c.jws)).scalar()
    if signed is None:
        raise Problem(
            "not_found",
            Text(
                "失效名单尚未签署：首份将在数分钟内签署",
                "no list has been signed yet: the first is signed within minutes",
            ),
        )
    return signed


def read(signed: str, keys: IssuerKeys) -> tuple[StatusList, IssuerKey]:
    """A list, and the key of the office that signed it. Raises ToldError saying what is wrong."""
    found = jws.read(signed.strip(), KIND)
    key = keys.get(found.kid)
    if Purpose.CHECKPOINTS not in key.signs:
        raise other_purpose(key)
    if fault := key.fault(found.signed_at):
        raise ToldError(*fault)
    if not found.proves(key):
        raise ToldError("清单不是签名时的内容：签名不符", "the list is not what was signed: the signature does not fit")
    try:
        content: dict[str, Any] = read_canonical(found.payload)
        ended = {one["number"]: one for one in content["ended"]}
        return StatusList(datetime.fromisoformat(content["as_of"]), content["titles"], ended), key
    except (KeyError, TypeError, ValueError) as error:
        raise ToldError(f"不是失效清单：{error!r}", f"this is not a list of what has ended: {error!r}") from None


def ended_on(listed: StatusList, content: Mapping[str, Any]) -> tuple[date, str] | None:
    """When and on which ground the permit of that document ended, by the list; None while it was in force.

    Raises ToldError for a list of other permits.
    """
    if content["title"]["zh"] not in listed.titles:
        title, titles = content["title"]["zh"], "、".join(listed.titles)
        raise ToldError(
            f"清单是{titles or '空的'}，不是{title}的", f"the list is of {titles or 'nothing'}, not of {title}"
        )
    found = listed.ended.get(content["number"])
    return (date.fromisoformat(found["on"]), found["ground"]) if found else None
