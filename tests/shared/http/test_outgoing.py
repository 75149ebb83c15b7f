"""Requests to URLs given by users: only public addresses are reached, and every request is bounded in time."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.outgoing import WHOLE_SECONDS, Outgoing, OutgoingError, is_public
from tests.certificates import certificate
from tests.support import receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
PUBLIC = Outgoing(
    private=False, resolve=lambda _host, _port: ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
)
ANYWHERE = Outgoing(private=True, connect_seconds=1, whole_seconds=1)

NOT_PUBLIC = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200"),  # noqa: S104 - not to be bound
    *("127.0.0.1", "127.1.2.3", "169.254.169.254"),
    *("172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1"),
    *("198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:93.184.215.14", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::5db8:d70e"),
    *("64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "2002:5db8:d70e::1", "3fff::1", "5f00::1"),
    *("fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:0:7f00:1::"),
]
RESERVED = [
    *map(ip_network, ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12")),
    *map(ip_network, ("192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24")),
    *map(ip_network, ("224.0.0.0/3", "::/3", "2001::/23", "2001:db8::/32", "2002::/16", "4000::/2", "8000::/1")),
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_not_reached(address: str) -> None:
    assert not is_public(address)
    outgoing = Outgoing(private=False, resolve=lambda _host, _port: ["93.184.215.14", address])
    (fault,) = outgoing.faults("https://hooks.example.com/x")
    assert fault.startswith("no_public_address:")
    assert address not in fault, "where the name leads within our own network is nobody's business"
    with pytest.raises(OutgoingError, match="no_public_address"):
        outgoing.post("https://hooks.example.com/x", {}, b"")


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6), *(st.ip_addresses(network=one) for one in RESERVED)))
def test_no_address_of_a_reserved_network_is_public(ip: IPv4Address | IPv6Address) -> None:
    if any(ip in network for network in RESERVED if network.version == ip.version):
        assert not is_public(str(ip))
    if ip.version == 4:
        # Nor is one that an IPv6 address stands for.
        for wrapped in (f"::ffff:{ip}", f"64:ff9b::{ip}", f"::{ip}"):
            assert not is_public(str(ip_address(wrapped)))


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "223.5.5.5", "2606:2800:21f::1", "240e::1"])
def test_other_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "codes"),
    [
        ("https://hooks.example.com/x?y=1", []),
        ("https://hooks.example.com:443/", []),
        ("https://[2606:2800:21f::1]/", []),
        ("http://hooks.example.com/", ["not_https"]),
        ("ftp://hooks.example.com/", ["not_https"]),
        ("file:///etc/passwd", ["not_https", "no_host"]),
        ("https:///x", ["no_host"]),
        ("hooks.example.com", ["not_https", "no_host"]),
        ("https://me:secret@hooks.example.com/", ["credentials"]),
        ("https://@hooks.example.com/", ["credentials"]),
        ("https://hooks.example.com\\@127.0.0.1/", ["not_ascii", "credentials"]),
        ("https://hooks.example.com/#x", ["fragment"]),
        ("https://hooks.example.com:8443/", ["port"]),
        ("https://hooks.example.com:port/", ["not_a_url"]),
        ("https://[::1", ["not_a_url"]),
        ("https://hooks.example.com/a b", ["not_ascii"]),
        ("https://hooks.example.com/\r\nHost: x", ["not_ascii"]),
        ("https://钩.example.com/", ["not_ascii", "no_host"]),
        ("http://me@hooks.example.com:80/#x", ["not_https", "credentials", "fragment", "port"]),
    ],
)
def test_all_that_is_wrong_with_an_address_is_told_at_once(url: str, codes: list[str]) -> None:
    assert [fault.partition(":")[0] for fault in PUBLIC.faults(url)] == codes


@given(st.text(max_size=60) | st.from_regex(r"\Ahttps?://[a-z0-9.:@\[\]%/?#\\]*\Z"))
def test_any_text_is_judged(url: str) -> None:
    for fault in PUBLIC.faults(url):
        assert fault.partition(":")[0].isidentifier()


def test_a_name_that_cannot_be_found_is_told_as_one_that_must_not_be_reached() -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    outgoing = Outgoing(private=False, resolve=nowhere)
    assert outgoing.faults("https://hooks.example.com/")[0].startswith("no_public_address:")
    with pytest.raises(OutgoingError, match="no_public_address"):
        outgoing.post("https://hooks.example.com/", {}, b"")


def test_a_name_is_looked_up_once_for_a_request_and_what_it_means_afterwards_does_not_matter() -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    with receiver() as found:
        port = urlsplit(found.url).port
        outgoing = Outgoing(private=True, resolve=rebinding)
        assert outgoing.post(f"http://hooks.example.com:{port}/hook?a=b", {"X-Own": "1"}, b"{}").status == 204
        (came,) = found.received
        assert (came.path, came.body, came.headers["x-own"]) == ("/hook?a=b", b"{}", "1")
        assert came.headers["host"] == f"hooks.example.com:{port}"
    assert asked == ["hooks.example.com"]


def test_a_name_that_was_public_when_it_was_told_is_looked_at_again() -> None:
    answers = [["93.184.215.14"], ["127.0.0.1"]]
    outgoing = Outgoing(private=False, resolve=lambda _host, _port: answers.pop(0))
    assert outgoing.faults("https://hooks.example.com/") == []
    with pytest.raises(OutgoingError, match="no_public_address"):
        outgoing.post("https://hooks.example.com/", {}, b"")


def test_the_next_address_is_tried_where_the_first_takes_no_connection() -> None:
    with receiver() as found:
        outgoing = Outgoing(private=True, resolve=lambda _host, _port: ["::1", "127.0.0.1"])
        assert outgoing.post(f"http://both.example:{urlsplit(found.url).port}/", {}, b"").status == 204


def test_a_redirect_is_an_answer_like_any_other() -> None:
    with receiver() as first, receiver() as second:
        first.status, first.location = 302, second.url
        assert ANYWHERE.post(first.url, {}, b"").status == 302
        assert second.received == []


def test_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(OutgoingError, match="unreachable"):
            ANYWHERE.post(f"http://127.0.0.1:{bound.getsockname()[1]}/", {}, b"")


def test_a_receiver_that_hangs_is_left_in_time() -> None:
    with receiver() as found:
        found.hanging = True
        with pytest.raises(OutgoingError, match="timed_out"):
            ANYWHERE.post(found.url, {}, b"")


@contextmanager
def dripping(beginning: bytes) -> Iterator[int]:
    """The port of a server that sends a byte now and then, and never comes to an end."""

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            for byte in beginning + b"2" * 1000:
                connection.sendall(bytes([byte]))
                time.sleep(0.1)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=drip, args=(server,))
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)
        assert not thread.is_alive()


DRIPPING = [("http", b"HTTP/1.1 "), ("https", b"\x16\x03\x03\x3f\xff")]


@pytest.mark.parametrize(("scheme", "beginning"), DRIPPING)
def test_a_receiver_that_sends_a_byte_now_and_then_is_left_in_time(scheme: str, beginning: bytes) -> None:
    with dripping(beginning) as port, pytest.raises(OutgoingError, match="timed_out"):
        ANYWHERE.post(f"{scheme}://127.0.0.1:{port}/", {}, b"")


@pytest.mark.parametrize(("scheme", "beginning"), DRIPPING)
def test_so_it_is_among_greenthreads(scheme: str, beginning: bytes) -> None:
    with dripping(beginning) as port:
        script = (
            "import eventlet; eventlet.monkey_patch(); from shared.http.outgoing import Outgoing, OutgoingError\n"
            "try: Outgoing(private=True, whole_seconds=0.5)"
            f".post('{scheme}://127.0.0.1:{port}/', {{}}, b'')\n"
            "except OutgoingError as error: print(error.outcome)"
        )
        told = subprocess.run(  # noqa: S603 - our own text
            [sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
        )
    assert told.stdout == "timed_out\n"


def test_an_answer_of_any_length_is_not_read_on() -> None:
    def pour(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                while True:
                    connection.sendall(b"x" * 65536)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=pour, args=(server,))
        thread.start()
        assert ANYWHERE.post(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, b"").status == 200
        thread.join(10)
        assert not thread.is_alive()


def test_a_body_that_never_comes_is_not_waited_for() -> None:
    def promise(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
            while connection.recv(65536):
                pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=promise, args=(server,))
        thread.start()
        began = time.monotonic()
        assert Outgoing(private=True).post(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, b"").status == 200
        assert time.monotonic() - began < WHOLE_SECONDS / 2
        thread.join()


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200])
def test_what_is_no_answer_is_told_as_such(said: bytes) -> None:
    def say(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(said)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=say, args=(server,))
        thread.start()
        with pytest.raises(OutgoingError, match="unreachable"):
            ANYWHERE.post(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, b"")
        thread.join()


def test_the_certificate_must_be_that_of_the_name_and_be_believed(tmp_path: Path) -> None:
    shown, public = certificate(tmp_path, "hooks.example.com")
    believed = ssl.create_default_context(cafile=public)
    with receiver(tls=shown) as found:
        port = urlsplit(found.url).port
        trusting = Outgoing(private=True, resolve=lambda _host, _port: ["127.0.0.1"], trust=believed)
        assert trusting.post(f"https://hooks.example.com:{port}/hook", {}, b"{}").status == 204
        with pytest.raises(OutgoingError, match="insecure"):
            trusting.post(f"https://other.example.com:{port}/hook", {}, b"{}")
        with pytest.raises(OutgoingError, match="insecure"):
            Outgoing(private=True, resolve=lambda _host, _port: ["127.0.0.1"]).post(found.url, {}, b"{}")
        assert len(found.received) == 1
