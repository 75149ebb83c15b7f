"""An OpenID Connect issuer for development: its sign-in page is a list of people, and it asks for no password.

It signs with the key that `quanheng token` signs with, so the services believe it where they believe that, and nowhere
else: the production profile refuses its name. Codes and refresh tokens are signed too; it stores nothing.
"""

from __future__ import annotations

import argparse
import json
import secrets
import time
from base64 import urlsafe_b64encode
from datetime import date
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from deploy.local import story
from deploy.local.system import development_key, kept_key
from shared.identity import DEVELOPMENT_ISSUER, Actor, Role, issue, public_keys
from shared.law import PROVINCE, load

if TYPE_CHECKING:
    from collections.abc import Mapping

CODE_SECONDS = 60
ACCESS_SECONDS = 600
REFRESH_SECONDS = 10 * 3600
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
HEAD = Actor("qian", "钱处长", Role.STAFF, posts=frozenset({"section_head"}))
CITY = tuple(
    Actor(f"{subject}-changchun", f"{name}（长春市）", Role.STAFF, posts=frozenset({post}), office="changchun")
    for subject, name, post in (
        ("feng", "冯受理", "intake"),
        ("wei", "卫承办", "examiner"),
        ("jiang", "蒋局长", "decider"),
    )
)
EXPERT = Actor("he-kaoping", "何考评", Role.EXPERT, "E-01")
"""Of the register of experts that the story fills."""
PEOPLE = {
    actor.subject: actor
    for actor in (
        *(story.APPLICANT, story.TESTER, story.CHECKER, story.SIGNATORY),
        *(EXPERT, story.INTAKE, story.EXAMINER, story.DECIDER, HEAD, story.OPERATOR),
        *CITY,
    )
}
"""Who may be signed in as: the people of the story that `make demo` plays, and people of an office below the
province's."""
_OFFICES = load().offices(date.max)
_SIDES = {
    Role.APPLICANT: "制造单位 Manufacturer",
    Role.LAB: "技术机构 Laboratory",
    Role.EXPERT: "考评员 Expert",
    Role.STAFF: "行政机关 Office",
}
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>登录 · Sign in</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 17px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; max-width: 34rem;
  margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.5rem; }} h2 {{ font-size: 1.05rem; margin: 1.6rem 0 .4rem; }}
button {{ font: inherit; display: block; width: 100%; text-align: left; padding: .6rem .9rem; margin: .35rem 0;
  min-height: 44px; border: 1px solid #7a8a8a; border-radius: 4px; background: none; color: inherit; cursor: pointer; }}
button:hover, button:focus-visible {{ outline: 3px solid #0b6e63; }}
small {{ opacity: .75; }}
</style></head><body>
<h1>登录 Sign in</h1>
<p>仅供试用：选择以谁的身份登录，不需要密码。<br>
<span lang="en">For trials only: choose who you are. There is no password.</span></p>
<form method="post" action="/authorize"><input type="hidden" name="asked" value="{asked}">{people}</form>
<form method="post" action="/authorize"><input type="hidden" name="asked" value="{asked}">
<details><summary>其他人 Somebody else</summary>
<p><label>身份 Side
<select name="role"><option>applicant</option><option>lab</option><option>expert</option><option>staff</option></select>
</label></p>
<p><label>标识 Subject <input name="subject" required></label></p>
<p><label>姓名 Name <input name="name"></label></p>
<p><label>单位 Organisation: credit code, laboratory, or code of an expert <input name="organisation"></label></p>
<p><label>岗位 Posts of staff, with blanks between <input name="posts"></label></p>
<p><label>所在机关 Office of staff <select name="office">{offices}</select></label></p>
<button>登录 Sign in</button></details></form>
</body></html>"""


class Issuer(ThreadingHTTPServer):
    """Listens on 127.0.0.1; `address` is where browsers find it, `portal_key` what its client signs with."""

    daemon_threads = True

    def __init__(self, port: int, key: Mapping[str, Any], portal_key: Mapping[str, Any], callbacks: list[str]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.key, self.address, self.callbacks = key, f"http://127.0.0.1:{self.server_port}", callbacks
        self.client_key = ECKey.import_key({name: value for name, value in portal_key.items() if name != "d"})
        self.used: set[str] = set()

    @property
    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": DEVELOPMENT_ISSUER,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "code_challenge_methods_supported": ["S256"],
        }

    def signed(self, claims: Mapping[str, Any], seconds: int) -> str:
        key = ECKey.import_key(dict(self.key))
        now = int(time.time())
        return jwt.encode(
            {"alg": "ES256", "kid": key.kid},
            {"iss": DEVELOPMENT_ISSUER, "iat": now, "exp": now + seconds, **claims},
            key,
        )

    def opened(self, token: str, use: str) -> dict[str, Any]:
        """The claims of a token of its own. Raises ValueError."""
        try:
            claims = jwt.decode(token, ECKey.import_key(dict(self.key)), algorithms=["ES256"]).claims
            jwt.JWTClaimsRegistry(use={"essential": True, "value": use}).validate(claims)
        except JoseError as error:
            raise ValueError(str(error)) from error
        return dict(claims)

    def tokens(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The answer of the token endpoint. Raises ValueError, which is the `error_description`."""
        client = self._client(form)
        if form.get("grant_type") == "refresh_token":
            told = self.opened(form.get("refresh_token", ""), "refresh")
        else:
            told = self.opened(form.get("code", ""), "code")
            challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
            if challenge != told["code_challenge"] or told["redirect_uri"] != form.get("redirect_uri"):
                raise ValueError("the code was given for another request")
            if told["jti"] in self.used:
                raise ValueError("the code was used before")
            self.used.add(told["jti"])
        actor = _actor(told["actor"])
        about = {
            "sub": actor.subject,
            "aud": client,
            "name": actor.name,
            "nonce": told["nonce"],
            "actor": told["actor"],
        }
        return {
            "access_token": issue(self.key, actor, lifetime_seconds=ACCESS_SECONDS),
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "id_token": self.signed(about, ACCESS_SECONDS),
            "refresh_token": self.signed({"use": "refresh", **about}, REFRESH_SECONDS),
        }

    def _client(self, form: Mapping[str, str]) -> str:
        if form.get("client_assertion_type") != _ASSERTION:
            raise ValueError("the client must prove itself with private_key_jwt")
        try:
            claims = jwt.decode(form.get("client_assertion", ""), self.client_key, algorithms=["ES256"]).claims
            jwt.JWTClaimsRegistry(
                aud={"essential": True, "value": f"{self.address}/token"},
                exp={"essential": True},
                sub={"essential": True},
            ).validate(claims)
        except JoseError as error:
            raise ValueError(f"client assertion: {error}") from error
        return str(claims["sub"])


class _Handler(BaseHTTPRequestHandler):
    server: Issuer

    def do_GET(self) -> None:
        path, asked = urlsplit(self.path).path, urlsplit(self.path).query
        if path == "/.well-known/openid-configuration":
            self._json(self.server.configuration)
        elif path == "/keys":
            self._json(public_keys(self.server.key))
        elif path == "/authorize":
            self._people(asked)
        else:
            self._json({"error": "not_found"}, 404)

    def do_POST(self) -> None:
        form = _flat(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        if self.path == "/authorize":
            self._authorize(form)
        elif self.path == "/token":
            try:
                self._json(self.server.tokens(form))
            except (ValueError, KeyError) as error:
                self._json({"error": "invalid_grant", "error_description": str(error)}, 400)
        else:
            self._json({"error": "not_found"}, 404)

    def _people(self, asked: str) -> None:
        if _flat(asked).get("redirect_uri") not in self.server.callbacks:
            self._json({"error": "invalid_request", "error_description": "no such redirect_uri"}, 400)
            return
        buttons = []
        for side, title in _SIDES.items():
            buttons.append(f"<h2>{title}</h2>")
            buttons += [
                f'<button name="sub" value="{actor.subject}">{escape(actor.name)} <small lang="en">{actor.subject} · '
                f"{', '.join(sorted(actor.posts)) or actor.organisation}</small></button>"
                for actor in PEOPLE.values()
                if actor.role is side
            ]
        offices = "".join(
            f'<option value="{office}">{escape(str(row.name))}</option>' for office, row in _OFFICES.items()
        )
        page = _PAGE.format(asked=escape(asked, quote=True), people="".join(buttons), offices=offices)
        self._answer(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})

    def _authorize(self, form: Mapping[str, str]) -> None:
        asked = _flat(form.get("asked", ""))
        known = PEOPLE.get(form.get("sub", ""))
        try:
            actor = known or _actor({**form, "posts": form.get("posts", "").split()})
        except (KeyError, ValueError) as error:
            self._json({"error": "invalid_request", "error_description": repr(error)}, 400)
            return
        if asked.get("redirect_uri") not in self.server.callbacks:
            self._json({"error": "invalid_request", "error_description": "no such redirect_uri"}, 400)
            return
        kept = {name: asked.get(name, "") for name in ("code_challenge", "redirect_uri", "nonce")}
        code = {"use": "code", "jti": secrets.token_urlsafe(16), "actor": _claims(actor), **kept}
        back = urlencode({"code": self.server.signed(code, CODE_SECONDS), "state": asked.get("state", "")})
        self._answer(303, b"", {"Location": f"{asked['redirect_uri']}?{back}"})

    def _json(self, body: Mapping[str, Any], status: int = 200) -> None:
        self._answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body)), "Cache-Control": "no-store"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


def _claims(actor: Actor) -> dict[str, Any]:
    return {
        "subject": actor.subject,
        "name": actor.name,
        "role": str(actor.role),
        "organisation": actor.organisation,
        "posts": sorted(actor.posts),
        "office": actor.office,
    }


def _actor(claims: Mapping[str, Any]) -> Actor:
    """Raises KeyError and ValueError for what describes nobody."""
    subject, posts = claims["subject"], frozenset(claims["posts"])
    if (office := claims.get("office") or PROVINCE) not in _OFFICES:
        raise ValueError(f"there is no office {office}")
    role = Role(claims["role"])
    return Actor(subject, claims["name"] or subject, role, claims["organisation"], posts, office=office)


def _flat(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.issuer", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("callback", nargs="+", help="addresses to which browsers may be sent back")
    arguments = parser.parse_args()
    Issuer(arguments.port, development_key(), kept_key("portal"), arguments.callback).serve_forever()


if __name__ == "__main__":
    main()
