"""Pages with a form that is sent. Each says what it reads, how it is drawn and what is done with what was sent.

What may go wrong on the way is handled here, alike for all: a form that came too late, a service that does not answer,
another version, a refusal. What was typed comes back, with why it was not done; sent again, it is done once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from starlette.datastructures import FormData

from services.portal.account import MAX_FIELDS, keep_form, kept_form, typed_of
from services.portal.client import ProblemError, UnavailableError
from services.portal.guard import MAX_LIST_BYTES
from services.portal.rows import reshaped
from services.portal.trouble import TroubleError, trouble_of
from services.portal.web import Page, Visit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.responses import Response

    from services.portal.fields import Field, Typed
    from shared.identity import Role

S = TypeVar("S")
_DRAWS = frozenset({"_lang", "_add", "_remove", "_open", "_paste"})
"""Buttons that only have the form drawn another way."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: what was typed, and, in `form`, also what the page itself sent along."""

    form: FormData
    typed: Typed
    key: str = ""
    """What is done with it is done once; empty for a form that is not of this session."""

    def told(self, name: str) -> str:
        """The value of a field or button; empty where there is none."""
        return str(self.form.get(name, ""))

    @property
    def step(self) -> str:
        return self.told("_step")

    @property
    def version(self) -> str:
        """What the form was for; empty where that does not count any more."""
        return self.told("_version")

    @property
    def confirmed(self) -> list[str]:
        return [str(code) for code in self.form.getlist("_confirmed")]

    def reshaped(self, fields: Sequence[Field]) -> Typed:
        """What was typed, with rows more or fewer as the button asks; `fields` are those of the form."""
        changed = reshaped(self.typed, self.form, fields)
        return self.typed if changed is None else changed


@dataclass(frozen=True, slots=True)
class FormPage(Generic[S]):
    """A page with a form. `read` finds what it is about, `draw` makes the page of that and what was typed (nothing at
    first), `do` does what was sent and says where to look next. `overtaken` tells of another version; `files` may be
    chosen."""

    read: Callable[[Visit], Awaitable[S]]
    draw: Callable[[Visit, S, Sent | None], Awaitable[Response]]
    do: Callable[[Visit, S, Sent], Awaitable[Response]]
    overtaken: str = "form.overtaken"
    files: int = 0

    def pages(self, path: str, *sides: Role) -> tuple[Page, Page]:
        """The form and what becomes of it, at one address."""
        return Page(path, self.show, frozenset(sides)), self.posts(path, *sides)

    def posts(self, path: str, *sides: Role, form: str = "") -> Page:
        """What becomes of a form; one that stands at another address is at `form`."""
        return Page(path, self.take, frozenset(sides), ("POST",), form)

    async def show(self, visit: Visit) -> Response:
        typed = await kept_form(visit)
        sent = None if typed is None else Sent(FormData(), typed)
        return await self._answered(visit, await self.read(visit), sent, self.draw)

    async def take(self, visit: Visit) -> Response:
        form = await visit.request.form(max_files=self.files, max_fields=MAX_FIELDS, max_part_size=MAX_LIST_BYTES)
        return await self.taken(visit, Sent(form, typed_of(form), visit.idempotency_key(form)))

    async def taken(self, visit: Visit, sent: Sent) -> Response:
        visit.speak(sent.form)
        try:
            state = await self.read(visit)
            if _DRAWS & sent.form.keys():
                return await self._answered(visit, state, sent, self.draw)
            return await self._answered(visit, state, sent, self._done)
        except UnavailableError:
            if visit.actor and sent.typed:
                visit.way_back = await keep_form(visit, sent.typed, sent.key)
            raise

    async def _done(self, visit: Visit, state: S, sent: Sent) -> Response:
        if not sent.key:
            raise TroubleError("form.expired", 200)
        return await self.do(visit, state, sent)

    async def _answered(
        self, visit: Visit, state: S, sent: Sent | None, act: Callable[[Visit, S, Any], Awaitable[Response]]
    ) -> Response:
        try:
            return await act(visit, state, sent)
        except (TroubleError, ProblemError, UnavailableError) as error:
            visit.trouble = trouble_of(error, self.overtaken)
        if visit.trouble.uncertain and sent:
            visit.nonce = sent.key
        if visit.trouble.code == "stale":
            state = await self.read(visit)
            sent = sent and replace(
                sent, form=FormData([one for one in sent.form.multi_items() if one[0] != "_version"])
            )
        return await self.draw(visit, state, sent)
