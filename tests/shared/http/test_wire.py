"""Nobody can hold a connection for long, exceed the limits, or send an ambiguous request."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from math import nan
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from shared.http.connection import MAX_HEAD_BYTES, MAX_HEADERS, MAX_LINE_BYTES
from tests.drawing import few
from tests.shared.http.parts import BLOCKED, ROOT, process, ready, refused
from tests.shared.http.sockets import HEAD, Wire, get
from tests.support import NOW, Caller, Office, applicant, credit_code, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.system import System

SECONDS = 0.6
MANY = 5_000
"""Answers that fit in no buffer on the way."""
MUCH = 3_000
"""Requests that take a while, though each takes little."""
MANY_SLOW = 40
"""More than there are threads."""
CONNECTIONS = 12
FROM_ONE_ADDRESS = 8
OTHER = "127.0.0.2"
ALIVE = get("/livez")
BODY = b'{"lines": [{"model": "ACS-15"}]}'


@pytest.fixture(scope="module")
def url(system: System) -> Iterator[str]:
    """The address of a process that has little patience and takes few connections."""
    limits = {
        **dict.fromkeys(("QUANHENG_HTTP_HEAD_SECONDS", "QUANHENG_HTTP_BODY_SECONDS"), str(SECONDS)),
        "QUANHENG_HTTP_IDLE_SECONDS": str(SECONDS),
        "QUANHENG_HTTP_CONNECTIONS": str(CONNECTIONS),
        "QUANHENG_HTTP_CONNECTIONS_PER_ADDRESS": str(FROM_ONE_ADDRESS),
    }
    with process(system, "licensing", limits) as found:
        yield found.url


@pytest.fixture(autouse=True)
def _alone_before_and_after(url: str) -> Iterator[None]:
    wait_for(lambda: connections(url) == 1, what="all other connections to be closed")
    yield
    wait_for(lambda: connections(url) == 1, what="the test's connections to be closed")


@pytest.fixture(scope="module")
def token(system: System) -> str:
    return system.token(applicant(credit_code()))


def connections(url: str) -> float:
    """How many there are, with the one that asks; no number while there are too many to be told it."""
    answer = Caller(url).get("/metrics", Connection="close")
    if answer.status == 503:  # the wires of the test before are not all closed yet
        return nan
    found = re.search(r"^quanheng_http_connections (\S+)$", answer.body.decode(), re.MULTILINE)
    assert found
    return float(found[1])


def post(token: str, *framing: str) -> bytes:
    """The head of a draft."""
    headers = (f"Authorization: Bearer {token}", "Content-Type: application/json", *framing)
    return get("/v1/applications", *headers).replace(b"GET", b"POST", 1)


def refused_for_good(wire: Wire, status: int, code: str) -> dict[str, Any]:
    """The problem, which must be the connection's last word."""
    answer = wire.answer()
    problem = refused(answer, status, code)
    assert answer.headers["Connection"] == "close"
    assert answer.headers["Vary"] == "Accept-Language"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert wire.ended()
    return problem


def test_headers_that_come_a_byte_at_a_time_are_not_waited_for(url: str) -> None:
    with Wire(url) as slow:
        began = time.monotonic()
        slow.trickle(b"GET /livez HTTP/1.1\r\n" + b"X: y\r\n" * 10_000)
        assert f"{SECONDS} s" in refused_for_good(slow, 408, "timeout")["detail"]
        assert time.monotonic() - began < SECONDS + 2


def test_a_body_that_comes_a_byte_at_a_time_is_not_waited_for(url: str, token: str) -> None:
    with Wire(url) as slow:
        slow.send(post(token, "Content-Length: 10000")).trickle(b" " * 10_000)
        assert f"{SECONDS} s" in refused_for_good(slow, 408, "timeout")["detail"]


def test_others_are_answered_while_some_are_slow(url: str) -> None:
    def answered_before_them() -> bool:
        with ExitStack() as open_wires:
            slow = [open_wires.enter_context(Wire(url)).send(b"GET /livez HT") for _ in range(FROM_ONE_ADDRESS - 1)]
            return Caller(url).get("/livez").status == 200 and not any(wire.answered() for wire in slow)

    # On a busy machine their time may be over before the other has asked.
    wait_for(answered_before_them, what="an answer while others are slow")


def test_many_slow_bodies_stop_nobody(system: System) -> None:
    url, token = system.url("licensing"), system.token(applicant(credit_code()))
    with ExitStack() as open_wires:
        slow = [open_wires.enter_context(Wire(url)) for _ in range(MANY_SLOW)]
        for wire in slow:
            wire.send(post(token, "Content-Length: 10000") + b" ")
        assert Caller(url, token).get("/v1/applications").status == 200
        assert not any(wire.answered() for wire in slow)


@pytest.mark.parametrize(
    "line", ["http://elsewhere.example/livez", "HTTPS://elsewhere.example:443/livez?now", "/livez"]
)
def test_a_request_in_absolute_form_is_like_one_in_origin_form(url: str, line: str) -> None:
    with Wire(url) as wire:
        assert wire.send(get(line)).answer().status == 200


def test_an_empty_line_before_a_request_is_passed_over(url: str) -> None:
    """As RFC 9112, 2.2, has it."""
    with Wire(url) as wire:
        assert wire.send(b"\r\n" + ALIVE).answer().status == 200


def test_who_says_nothing_is_not_told_anything(url: str) -> None:
    with Wire(url) as silent:
        assert silent.ended()


def test_a_connection_may_be_idle_for_a_while_between_requests(url: str) -> None:
    with Wire(url) as wire:
        assert wire.send(ALIVE).answer().status == 200
        began = time.monotonic()
        assert wire.ended()
        assert SECONDS - 0.1 < time.monotonic() - began < SECONDS + 2


def test_who_does_not_take_the_answers_is_not_waited_for(url: str) -> None:
    with Wire(url, receive_buffer=4096) as greedy:
        greedy.send(get("/problems") * MANY)
        wait_for(lambda: connections(url) == 1, what="the connection to be given up")
        assert greedy.everything().count(b"HTTP/1.1 200 OK") < MANY


def test_one_address_has_so_many_connections_and_others_have_theirs(url: str) -> None:
    with ExitStack() as open_wires:
        for _ in range(FROM_ONE_ADDRESS):
            assert open_wires.enter_context(Wire(url)).send(ALIVE).answer().status == 200
        for _ in range(3):
            assert "your address" in turned_away(open_wires.enter_context(Wire(url)))
        assert open_wires.enter_context(Wire(url, OTHER)).send(ALIVE).answer().status == 200


def test_a_process_has_so_many_connections(url: str) -> None:
    with ExitStack() as open_wires:
        for source in ["127.0.0.1"] * FROM_ONE_ADDRESS + [OTHER] * (CONNECTIONS - FROM_ONE_ADDRESS):
            assert open_wires.enter_context(Wire(url, source)).send(ALIVE).answer().status == 200
        assert "just now" in turned_away(open_wires.enter_context(Wire(url, OTHER)))


def turned_away(wire: Wire) -> str:
    """The detail of what is told before anything is asked."""
    answer = wire.answer()
    assert (answer.headers["Retry-After"], answer.headers["Connection"]) == ("1", "close")
    detail: str = refused(answer, 503, "unavailable")["detail"]
    assert wire.end().ended()
    return detail


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (get("/" + "x" * MAX_LINE_BYTES), 414, "uri_too_long"),
        (get("/livez", *["X: y"] * MAX_HEADERS), 431, "headers_too_large"),
        (get("/livez", "X: " + "y" * MAX_HEAD_BYTES), 431, "headers_too_large"),
    ],
)
def test_a_head_that_is_too_large_is_refused(url: str, request_: bytes, status: int, code: str) -> None:
    with Wire(url) as wire:
        answer = wire.send(request_ + ALIVE).answer()
        refused(answer, status, code)
        assert wire.end().ended(), "what followed was not taken for a request"


@pytest.mark.parametrize(
    "head",
    [
        b"\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / x HTTP/1.1\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET / HTTP/one\r\n\r\n",
        b"POST /\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n folded: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: y\rTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
        *(
            b"POST / HTTP/1.1\r\n" + HEAD + framing + b"\r\n\r\n"
            for framing in (
                b"Content-Length: -1",
                b"Content-Length: +1",
                b"Content-Length: 1_0",
                b"Content-Length: 1, 1",
                b"Content-Length: " + b"9" * 5000,
                b"Content-Length: 1\r\nContent-Length: 2",
                b"Content-Length: 1\r\nTransfer-Encoding: chunked",
                b"Transfer-Encoding: gzip, chunked",
                b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                b"Transfer-Encoding: identity",
            )
        ),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused_and_what_follows_is_not_read(url: str, head: bytes) -> None:
    with Wire(url) as wire:
        refused(wire.send(head + ALIVE).answer(), 400, "malformed")
        assert wire.end().ended()


@pytest.mark.parametrize("sent", [b"G", b"GET / HTTP/1.1\r\n", b"DELETE /x HTTP/1.1\r\nHost: a\r\nIf-Match: "])
def test_a_head_that_was_cut_off_is_not_acted_on(url: str, sent: bytes) -> None:
    with Wire(url) as wire:
        refused_for_good(wire.send(sent).end(), 400, "malformed")


def test_a_body_that_was_cut_off_is_not_acted_on(url: str, token: str) -> None:
    with Wire(url) as wire:
        wire.send(post(token, f"Content-Length: {len(BODY) + 1}") + BODY).end()
        assert f"{len(BODY)} of the {len(BODY) + 1}" in refused_for_good(wire, 400, "malformed")["detail"]


def test_who_has_said_everything_still_hears_the_answer(url: str, token: str) -> None:
    with Wire(url) as wire:
        answer = wire.send(post(token, f"Content-Length: {len(BODY)}") + BODY).end().answer()
        assert answer.status in {201, 422}
        assert wire.ended()


def test_requests_sent_at_once_are_answered_one_after_the_other(url: str, token: str) -> None:
    with Wire(url) as wire:
        wire.send(ALIVE + post(token, "Content-Length: 1") + b"[" + get("/v1/nothing") + ALIVE)
        assert [wire.answer().status for _ in range(4)] == [200, 400, 404, 200]


def test_who_asks_much_at_once_takes_turns_with_others(url: str) -> None:
    with Wire(url) as greedy, Wire(url) as other, ThreadPoolExecutor(1) as reader:
        assert other.send(ALIVE).answer().status == 200
        answers = reader.submit(greedy.send(ALIVE * MUCH).end().everything)
        answered = other.send(ALIVE).answer().headers["X-Request-Id"]
        found = re.findall(rb"x-request-id: (\S+)", answers.result())
    assert len(found) == MUCH
    assert answered.encode() < found[-1], "ids of requests follow each other in time"


def test_a_body_in_chunks_is_read_and_the_connection_goes_on(url: str, token: str) -> None:
    chunks = b"".join(b"%x;about=nothing\r\n%s\r\n" % (len(part), part) for part in (BODY[:7], BODY[7:]))
    with Wire(url) as wire:
        wire.send(post(token, "Transfer-Encoding: chunked") + chunks + b"0\r\nTrailer: x\r\n\r\n" + ALIVE)
        assert wire.answer().status in {201, 422}
        assert wire.answer().status == 200


@pytest.mark.parametrize("body", [b"no number\r\n", b"5\r\nab", b"5;" + b"x" * 5000, b"2\r\n[]\r\n0\r\n" + b"x" * 5000])
def test_a_body_that_is_not_in_chunks_as_it_says_is_refused(url: str, token: str, body: bytes) -> None:
    with Wire(url) as wire:
        wire.send(post(token, "Transfer-Encoding: chunked") + body).end()
        refused_for_good(wire, 400, "malformed")


def test_who_expects_to_be_asked_for_the_body_is(url: str, token: str) -> None:
    with Wire(url) as wire:
        wire.send(post(token, f"Content-Length: {len(BODY)}", "Expect: 100-continue"))
        wait_for(wire.answered)
        assert wire.socket.recv(100).startswith(b"HTTP/1.1 100 Continue")
        assert wire.send(BODY).answer().status in {201, 422}


def test_a_body_that_nobody_wants_is_answered_before_it_is_sent(url: str, token: str) -> None:
    with Wire(url) as wire:
        wire.send(post(token, "Content-Length: 99999999"))
        refused(wire.answer(), 413, "too_large")


@pytest.mark.parametrize("sent", [b"", b"GET /livez HT", b"GET /livez HTTP/1.1\r\nHost: x\r\n", ALIVE * 50])
def test_who_vanishes_harms_nobody(url: str, sent: bytes) -> None:
    Wire(url).send(sent).reset()
    assert Caller(url).get("/livez").status == 200


@given(
    st.lists(
        st.sampled_from([b"GET", b" ", b"/", b"HTTP/1.1", b"\r\n", b"X: y", b"Host: x", b"\r\n\r\n"]) | st.binary()
    )
)
@few(60)
def test_any_bytes_are_answered_or_refused(url: str, parts: list[bytes]) -> None:
    with Wire(url) as wire:
        wire.send(b"".join(parts)).end()
        if not parts or not b"".join(parts):
            assert wire.ended()
        else:
            answer = wire.answer()
            assert answer.status < 500
            assert answer.headers["X-Request-Id"]


def test_a_refusal_is_in_the_language_and_under_the_id_that_were_read_before_it(url: str) -> None:
    with Wire(url) as wire:
        answer = wire.send(get("/livez", "X-Request-Id: my-own-3", "Content-Length: x")).answer()
        assert refused(answer, 400, "malformed")["correlation_id"] == "my-own-3"
        assert answer.headers["Content-Language"] == "en"


def test_a_process_told_to_leave_ends_idle_connections_and_answers_what_it_has_begun(
    system: System, office: Office
) -> None:
    case = office.case("type_approval")
    request = post(case.caller("applicant").token or "", "If-Match: *", f"Quanheng-Now: {NOW}").replace(
        b"/v1/applications", case.path("applicant", "submit").encode(), 1
    )
    with process(system, "type_approval") as found, Wire(found.url) as idle, Wire(found.url) as busy:
        assert idle.send(ALIVE).answer().status == 200
        with office.engines["type_approval"].connect() as tx:
            tx.execute(text("SELECT 1 FROM cases WHERE id = :id FOR UPDATE"), {"id": case.id})
            busy.send(request)
            wait_for(lambda: office.rows("type_approval", BLOCKED) >= [(1,)], what="the request to be under way")
            found.running.terminate()
            wait_for(lambda: not ready(found.url), what="the process to notice")
            with Wire(found.url) as late:
                refused_for_good(late.send(get("/v1/certificates/none")), 503, "unavailable")
            tx.rollback()
        answer = busy.answer()
        assert (answer.status, answer.json["state"], answer.headers["Connection"]) == (200, "received", "close")
        assert idle.ended()
        assert found.running.wait(20) == 0


@pytest.mark.long
def test_a_port_that_is_taken_ends_the_process_with_a_text(system: System, url: str) -> None:
    port = url.rpartition(":")[2]
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "services", "licensing", "--role", "api"],
        cwd=ROOT,
        env=system.environment("licensing") | {"QUANHENG_HTTP_PORT": port},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert f"licensing: port {port} of 127.0.0.1: Address already in use" in ended.stderr
