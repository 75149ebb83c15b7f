"""Settings: complete, or refused with the name of the faulty one; given time only where that is allowed."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from shared.identity import DEVELOPMENT_ISSUER, new_key, public_keys
from shared.runtime.config import ConfigurationError, Profile, Timekeeping, amqp_url, database_url, read
from shared.runtime.time import GivenTime, WallTime, legal_date

ROOT = Path(__file__).parents[3]
GIVEN = {
    "QUANHENG_AMQP_URL": "amqp://user:pass@broker:5672/old",
    "QUANHENG_DATABASE_URL": "postgresql://user:pass@db:5432/old",
    "QUANHENG_JWKS": json.dumps(public_keys(new_key())),
    "QUANHENG_ISSUER": "https://issuer.example",
}
THEN = datetime(2013, 9, 17, 1, 0, tzinfo=UTC)


def test_what_is_not_said_is_the_careful_choice() -> None:
    settings = read("licensing", GIVEN)
    assert (settings.profile, settings.timekeeping) == (Profile.PRODUCTION, Timekeeping.WALL)
    assert settings.ports == [8000]
    assert not settings.webhook_private


def test_one_pair_of_urls_serves_all_services() -> None:
    settings = read("licensing", {**GIVEN, "QUANHENG_NAMESPACE": "trial"})
    assert settings.amqp_url == "amqp://user:pass@broker:5672/trial"
    assert settings.database_url == "postgresql+psycopg2://user:pass@db:5432/trial_licensing"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        *(({name: ""}, name) for name in GIVEN if name != "QUANHENG_JWKS"),
        ({"QUANHENG_PROFILE": "prod"}, "QUANHENG_PROFILE"),
        ({"QUANHENG_TIME": "mine"}, "QUANHENG_TIME"),
        ({"QUANHENG_TIME": "given"}, "QUANHENG_TIME"),
        *(({"QUANHENG_WEBHOOK_PRIVATE": value}, "QUANHENG_WEBHOOK_PRIVATE") for value in ("yes", "maybe")),
        ({"QUANHENG_HTTP_PORT": "0"}, "QUANHENG_HTTP_PORT"),
        ({"QUANHENG_HTTP_PORT": "65536"}, "QUANHENG_HTTP_PORT"),
        ({"QUANHENG_HTTP_PORT": "http"}, "QUANHENG_HTTP_PORT"),
        ({"QUANHENG_HTTP_PORT": "²"}, "QUANHENG_HTTP_PORT"),
        ({"QUANHENG_INTERNAL_HTTP_PORT": "staff"}, "QUANHENG_INTERNAL_HTTP_PORT"),
        ({"QUANHENG_INTERNAL_HTTP_PORT": "8000"}, "QUANHENG_INTERNAL_HTTP_PORT"),
        *(
            ({f"QUANHENG_HTTP_{name}": number}, f"QUANHENG_HTTP_{name}")
            for name in ("HEAD_SECONDS", "BODY_SECONDS", "IDLE_SECONDS", "CONNECTIONS", "CONNECTIONS_PER_ADDRESS")
            for number in ("0", "-1", "many", "inf", "nan")
        ),
        *(({"QUANHENG_DATABASE_POOL": number}, "QUANHENG_DATABASE_POOL") for number in ("0", "21", "many")),
        ({"QUANHENG_HTTP_CONNECTIONS": "1.5"}, "QUANHENG_HTTP_CONNECTIONS"),
        *(({"QUANHENG_RATE_LIMIT": rate}, "QUANHENG_RATE_LIMIT") for rate in ("many", "600", "0/minute")),
        ({"QUANHENG_JWKS": "{"}, "QUANHENG_JWKS"),
        ({"QUANHENG_JWKS": "[]"}, "QUANHENG_JWKS"),
        ({"QUANHENG_JWKS": '{"keys": {}}'}, "QUANHENG_JWKS"),
        ({"QUANHENG_JWKS": '{"keys": ["k"]}'}, "QUANHENG_JWKS"),
        ({"QUANHENG_JWKS": json.dumps({"keys": [new_key()]})}, "QUANHENG_JWKS"),
        ({"QUANHENG_ISSUER": "http://issuer.example"}, "QUANHENG_ISSUER"),
        ({"QUANHENG_ISSUER": DEVELOPMENT_ISSUER}, "QUANHENG_ISSUER"),
        (
            {"QUANHENG_ISSUER": DEVELOPMENT_ISSUER, "QUANHENG_PROFILE": "development", "QUANHENG_JWKS": ""},
            "QUANHENG_ISSUER",
        ),
    ],
)
def test_a_wrong_setting_is_named(change: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        read("licensing", {**GIVEN, **change})


def test_staff_may_have_a_port_of_their_own() -> None:
    assert read("licensing", {**GIVEN, "QUANHENG_INTERNAL_HTTP_PORT": "8001"}).ports == [8000, 8001]


def test_without_keys_of_its_own_a_deployment_takes_those_of_its_issuer() -> None:
    assert read("licensing", {**GIVEN, "QUANHENG_JWKS": ""}).jwks is None
    development = {**GIVEN, "QUANHENG_PROFILE": "development", "QUANHENG_ISSUER": "http://127.0.0.1:8080/realms/q"}
    assert read("licensing", development).issuer == "http://127.0.0.1:8080/realms/q"


def test_a_process_tells_all_that_is_wrong_with_its_settings_and_ends() -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "services", "licensing"],
        cwd=ROOT,
        env={"PATH": "", "QUANHENG_HTTP_PORT": "http", "QUANHENG_ISSUER": "https://issuer.example"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines() == [
        "licensing: QUANHENG_HTTP_PORT='http' is not a TCP port: use 1 to 65535",
        "licensing: QUANHENG_AMQP_URL is not set: see docs/reference/settings.md",
        "licensing: QUANHENG_DATABASE_URL is not set: see docs/reference/settings.md",
    ]


@given(st.text(st.characters(min_codepoint=33, exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_any_password_and_virtual_host_survive(name: str) -> None:
    server = make_url("postgresql://u@h/x").set(password=name).render_as_string(hide_password=False)
    url = make_url(database_url(server, "d"))
    assert (url.password, url.database, url.drivername) == (name, "d", "postgresql+psycopg2")
    assert amqp_url("amqp://u:p@h/x", name).startswith("amqp://u:p@h/")


def test_the_law_s_day_begins_at_midnight_in_beijing() -> None:
    assert legal_date(datetime(2013, 9, 16, 15, 59, tzinfo=UTC)) == date(2013, 9, 16)
    assert legal_date(datetime(2013, 9, 16, 16, 0, tzinfo=UTC)) == date(2013, 9, 17)


def test_real_time_cannot_be_given_in_production() -> None:
    before = datetime.now(UTC)
    assert before <= WallTime(accepts_given=False).now(THEN) <= datetime.now(UTC)
    assert WallTime(accepts_given=True).now(THEN) == THEN
    assert before <= WallTime(accepts_given=True).arrival(THEN) <= datetime.now(UTC)


def test_given_time_travels_with_events() -> None:
    assert GivenTime().now(THEN) == GivenTime().arrival(THEN) == THEN
