"""Tokens: who signed them, for whom, until when; and what an actor may do."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from shared.identity import STAFF_POSTS, SYSTEM, Actor, InvalidTokenError, Role, Verifier, issue, new_key, public_keys
from shared.identity.tokens import DEVELOPMENT_ISSUER
from shared.testing import applicant, laboratory, officer

KEY, OTHER_KEY = new_key(), new_key()
ISSUER, AUDIENCE = DEVELOPMENT_ISSUER, "quanheng"
VERIFIER = Verifier(public_keys(KEY), ISSUER, AUDIENCE)
NOW = int(time.time())
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "s",
    "exp": NOW + 600,
    "role": "staff",
    "posts": ["intake"],
}


def sign(claims: dict[str, Any], key: dict[str, Any] = KEY) -> str:
    signing = ECKey.import_key(key)
    return jwt.encode({"alg": "ES256", "kid": signing.kid}, claims, signing)


@pytest.mark.parametrize("actor", [applicant("91220101MA0Y000086"), laboratory(), officer("o", "examiner", "decider")])
def test_a_token_speaks_for_whom_it_was_issued(actor: Actor) -> None:
    token = issue(KEY, actor)
    assert VERIFIER.actor(token) == actor
    assert VERIFIER.actor(token) == actor, "the second time from memory"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"exp": NOW - 60},
        {"exp": None},
        {"sub": None},
        {"iss": None},
        {"aud": None},
        {"role": "system"},
        {"role": "emperor"},
        {"role": None},
        {"role": "lab", "org": ""},
        {"role": "applicant"},
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


def test_any_changed_character_makes_a_token_bad() -> None:
    token = sign(CLAIMS)
    for place in range(0, len(token) - 2, 7):
        if token[place] != ".":
            forged = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
            with pytest.raises(InvalidTokenError):
                VERIFIER.actor(forged)


@given(st.text())
def test_any_text_is_a_token_or_refused(text: str) -> None:
    with pytest.raises(InvalidTokenError):
        VERIFIER.actor(text)


def test_a_token_that_was_good_is_refused_once_it_has_expired() -> None:
    verifier = Verifier(public_keys(KEY), ISSUER, AUDIENCE)
    token = sign({**CLAIMS, "exp": NOW + 600})
    actor = verifier.actor(token)
    verifier._known[token] = (time.time() - 1, actor)
    assert verifier.actor(token) == actor, "what is remembered too long is checked again"
    expired = sign({**CLAIMS, "exp": NOW - 31})
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
    nobody = Verifier({"keys": []}, ISSUER, AUDIENCE)
    with pytest.raises(InvalidTokenError):
        nobody.actor(sign(CLAIMS))
