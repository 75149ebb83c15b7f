"""Numbers of OIML certificates, as certificates print them and as the register of OIML lists them.

Before OIML-CS (2018) there was no scheme: `R76/1992-CN1-05.01` is `R076/1992-CN1-2005.01` in the register. Since then
`R76/2006-A-NL1-24.25 Rev. 1` names the scheme. Recommendation, edition, issuing authority, year and serial number
identify a certificate; a revision is a newer version of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from shared.problems import ToldError
from shared.text import comparable

FIRST_YEAR = 1991
"""The first year of the OIML certificate system: two digits of a year are read from there on."""
_NUMBER = re.compile(
    r"r0*(?P<recommendation>[1-9]\d{0,2})/(?P<edition>\d{4})-(?:(?P<scheme>[ab])-)?(?P<issuer>[a-z]{2}\d)"
    r"-(?P<year>\d{4}|\d{2})\.(?P<serial>\d{1,6})(?:rev\.?(?P<revision>\d{1,3}))?",
    re.ASCII,
)


class OimlNumberError(ToldError):
    """A text that is not a number of an OIML certificate; says what one looks like."""


@dataclass(frozen=True, slots=True, order=True)
class CertificateNumber:
    """A number, taken apart. `scheme` is A or B, or empty before OIML-CS; `issuer` is a country (ISO 3166) and a
    digit; `revision` is 0 for the first version."""

    recommendation: int
    edition: int
    scheme: str
    issuer: str
    year: int
    serial: int
    revision: int = 0

    @property
    def without_revision(self) -> str:
        """What all revisions of a certificate have in common."""
        return str(replace(self, revision=0))

    @property
    def printed(self) -> str:
        """As certificates print it: no padding, two digits of the year."""
        revision = f" Rev. {self.revision}" if self.revision else ""
        return f"R{self.recommendation}/{self._issuer}-{self.year % 100:02}.{self.serial:02}{revision}"

    def __str__(self) -> str:
        """As the register lists it, which is the form in which numbers are compared."""
        revision = f" Rev. {self.revision}" if self.revision else ""
        return f"R{self.recommendation:03}/{self._issuer}-{self.year}.{self.serial:02}{revision}"

    @property
    def _issuer(self) -> str:
        return "-".join(filter(None, (str(self.edition), self.scheme, self.issuer)))


def read(text: str) -> CertificateNumber:
    """The number that `text` states, in either spelling, with or without `OIML` before it. Raises OimlNumberError."""
    found = _NUMBER.fullmatch(comparable(text).removeprefix("oiml"))
    if found is None:
        raise OimlNumberError(
            f"“{text}”不是OIML证书编号，应如R76/2006-A-NL1-24.25",
            f"{text!r} is not a number of an OIML certificate: write it as"
            " the certificate has it, such as R76/2006-A-NL1-24.25",
        )
    parts = found.groupdict()
    year = int(parts["year"])
    if len(parts["year"]) == 2:  # noqa: PLR2004 - two digits
        year += 1900 if year >= FIRST_YEAR % 100 else 2000
    number = CertificateNumber(
        recommendation=int(parts["recommendation"]),
        edition=int(parts["edition"]),
        scheme=(parts["scheme"] or "").upper(),
        issuer=parts["issuer"].upper(),
        year=year,
        serial=int(parts["serial"]),
        revision=int(parts["revision"] or 0),
    )
    if not number.year >= FIRST_YEAR or number.edition > number.year:
        raise OimlNumberError(
            f"“{text}”的年份为{number.year}：OIML证书自{FIRST_YEAR}年起才有，且不早于所依据的版本（{number.edition}）",
            f"{text!r} is of {number.year}: OIML certificates exist since {FIRST_YEAR}, none is older than"
            f" the edition that it is issued to, here {number.edition}",
        )
    return number
