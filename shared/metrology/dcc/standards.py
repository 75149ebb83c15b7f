"""Calibration certificates of others, read as measurement standards: what was calibrated, until when, how uncertain."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from shared.metrology.dcc import dsi
from shared.metrology.dcc.document import DCC, SI, CertificateError, contents, find, find_all, refs, text_at
from shared.text import forbidden

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_RESULTS = 10_000
_MONTHS = 12
_PERIOD = re.compile(r"P(?:([0-9]{1,3})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,5})D)?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]{1,3})?")
_EXPANDED = ("expandedMU", "expandedUnc")
_VALUES = ("valueExpandedMU", "uncertainty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A calibrated value with its expanded uncertainty in the same unit, as the certificate writes them.

    `unit` is a UCUM code, or as the certificate has it where this program knows none. Without an uncertainty its three
    texts are empty.
    """

    name: str
    value: str
    unit: str
    uncertainty: str = ""
    coverage_factor: str = ""
    coverage_probability: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A measurement standard; `asset` is its serial number, `calibrated_until` the last day of its calibration."""

    asset: str
    certificate: str
    calibrated_on: date
    calibrated_until: date
    laboratory: str
    name: str
    model: str
    results: tuple[Result, ...]


def read_standard(root: Any, until: date | None = None) -> Standard:
    """The standard that a certificate is of. Raises CertificateError for what is missing.

    Many certificates state no day of recalibration, which its owner decides; `until` is that day, and is not later than
    one that is stated.
    """
    about = find(root, "dcc:administrativeData")
    core = None if about is None else find(about, "dcc:coreData")
    items = [] if about is None else list(find_all(about, "dcc:items/dcc:item"))
    if core is None or len(items) != 1:
        raise CertificateError(
            f"有{len(items)}个被校对象：标准器的证书应只有一个",
            f"{len(items)} items: a standard's certificate is of one",
        )
    calibrated = _day(core, "dcc:endPerformanceDate")
    stated = _stated_end(root, calibrated)
    end = min(filter(None, (until, stated)), default=None)
    if end is None:
        raise CertificateError(
            "证书未载明有效期：请用--until YYYY-MM-DD给出",
            "no day until which the calibration is valid is stated: give the day, --until YYYY-MM-DD",
        )
    if end < calibrated:
        raise CertificateError(
            f"有效期至{end}，早于校准日期{calibrated}", f"valid until {end}: it was calibrated on {calibrated}"
        )
    return Standard(
        asset=_asset(items[0]),
        certificate=_text(core, "dcc:uniqueIdentifier"),
        calibrated_on=calibrated,
        calibrated_until=end,
        laboratory=_contents(about, "dcc:calibrationLaboratory/dcc:contact/dcc:name"),
        name=_contents(items[0], "dcc:name"),
        model=text_at(items[0], "dcc:model"),
        results=_bounded(_results(root)),
    )


def _bounded(results: Iterator[Result]) -> tuple[Result, ...]:
    found = tuple(islice(results, MOST_RESULTS + 1))
    if len(found) > MOST_RESULTS:
        raise CertificateError(
            f"数值超过{MOST_RESULTS}个：请用数值较少的证书",
            f"more than {MOST_RESULTS} values: give a certificate with fewer",
        )
    return found


def _asset(item: Any) -> str:
    """The number by which the maker knows it, else its owner, else the laboratory."""
    known = {
        text_at(one, "dcc:issuer"): _text(one, "dcc:value")
        for one in find_all(item, "dcc:identifications/dcc:identification")
    }
    for issuer in ("manufacturer", "owner", "customer", "calibrationLaboratory", "other"):
        if issuer in known:
            return known[issuer]
    raise CertificateError("被校对象没有编号", "the item has no identification")


def _text(element: Any, path: str) -> str:
    text = text_at(element, path)
    if not text:
        raise CertificateError(f"缺少{path.rpartition(':')[2]}", f"{path.rpartition(':')[2]} is missing")
    return _sound(text, path)


def _contents(element: Any, path: str) -> str:
    found = find(element, path)
    return "" if found is None else _sound(contents(found), path)


def _sound(text: str, path: str) -> str:
    if char := forbidden(text, lines=True):
        name = path.rpartition(":")[2]
        raise CertificateError(f"{name}含不允许的字符{char}", f"{name} has {char}, which is not for such a text")
    return text


def _day(element: Any, path: str) -> date:
    text = _text(element, path)
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise CertificateError(
            f"{path.rpartition(':')[2]}“{text}”不是日期", f"{path.rpartition(':')[2]} {text!r} is not a date"
        ) from None


def _stated_end(root: Any, calibrated: date) -> date | None:
    """The earliest end that a statement on recalibration has, as a day or a period after the calibration."""
    ends = []
    for one in root.iter(f"{{{DCC}}}statement", f"{{{DCC}}}metaData"):
        if not any("recalibration" in word.lower() for word in refs(one)):
            continue
        if text_at(one, "dcc:date"):
            ends.append(_day(one, "dcc:date"))
        elif period := text_at(one, "dcc:period"):
            ends.append(_after(calibrated, period))
    return min(ends, default=None)


def _after(day: date, period: str) -> date:
    """A duration of XML after a day; of a month that is shorter its last day."""
    match = _PERIOD.fullmatch(period)
    if not match or not any(match.groups()):
        raise CertificateError(
            f"复校间隔“{period}”：请写年、月或日，如P1Y",
            f"period {period!r} of recalibration: give years, months or days, as P1Y",
        )
    years, months, days = (int(one or "0") for one in match.groups())
    year, month = divmod(day.year * _MONTHS + day.month - 1 + years * _MONTHS + months, _MONTHS)
    try:
        last = monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last)) + timedelta(days)
    except (ValueError, OverflowError):
        raise CertificateError(f"复校间隔“{period}”过长", f"period {period!r} of recalibration is too long") from None


def _results(root: Any) -> Iterator[Result]:
    for result in find_all(root, "dcc:measurementResults/dcc:measurementResult/dcc:results/dcc:result"):
        of_result = _contents(result, "dcc:name")
        for quantity in result.iter(f"{{{DCC}}}quantity"):
            if any(parent.tag.endswith("}metaData") for parent in quantity.iterancestors()):
                continue
            name = _contents(quantity, "dcc:name") or of_result
            for numbers in quantity:
                if numbers.tag == f"{{{SI}}}real":
                    yield from _values(name, numbers, "")
                elif numbers.tag == f"{{{SI}}}realListXMLList":
                    yield from _values(name, numbers, "XMLList")


def _values(name: str, numbers: Any, many: str) -> Iterator[Result]:
    values = text_at(numbers, f"si:value{many}").split()
    units = text_at(numbers, f"si:unit{many}").split()
    stated = {"uncertainty": _uncertainties(numbers, many)}
    for key in ("coverageFactor", "coverageProbability"):
        stated[key] = _parts(numbers, many, [key])
    columns = [_spread(name, one, len(values)) for one in (units, *stated.values())]
    for value, unit, *rest in zip(values, *columns, strict=True):
        for number in filter(None, (value, *rest)):
            if number != "NaN" and not _NUMBER.fullmatch(number):
                raise CertificateError(f"{name}：“{number}”不是十进制数", f"{name}: {number!r} is not a decimal number")
        yield Result(name=name, value=value, unit=dsi.code(unit) or unit,
                     uncertainty=rest[0], coverage_factor=rest[1], coverage_probability=rest[2])  # fmt: skip


def _uncertainties(numbers: Any, many: str) -> list[str]:
    return _parts(numbers, many, list(_VALUES))


def _parts(numbers: Any, many: str, names: list[str]) -> list[str]:
    """The words of an expanded uncertainty's part, in its new and in its deprecated form."""
    for expanded in _EXPANDED:
        for prefix in (f"si:measurementUncertaintyUnivariate{many}/si:", "si:"):
            for name in names:
                if found := text_at(numbers, f"{prefix}{expanded}{many}/si:{name}{many}").split():
                    return found
    return []


def _spread(name: str, words: list[str], size: int) -> list[str]:
    """One word for each value: a single one holds for all."""
    if len(words) in {1, size} or not words:
        return words * size if len(words) == 1 else words or [""] * size
    raise CertificateError(f"{name}：{len(words)}个词，{size}个数值", f"{name}: {len(words)} words of {size} values")
