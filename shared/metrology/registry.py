"""The families there are: every folder of `shared.metrology.families` that has a `family.toml`."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from shared.metrology import families as package
from shared.metrology.family import Computing, Family
from shared.metrology.limits import FamilyError
from shared.metrology.reading import read_family
from shared.text import comparable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.metrology.parts import Programme

GENERAL_FAMILY = "general"


def known_families() -> tuple[str, ...]:
    """The names of all families."""
    return tuple(sorted(one.name for one in iter_modules(package.__path__) if one.ispkg))


_OF_CASE: ContextVar[Family | None] = ContextVar("family of a case", default=None)


@contextmanager
def knowing(held: Family) -> Iterator[None]:
    """For the time of the block, the registry has `held` in place of the family of that name: with the programme that a
    laboratory wrote for one case, which no other knows."""
    before = _OF_CASE.set(held)
    try:
        yield
    finally:
        _OF_CASE.reset(before)


def family(name: str) -> Family:
    """A family by its name. Raises FamilyError with the families there are, DataError for a wrong row."""
    held = _OF_CASE.get()
    return held if held is not None and held.id == name else read_once(name)


@cache
def read_once(name: str) -> Family:
    """Read and check a family once."""
    if name not in known_families():
        known = ", ".join(known_families())
        raise FamilyError(f"没有系列“{name}”；可用{known}", f"there is no family {name!r}; use one of {known}")
    module = f"{package.__name__}.{name}"
    folder = files(import_module(module))
    own = any(one.name == "computing.py" for one in folder.iterdir())
    computing = import_module(f"{module}.computing").COMPUTING if own else Computing()
    return read_family(folder, computing)


def programme(name: str, edition: str = "") -> tuple[Family, Programme]:
    """A programme by its name among all families; raises FamilyError with the programmes there are."""
    held = [family(one) for one in known_families()]
    for one in held:
        if any(programme.id == name for programme in one.programmes):
            return one, one.programme(name, edition)
    known = ", ".join(dict.fromkeys(programme.id for one in held for programme in one.programmes))
    raise FamilyError(f"没有规程“{name}”；可用{known}", f"there is no programme {name!r}; use one of {known}")


def family_of(kind: str) -> Family:
    """The family of a kind of the catalogue; one that no family names has general characteristics."""
    return family(_families_by_kind().get(comparable(kind), GENERAL_FAMILY))


def is_kind(kind: str) -> bool:
    """Whether a family names that kind of the catalogue."""
    return comparable(kind) in _families_by_kind()


@cache
def _families_by_kind() -> dict[str, str]:
    return {comparable(kind.id): name for name in known_families() for kind in family(name).kinds}
