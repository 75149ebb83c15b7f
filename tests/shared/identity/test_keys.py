"""An issuer's keys: discovery, rotation, revocation, outages; with a real issuer over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from joserfc.jwk import OctKey, RSAKey

from deploy.local.process import free_ports
from shared.identity import AUDIENCE, InvalidTokenError, Verifier, new_key
from shared.identity.keys import MAX_AGE_SECONDS, PATIENCE_SECONDS, PAUSE_SECONDS, IssuerKeys, KeysUnavailableError
from tests.certificates import certificate
from tests.shared.http.parts import process
from tests.shared.identity.issuers import CONFIGURATION, Issuer, issuer_on
from tests.support import Caller, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploy.local.system import System


ROOT = Path(__file__).parents[3]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuer_on() as found:
        yield found


def verifier(issuer: Issuer, *, max_age: float = MAX_AGE_SECONDS, pause: float = 0) -> Verifier:
    keys = IssuerKeys(issuer.address, secure=False, max_age=max_age, pause=pause)
    return Verifier(keys, issuer.address, AUDIENCE)


def accepts(checking: Verifier, token: str) -> bool:
    try:
        return checking.actor(token).subject == "wang"
    except InvalidTokenError:
        return False


def test_an_issuer_s_tokens_are_good_and_its_keys_fetched_once(issuer: Issuer) -> None:
    checking = verifier(issuer)
    for subject in ("wang", "li", "zhao"):
        assert checking.actor(issuer.token(sub=subject)).subject == subject
    assert issuer.asked == [CONFIGURATION, "/keys"]


def test_a_new_key_is_fetched_when_a_token_names_it(issuer: Issuer) -> None:
    checking = verifier(issuer)
    old = issuer.token()
    assert accepts(checking, old)
    issuer.keys.append(new_key())
    assert accepts(checking, issuer.token())
    assert accepts(checking, old)


def test_unknown_keys_make_nobody_ask_the_issuer_more_often_than_allowed(issuer: Issuer) -> None:
    checking = verifier(issuer, pause=PAUSE_SECONDS)
    assert accepts(checking, issuer.token())
    for _ in range(20):
        assert not accepts(checking, issuer.token(new_key()))
    assert issuer.asked == [CONFIGURATION, "/keys"]


def test_many_at_once_make_one_fetch(issuer: Issuer) -> None:
    checking = verifier(issuer, pause=PAUSE_SECONDS)
    tokens = [issuer.token(sub=f"s{number}") for number in range(20)]
    with ThreadPoolExecutor(20) as pool:
        assert [actor.subject for actor in pool.map(checking.actor, tokens)] == [f"s{number}" for number in range(20)]
    assert issuer.asked == [CONFIGURATION, "/keys"]


def test_a_key_taken_back_ends_its_tokens_even_remembered_ones(issuer: Issuer) -> None:
    checking = verifier(issuer, max_age=0.05)
    old = issuer.token()
    assert accepts(checking, old)
    issuer.keys = [new_key()]
    wait_for(lambda: not accepts(checking, old), what="the old key to be forgotten")
    assert accepts(checking, issuer.token())


def test_while_the_issuer_is_down_known_keys_go_on_and_unknown_ones_cannot_be_told() -> None:
    with issuer_on() as issuer:
        checking = verifier(issuer, max_age=0)
        assert accepts(checking, issuer.token())
    port = int(issuer.address.rpartition(":")[2])
    for number in range(5):
        assert accepts(checking, issuer.token(name=f"n{number}"))
    issuer.keys.append(new_key())
    with pytest.raises(KeysUnavailableError):
        checking.actor(issuer.token())
    with issuer_on(port) as again:
        again.keys = issuer.keys
        wait_for(lambda: accepts_or_later(checking, again.token()), what="the issuer to be found again")


def accepts_or_later(checking: Verifier, token: str) -> bool:
    try:
        return accepts(checking, token)
    except KeysUnavailableError:
        return False


def test_an_issuer_that_hangs_keeps_nobody_waiting_who_has_a_known_key(issuer: Issuer) -> None:
    checking = verifier(issuer, max_age=0)
    tokens = [issuer.token(sub=f"s{number}") for number in range(50)]
    checking.actor(tokens[0])
    issuer.going_on.clear()
    began = time.monotonic()
    assert [checking.actor(token).subject for token in tokens] == [f"s{number}" for number in range(50)]
    assert time.monotonic() - began < PATIENCE_SECONDS
    began = time.monotonic()
    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(checking.actor, issuer.token(new_key())) for _ in range(5)]
        assert checking.actor(tokens[0]).subject == "s0"
        for one in waiting:
            with pytest.raises(KeysUnavailableError):
                one.result(timeout=30)
    assert time.monotonic() - began < 4 * PATIENCE_SECONDS, "they wait side by side"


def answer(body: bytes, status: int = 200, **headers: str) -> Callable[[], tuple[int, dict[str, str], bytes]]:
    return lambda: (status, headers, body)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (CONFIGURATION, answer(b'{"issuer": "https://elsewhere.example", "jwks_uri": "https://elsewhere.example"}')),
        (CONFIGURATION, answer(b"{}")),
        (CONFIGURATION, answer(b"[]")),
        (CONFIGURATION, answer(b"<html>")),
        (CONFIGURATION, answer(b"", 404)),
        (CONFIGURATION, answer(b"", 302, Location="/keys")),
        ("/keys", answer(b"", 500)),
        ("/keys", answer(b"{}")),
        ("/keys", answer(b'{"keys": {}}')),
        ("/keys", answer(b'{"keys": [' + b"1," * (1 << 18) + b"1]}")),
    ],
)
def test_what_is_no_key_set_of_the_issuer_is_not_believed(
    issuer: Issuer, path: str, wrong: Callable[[], tuple[int, dict[str, str], bytes]]
) -> None:
    checking = verifier(issuer)
    issuer.answers[path] = wrong
    with pytest.raises(KeysUnavailableError):
        checking.actor(issuer.token())
    del issuer.answers[path]
    assert accepts(checking, issuer.token())


def test_without_https_no_key_is_fetched_unless_allowed(issuer: Issuer) -> None:
    keys = IssuerKeys(issuer.address, pause=0)
    with pytest.raises(KeysUnavailableError):
        Verifier(keys, issuer.address, AUDIENCE).actor(issuer.token())
    assert issuer.asked == []


@pytest.mark.filterwarnings("ignore:Key size")
def test_keys_for_other_uses_are_left_out_and_the_others_work(issuer: Issuer) -> None:
    rsa, weak = (dict(RSAKey.generate_key(bits, auto_kid=True).as_dict(private=True)) for bits in (2048, 1024))
    secret = OctKey.generate_key(256, auto_kid=True)
    issuer.keys.append(rsa)
    for_encryption = {**new_key(), "use": "enc", "alg": "ECDH-ES"}
    issuer.others = [
        *({key: value for key, value in one.items() if key in {"kty", "n", "e", "kid"}} for one in (weak,)),
        *(secret.as_dict(), for_encryption, {"kty": "AKP", "kid": "from the future"}, {}, "text", None),
    ]
    checking = verifier(issuer)
    for algorithm in ("RS256", "PS256"):
        assert accepts(checking, issuer.token(rsa, algorithm))
    for bad in (weak, {key: value for key, value in for_encryption.items() if key not in {"use", "alg"}}):
        assert not accepts(checking, issuer.token(bad, "RS256" if bad is weak else "ES256"))
    forged = issuer.token(rsa, "RS256")
    assert not accepts(checking, forged[:-8] + "AAAAAAAA")


@pytest.mark.long
def test_a_service_lets_people_in_by_its_issuer_s_keys_and_is_ready_without(system: System) -> None:
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    with process(system, "type_approval", {"QUANHENG_JWKS": "", "QUANHENG_ISSUER": address}) as found:
        url = found.url
        stranger = Issuer(address)
        refused = Caller(url, stranger.token()).get("/internal/v1/applications")
        assert (refused.status, refused.json["code"]) == (503, "unavailable")
        assert Caller(url).get("/readyz").status == 200
        with issuer_on(port) as issuer:
            wait_for(
                lambda: Caller(url, issuer.token()).get("/internal/v1/applications").status == 200,
                what="the keys to be read",
                timeout=3 * PAUSE_SECONDS,
            )
            assert Caller(url, stranger.token()).get("/internal/v1/applications").status == 401
        assert Caller(url, issuer.token(sub="li")).get("/internal/v1/applications").status == 200


# What a service process does: greenthreads, with the keys fetched over TLS while others go on.
_GREEN = """
import warnings; warnings.simplefilter("ignore")
import eventlet; eventlet.monkey_patch()
import sys
from shared.identity import AUDIENCE, Verifier, keys
from shared.identity.keys import IssuerKeys
keys.PATIENCE_SECONDS = keys._TIMEOUT = 30.0  # a busy machine is not what this is about
issuer, token = sys.argv[1:]
def others():
    for _ in range(10):
        eventlet.sleep(0)
    print("others go on", flush=True)
eventlet.spawn(others)
try:
    print(Verifier(IssuerKeys(issuer), issuer, AUDIENCE).actor(token).subject)
except Exception as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize(("trusted", "answered"), [(True, "wang"), (False, "KeysUnavailableError")])
def test_over_tls_greenthreads_go_on_while_keys_are_fetched_from_whom_the_machine_trusts(
    tmp_path: Path, *, trusted: bool, answered: str
) -> None:
    tls, trust = certificate(tmp_path)
    with issuer_on(tls=tls) as issuer:
        issuer.going_on.clear()
        asking = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", _GREEN, issuer.address, issuer.token()],
            cwd=ROOT,
            env={**os.environ, **({"SSL_CERT_FILE": str(trust)} if trusted else {})},
            stdout=subprocess.PIPE,
            text=True,
        )
        with asking:
            assert asking.stdout
            first = asking.stdout.readline()
            issuer.going_on.set()
            told = first + asking.stdout.read()
        assert first == "others go on\n" or not trusted
        assert f"{answered}\n" in told
