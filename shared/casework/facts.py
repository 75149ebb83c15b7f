"""Facts: what a step writes into a case, each with one type.

The marshmallow field of a fact is its only description. What is read and written, what the API answers and documents,
and who reads it follow from there (see docs/adr/0018). Stored data stay JSON; a fact is read when it is asked for.
"""

from __future__ import annotations

import dataclasses
from copy import copy
from dataclasses import MISSING, dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar, dataclass_transform, overload

from marshmallow import Schema, fields

from shared.casework.readers import EVERYBODY, OFFICE, SHOWN
from shared.labels import labelled
from shared.schemas import Answer, Strict, sub, text
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from shared.casework.readers import Readers

    _Convert = Callable[[Any], Any]

_NO_LABEL: Mapping[str, Any] = {}
_T = TypeVar("_T")
_K = TypeVar("_K", bound="Kept")


def kept(described: fields.Field[_T], label: Mapping[str, Any] = _NO_LABEL, **metadata: Any) -> _T:
    """A part that is always there, as that field describes it; of an answer only where all readers read it. `label`
    says what it is called (see `labelled`), unless the field does."""
    described.metadata = {**described.metadata, **label, **metadata}
    described.required = "readers" not in described.metadata
    part: Any = dataclasses.field(metadata={"field": described})
    return part  # type: ignore[no-any-return]


def maybe(described: fields.Field[_T], label: Mapping[str, Any] = _NO_LABEL, **metadata: Any) -> _T | None:
    """A part that may be missing."""
    described.metadata = {**described.metadata, **label, **metadata}
    described.required = False
    return dataclasses.field(default=None, metadata={"field": described})


class _Part(NamedTuple):
    """How a part is called in code and in the stored data, and how it is read and written; None: as it is."""

    name: str
    key: str
    read: _Convert | None
    write: _Convert | None


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(kept,))
@dataclass(frozen=True, kw_only=True)
class Kept:
    """The type of a fact, or of a part of one: a frozen dataclass, from which `schema` is derived.

    Its parts are described by `kept` and `maybe`; parts with an annotation only by the schema that the class is given,
    which describes what was sent. What is missing is None, and not stored.
    """

    beside: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """What earlier releases stored beside its parts: kept as it is."""
    schema: ClassVar[type[Schema]] = Answer
    _parts: ClassVar[tuple[_Part, ...]]
    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    def __init_subclass__(cls, schema: type[Schema] | None = None) -> None:
        base, said = schema or cls.schema, cls.__doc__  # dataclass() would write another
        own = {part.name: part for part in dataclasses.fields(dataclass(frozen=True, kw_only=True)(cls))}
        del own["beside"]
        described = {_key(name): part.metadata["field"] for name, part in own.items() if "field" in part.metadata}
        inherited = base._declared_fields  # noqa: SLF001 - no other way
        if new := {name: one for name, one in described.items() if inherited.get(name) is not one}:
            named = {"__module__": cls.__module__, "__doc__": said}
            base = type(cls.__name__, (base,), {**named, **new})
        cls.schema = base
        parts = base._declared_fields  # noqa: SLF001 - no other way
        needed = {_key(name) for name, part in own.items() if part.default is MISSING}
        # What not everybody reads is there, though answers may lack it.
        sure = {name for name, part in parts.items() if part.required or "readers" in part.metadata}
        if {_key(name) for name in own} != parts.keys() or needed != sure:
            raise TypeError(f"{cls.__name__} and its schema differ: {sorted(own)}, {sorted(parts)}")
        cls._parts = tuple(_Part(name, _key(name), *_converters(parts[_key(name)])) for name in own)
        if _TYPES.setdefault(base, cls) is not cls:
            raise TypeError(f"{base.__name__} is the schema of {_TYPES[base].__name__} already")

    @classmethod
    def given(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """Those of its parts that are in JSON data, stored or as they were sent."""
        return {
            name: value if read is None else read(value)
            for name, key, read, _ in cls._parts
            if (value := data.get(key)) is not None
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        given = cls.given(stored)
        if len(given) < len(stored):
            known = {part.key for part in cls._parts if part.name in given}
            given["beside"] = {key: value for key, value in stored.items() if key not in known}
        return cls(**given)

    def stored(self) -> dict[str, Any]:
        """It, as JSON data."""
        parts = {
            key: value if write is None else write(value)
            for name, key, _, write in self._parts
            if (value := getattr(self, name)) is not None
        }
        return {**self.beside, **parts}


_TYPES: dict[type[Schema], type[Kept]] = {}
"""By the schema derived from it."""


def _key(name: str) -> str:
    """What stored data call a part whose name would be a word of Python."""
    return name.removesuffix("_")


@overload
def one(kind: type[_K]) -> fields.Field[_K]: ...
@overload
def one(kind: type[Schema]) -> fields.Field[Mapping[str, Any]]: ...
def one(kind: type[Kept | Schema]) -> fields.Field[Any]:
    """The field of something that has parts; where a schema describes it, it is read as JSON data."""
    return fields.Nested(kind.schema if issubclass(kind, Kept) else kind)


@overload
def some(kind: type[_K]) -> fields.Field[tuple[_K, ...]]: ...
@overload
def some(kind: type[Schema]) -> fields.Field[tuple[Mapping[str, Any], ...]]: ...
@overload
def some(kind: fields.Field[_T]) -> fields.Field[tuple[_T, ...]]: ...
def some(kind: type[Kept | Schema] | fields.Field[Any]) -> fields.Field[Any]:
    """The field of several of a kind, in their order."""
    return fields.List(one(kind) if isinstance(kind, type) else kind)


class Fact(Generic[_T]):
    """A fact called `name` in the stored data, in the type that its field describes, and who reads it.

    `case[FACT]` is what it says, `case.get(FACT)` too where it may be missing; `FACT in case` tells whether it is.
    """

    def __init__(
        self,
        name: str,
        described: fields.Field[_T],
        readers: Readers = OFFICE,
        label: Mapping[str, Any] = _NO_LABEL,
        **metadata: Any,
    ) -> None:
        self.name, self.field = name, copy(described)
        self.field.metadata = {**described.metadata, "readers": readers, **label, **metadata}
        self._read, self._write = _converters(self.field)

    def read(self, stored: Any) -> _T:
        return stored if self._read is None else self._read(stored)  # type: ignore[no-any-return]

    def of(self, data: Mapping[str, Any]) -> _T | None:
        """What the data of a case say; None if they say nothing."""
        stored = data.get(self.name)
        return None if stored is None else self.read(stored)

    def read_by(self, readers: Readers, described: fields.Field[Any] | None = None, **metadata: Any) -> Fact[_T]:
        """The same fact in a procedure in which others read it, or which describes it further."""
        return Fact(self.name, described or self.field, readers, **metadata)

    def set(self, value: _T | None) -> dict[str, Any]:
        """What a step writes into the case: that it says this, or nothing any more."""
        return {self.name: value if self._write is None or value is None else self._write(value)}


def gathers(*facts: Fact[Any]) -> Callable[[type[Schema]], type[Schema]]:
    """Decorator: the schema of what a case gathers, of these facts."""

    def gathered(answer: type[Schema]) -> type[Schema]:
        named = {"__module__": answer.__module__, "__doc__": answer.__doc__}
        return type(answer.__name__, (answer,), {**named, **{fact.name: fact.field for fact in facts}})

    return gathered


def _converters(described: fields.Field[Any]) -> tuple[_Convert | None, _Convert | None]:
    """How what the field describes is read from JSON data, and written there."""
    match described:
        case fields.Date():
            return date.fromisoformat, date.isoformat
        case fields.Decimal():
            return Decimal, str
        case fields.Nested() if kind := _TYPES.get(described.nested):  # type: ignore[call-overload]
            return kind.read, kind.stored
        case fields.List():
            read, write = _converters(described.inner)
            return _each(read, tuple), _each(write, list)
    return None, None


def _each(convert: _Convert | None, gather: Callable[[Any], Any]) -> _Convert:
    return gather if convert is None else lambda values: gather(map(convert, values))


FORM_LABEL = labelled("申请书", "application form")
FORM: Fact[Mapping[str, Any]] = Fact("form", fields.Nested(Schema), label=FORM_LABEL)
"""What the applicant filled in: each permit has its own form, read as it was sent."""


TEAM_IN = "assessment_plan"
"""The fact that has the team of a case: whoever is of it may see the case."""


class Named(Strict):
    """指定技术机构。 Which laboratory does what is asked about a certificate in force."""

    lab = text(
        maximum=60, metadata=labelled("技术机构", "laboratory", written=Text("其代码", "its code"), example="LAB-02")
    )


class Checker(Kept, schema=Named):
    """指定的技术机构, as it is kept."""

    lab: str
    lab_name: str = kept(fields.String(), labelled("技术机构名称", "its name", example="示例衡器检测中心"))
    reason: str = kept(fields.String(), labelled("理由", "why", example="原技术机构授权已失效"))
    on: date = kept(fields.Date(), labelled("指定日期", "day on which it was named"))


CHECKER = Fact(
    "checker",
    one(Checker),
    SHOWN,
    labelled("另行指定的技术机构", "laboratory named for what is asked about the certificate", example=None),
)
"""The laboratory that does what is asked once a permit is granted, where it is not the one that evaluated: it may see
the case. Queries find it by its code (see migrations)."""


class Person(Strict):
    """工作人员。 A member of staff."""

    subject = sub(metadata=labelled("登录标识", "login", example="li"))
    name = text(maximum=60, metadata=labelled("姓名", "name", example="李承办"))


class Assignee(Kept, schema=Person):
    """承办人. Outside the office a person is known by name."""

    subject: str = kept(
        fields.String(),
        labelled("登录标识", "login", hint=Text("供行政机关查阅", "for the office"), example="li"),
        readers=OFFICE,
    )
    name: str


ASSIGNEE = Fact("assignee", one(Assignee), EVERYBODY, labelled("承办人", "who handles the case"))
