"""Building blocks of tests: people, forms, databases, an HTTP client, and waiting with a timeout."""

from shared.testing.calling import Answer, Caller
from shared.testing.databases import FRESH, NAMESPACE, create, database, engine_of, service_engine, snapshot
from shared.testing.forms import (
    c_mark_form,
    content_of,
    credit_code,
    licence_form,
    line_of,
    type_approval_form,
    weighing_test,
    wrong_check_digit,
)
from shared.testing.office import DOERS, NOW, WAYS, Office, PlayedCase, people
from shared.testing.people import applicant, laboratory, officer
from shared.testing.receiving import Received, Receiver, receiver
from shared.testing.waiting import wait_for

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
    "applicant",
    "c_mark_form",
    "content_of",
    "create",
    "credit_code",
    "database",
    "engine_of",
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
