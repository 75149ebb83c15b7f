"""Tokens: signature, audience and expiry; and the rights of an actor."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey

from shared.identity import (
    STAFF_POSTS,
    SYSTEM,
    Actor,
    InvalidTokenError,
    Role,
    Scope,
    Verifier,
    issue,
    new_key,
    public_keys,
)
from shared.identity.keys import FixedKeys
from shared.identity.tokens import DEVELOPMENT_ISSUER
from tests.support import applicant, laboratory, officer

KEY, OTHER_KEY = new_key(), new_key()
ISSUER, AUDIENCE = DEVELOPMENT_ISSUER, "quanheng"
VERIFIER = Verifier(FixedKeys(public_keys(KEY)), ISSUER, AUDIENCE)
LONG_AGO, ONE_DAY = 1_000_000_000, 32_503_680_000
"""Before and after any run: 2001 and 3000."""
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "s",
    "exp": ONE_DAY,
    "role": "staff",
    "office": "provincial",
    "posts": ["intake"],
}


def sign(claims: dict[str, Any], key: dict[str, Any] = KEY, **header: str) -> str:
    signing = ECKey.import_key(key)
    # ASCII only: claims are to be any JSON, lone surrogates too.
    payload = json.dumps(claims).encode()
    return jws.serialize_compact({"alg": "ES256", "kid": signing.kid, **header}, payload, signing)


READER = replace(laboratory(), scopes=frozenset({Scope.READ}))
CITY = officer("o", "examiner", office="changchun")
NOBODY = replace(laboratory(), scopes=frozenset())


@pytest.mark.parametrize(
    "actor",
    [applicant("91220101MA0Y000086"), laboratory(), officer("o", "examiner", "decider"), CITY, READER, NOBODY],
)
def test_a_token_speaks_for_whom_it_was_issued(actor: Actor) -> None:
    token = issue(KEY, actor)
    assert VERIFIER.actor(token) == actor
    assert VERIFIER.actor(token) == actor, "the second time from memory"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"exp": LONG_AGO},
        {"exp": None},
        {"sub": None},
        {"iss": None},
        {"aud": None},
        {"role": "system"},
        {"role": "emperor"},
        {"role": None},
        {"role": "lab", "org": ""},
        {"role": "applicant"},
        {"role": ["staff"]},
        {"role": "applicant", "org": "吉林示例衡器厂"},
        {"role": "applicant", "org": "91220101MA0Y00008"},
        {"role": "lab", "org": 17},
        {"office": None},
        {"office": ["changchun"]},
        {"posts": "intake"},
        {"posts": ["intake", 1]},
        {"posts": {"intake": True}},
        {"service": "true"},
        {"scope": ["lab:read"]},
        {"sub": 17},
        {"sub": ""},
        {"sub": "s" * 256},
        {"sub": "s "},
        {"name": "a\0b"},
        {"name": {"zh": "王"}},
        {"nbf": ONE_DAY},
        {"nbf": "soon"},
        {"iat": ONE_DAY},
        {"exp": str(ONE_DAY)},
        {"exp": float("inf")},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(change: dict[str, Any]) -> None:
    claims = {name: value for name, value in {**CLAIMS, **change}.items() if value is not None}
    with pytest.raises(InvalidTokenError):
        VERIFIER.actor(sign(claims))
    assert VERIFIER.actor(sign(CLAIMS)).subject == "s", "the same without the change is good"


def test_a_token_of_another_key_is_refused() -> None:
    with pytest.raises(InvalidTokenError):
        VERIFIER.actor(sign(CLAIMS, OTHER_KEY))


def test_a_token_that_names_our_key_but_was_signed_with_another_is_refused() -> None:
    header = {"alg": "ES256", "kid": ECKey.import_key(KEY).kid}
    with pytest.raises(InvalidTokenError):
        VERIFIER.actor(jwt.encode(header, CLAIMS, ECKey.import_key(OTHER_KEY)))


def test_a_token_that_is_not_signed_or_signed_with_a_shared_secret_is_refused() -> None:
    head, body, _ = sign(CLAIMS).split(".")
    with pytest.raises(InvalidTokenError):
        VERIFIER.actor(f"eyJhbGciOiJub25lIn0.{body}.")
    with pytest.raises(InvalidTokenError):
        VERIFIER.actor(f"{head}.{body}.")
    secret = OctKey.import_key(str(public_keys(KEY)) * 2)
    with pytest.raises(InvalidTokenError):
        VERIFIER.actor(jwt.encode({"alg": "HS256"}, CLAIMS, secret))


@pytest.mark.parametrize("kind", [{"header": "JWS"}, {"claim": "ID"}, {"claim": "Refresh"}, {"claim": 1}])
def test_a_token_for_another_use_is_refused(kind: dict[str, Any]) -> None:
    header = {"typ": kind["header"]} if "header" in kind else {}
    with pytest.raises(InvalidTokenError):
        VERIFIER.actor(sign({**CLAIMS, **({"typ": kind["claim"]} if "claim" in kind else {})}, **header))
    assert VERIFIER.actor(sign({**CLAIMS, "typ": "Bearer"}, typ="at+jwt")).subject == "s"


def test_any_changed_character_makes_a_token_bad() -> None:
    token = sign(CLAIMS)
    for place in range(0, len(token) - 2, 7):
        if token[place] != ".":
            forged = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
            with pytest.raises(InvalidTokenError):
                VERIFIER.actor(forged)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*CLAIMS, "name", "org", "scope", "service", "nbf", "iat", "typ"]), JSON))
@example({"exp": 10**400})
@example({"name": "\ud800"})
def test_whatever_an_issuer_signs_is_an_actor_or_refused(claims: dict[str, Any]) -> None:
    try:
        actor = VERIFIER.actor(sign({**CLAIMS, **claims}))
    except InvalidTokenError:
        return
    assert actor.role in {"applicant", "lab", "staff"}
    assert actor.subject
    assert "\0" not in f"{actor.subject}{actor.name}{actor.organisation}".encode().decode()


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({}, {"read", "write"}),
        ({"scope": "openid profile"}, {"read", "write"}),
        ({"scope": "openid lab:read"}, {"read"}),
        ({"scope": "lab:write lab:read"}, {"read", "write"}),
        ({"scope": "applicant:write"}, set()),
        ({"service": True}, set()),
        ({"service": True, "scope": "openid"}, set()),
        ({"service": True, "scope": "lab:read"}, {"read"}),
    ],
)
def test_scopes_limit_a_token_and_a_service_account_has_no_others(claims: dict[str, Any], scopes: set[str]) -> None:
    assert VERIFIER.actor(sign({**CLAIMS, "role": "lab", "org": "LAB-01", **claims})).scopes == scopes


def test_a_header_nested_too_deep_is_refused() -> None:
    header = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    with pytest.raises(InvalidTokenError):
        VERIFIER.actor(f"{header}.e30.AA")


@given(st.text())
def test_any_text_is_a_token_or_refused(text: str) -> None:
    with pytest.raises(InvalidTokenError):
        VERIFIER.actor(text)


def test_a_token_that_was_good_is_refused_once_it_has_expired() -> None:
    verifier = Verifier(FixedKeys(public_keys(KEY)), ISSUER, AUDIENCE)
    token = sign({**CLAIMS, "exp": ONE_DAY})
    actor = verifier.actor(token)
    verifier._known[token] = (time.time() - 1, *verifier._known[token][1:])
    assert verifier.actor(token) == actor, "what is remembered too long is checked again"
    expired = sign({**CLAIMS, "exp": int(time.time()) - 31})
    with pytest.raises(InvalidTokenError):
        verifier.actor(expired)


def test_unknown_posts_are_nothing() -> None:
    assert VERIFIER.actor(sign({**CLAIMS, "posts": ["intake", "king"]})).posts == {"intake"}


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (applicant("x"), {"applicant"}),
        (laboratory(), {"lab"}),
        (officer("o", "examiner"), {"staff", "staff:examiner"}),
        (officer("o"), {"staff", *(f"staff:{post}" for post in STAFF_POSTS)}),
        (SYSTEM, {"system"}),
    ],
)
def test_an_actor_may_what_their_role_and_posts_say(actor: Actor, may: set[str]) -> None:
    asked = {*map(str, Role), *(f"{role}:{post}" for role in Role for post in STAFF_POSTS)}
    assert {who for who in asked if actor.may(who)} == may


def test_without_keys_nobody_is_let_in() -> None:
    """What the Kubernetes base ships until an overlay names the issuer's keys."""
    nobody = Verifier(FixedKeys({"keys": []}), ISSUER, AUDIENCE)
    with pytest.raises(InvalidTokenError):
        nobody.actor(sign(CLAIMS))
