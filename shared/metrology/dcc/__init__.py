"""Digital calibration certificates (PTB's DCC 3, D-SI 2): reports exported and read back, standards taken from those of
others.

`codec` is how values stand in a certificate, `judgements` what is stated of each point, `writing` and `reading` are for
reports, `standards` for certificates of measurement standards.
"""

from shared.metrology.dcc.document import MOST_BYTES, CertificateError, parse
from shared.metrology.dcc.reading import is_report, read_report_of
from shared.metrology.dcc.standards import Standard, read_standard
from shared.metrology.dcc.writing import Issue, export

__all__ = [
    "MOST_BYTES",
    "CertificateError",
    "Issue",
    "Standard",
    "export",
    "is_report",
    "parse",
    "read_report_of",
    "read_standard",
]
