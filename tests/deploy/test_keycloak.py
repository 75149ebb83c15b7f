"""The Keycloak realm issues tokens that the services accept, and nobody can change their own role or organisation."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from services.portal.application import KEYS_PATH
from shared.identity import STAFF_POSTS, Actor, Role, Verifier, new_key, public_keys
from shared.identity.keys import FixedKeys

PLACE = Path(__file__).parents[2] / "deploy" / "keycloak"
REALM = json.loads((PLACE / "realm.json").read_text(encoding="utf-8"))
ISSUER = "https://login.quanheng.example/realms/quanheng"
KEY = new_key()
CLIENTS = {client["clientId"]: client for client in REALM["clients"]}
SCOPES = {scope["name"]: scope for scope in REALM["clientScopes"]}


def token(client_id: str, user: dict[str, Any] | None = None, *optional: str) -> str:
    """What Keycloak's mappers, as the realm sets them up, would put into an access token."""
    client = CLIENTS[client_id]
    scopes = [SCOPES[name] for name in (*client["defaultClientScopes"], *optional)]
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "exp": int(time.time()) + REALM["accessTokenLifespan"],
        "typ": "Bearer",
        "azp": client_id,
        "scope": " ".join(scope["name"] for scope in scopes if scope["attributes"]["include.in.token.scope"] == "true"),
    }
    allowed = {
        role
        for mapping in REALM["clientScopeMappings"]["quanheng"]
        if mapping["client"] == client_id
        for role in mapping["roles"]
    }
    for mapper in [
        *(one for scope in scopes for one in scope.get("protocolMappers", ())),
        *client.get("protocolMappers", ()),
    ]:
        config = mapper["config"]
        assert config["access.token.claim"] == "true"
        match mapper["protocolMapper"]:
            case "oidc-audience-mapper":
                claims["aud"] = [config["included.custom.audience"], "account"]
            case "oidc-sub-mapper":
                claims["sub"] = (user or {}).get("id", f"service-account-{client_id}")
            case "oidc-full-name-mapper":
                claims["name"] = (user or {})["name"]
            case "oidc-usermodel-attribute-mapper" if user and config["user.attribute"] in user:
                claims[config["claim.name"]] = user[config["user.attribute"]]
            case "oidc-usermodel-client-role-mapper":
                claims[config["claim.name"]] = sorted(allowed & set((user or {}).get("posts", ())))
            case "oidc-hardcoded-claim-mapper":
                value = config["claim.value"]
                claims[config["claim.name"]] = value == "true" if config["jsonType.label"] == "boolean" else value
    signing = ECKey.import_key(KEY)
    return jwt.encode({"alg": "ES256", "kid": signing.kid}, claims, signing)


def actor(client_id: str, user: dict[str, Any] | None = None, *optional: str) -> Actor:
    return Verifier(FixedKeys(public_keys(KEY)), ISSUER, "quanheng").actor(token(client_id, user, *optional))


def test_people_are_who_the_realm_says() -> None:
    wang = {"id": "u-1", "name": "王受理", "role": "staff", "office": "provincial", "posts": ["intake", "section_head"]}
    assert actor("quanheng-office", wang) == Actor(
        "u-1", "王受理", Role.STAFF, posts=frozenset({"intake", "section_head"})
    )
    sun = {"id": "u-2", "name": "孙负责", "role": "applicant", "org": "91220101MA0Y000086"}
    assert actor("quanheng-portal", sun) == Actor("u-2", "孙负责", Role.APPLICANT, "91220101MA0Y000086")
    chen = {"id": "u-3", "name": "陈主检", "role": "lab", "org": "JL-LAB-01"}
    assert actor("quanheng-portal", chen) == Actor("u-3", "陈主检", Role.LAB, "JL-LAB-01")


def test_the_public_portal_gives_no_posts() -> None:
    wang = {"id": "u-1", "name": "王受理", "role": "staff", "office": "provincial", "posts": list(STAFF_POSTS)}
    assert actor("quanheng-portal", wang).posts == frozenset()
    assert actor("quanheng-office", wang).posts == set(STAFF_POSTS)


def test_a_laboratory_s_system_may_do_what_its_scopes_name() -> None:
    reading = actor("lab-JL-LAB-01")
    assert (reading.role, reading.organisation) == (Role.LAB, "JL-LAB-01")
    assert reading.scopes == {"read"}
    assert actor("lab-JL-LAB-01", None, "lab:write").scopes == {"read", "write"}


def test_every_post_is_a_role_to_be_given() -> None:
    assert [role["name"] for role in REALM["roles"]["client"]["quanheng"]] == list(STAFF_POSTS)


def test_nobody_edits_their_own_role_or_organisation() -> None:
    (profile,) = REALM["components"]["org.keycloak.userprofile.UserProfileProvider"]
    attributes = {one["name"]: one for one in json.loads(profile["config"]["kc.user.profile.config"][0])["attributes"]}
    for name in ("role", "org"):
        assert attributes[name]["permissions"]["edit"] == ["admin"]


def test_the_realm_holds_no_secret_and_no_user() -> None:
    assert "users" not in REALM
    assert re.findall(r'"(secret|privateKey|password|credentials)"', json.dumps(REALM)) == []
    for client in CLIENTS.values():
        assert client.get("directAccessGrantsEnabled") is False


@pytest.mark.parametrize("face", ["portal", "office"])
def test_the_portal_proves_itself_with_its_key_and_comes_back_to_itself_alone(face: str) -> None:
    client = CLIENTS[f"quanheng-{face}"]
    site = f"https://{face}.quanheng.example"
    assert (client["publicClient"], client["clientAuthenticatorType"]) == (False, "client-jwt")
    assert client["redirectUris"] == [f"{site}/login/callback"]
    assert client["attributes"]["jwks.url"] == f"{site}{KEYS_PATH}"
    assert client["attributes"]["pkce.code.challenge.method"] == "S256"
