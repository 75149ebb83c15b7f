"""Building blocks of tests: people, forms, databases, an HTTP client, and waiting with a timeout."""

from tests.support.calling import Answer, Caller
from tests.support.databases import FRESH, NAMESPACE, create, database, engine_of, service_engine, snapshot
from tests.support.forms import (
    c_mark_form,
    content_of,
    credit_code,
    licence_form,
    line_of,
    type_approval_form,
    weighing_test,
    wrong_check_digit,
)
from tests.support.office import DOERS, NOW, WAYS, Office, PlayedCase, Sweep, people
from tests.support.people import applicant, expert, laboratory, officer
from tests.support.receiving import Received, Receiver, receiver
from tests.support.waiting import wait_for

__all__ = [
    "DOERS",
    "FRESH",
    "NAMESPACE",
    "NOW",
    "WAYS",
    "Answer",
    "Caller",
    "Office",
    "PlayedCase",
    "Received",
    "Receiver",
    "Sweep",
    "applicant",
    "c_mark_form",
    "content_of",
    "create",
    "credit_code",
    "database",
    "engine_of",
    "expert",
    "laboratory",
    "licence_form",
    "line_of",
    "officer",
    "people",
    "receiver",
    "service_engine",
    "snapshot",
    "type_approval_form",
    "wait_for",
    "weighing_test",
    "wrong_check_digit",
]
