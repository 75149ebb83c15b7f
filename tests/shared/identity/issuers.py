"""A token issuer on this machine: it publishes its keys over HTTP, and can rotate them, fail, or hang."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from shared.identity import AUDIENCE, new_key

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from joserfc.jwk import Key

CONFIGURATION = "/.well-known/openid-configuration"
Answer = tuple[int, dict[str, str], bytes]


class Issuer:
    """`answers` replaces what a path answers; `asked` lists the paths that were asked for."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.keys: list[dict[str, Any]] = [new_key()]
        self.others: list[Any] = []
        """What it publishes besides the public halves of its keys."""
        self.asked: list[str] = []
        self.answers: dict[str, Callable[[], Answer]] = {}
        self.going_on = Event()
        self.going_on.set()

    def answer(self, path: str) -> Answer:
        self.asked.append(path)
        self.going_on.wait(20)
        if path in self.answers:
            return self.answers[path]()
        if path == CONFIGURATION:
            return _json({"issuer": self.address, "jwks_uri": f"{self.address}/keys"})
        return _json({"keys": [*(signing_key(key).as_dict(private=False) for key in self.keys), *self.others]})

    def token(self, key: dict[str, Any] | None = None, algorithm: str = "ES256", **claims: Any) -> str:
        """A token of a member of staff, signed with the newest key or with `key`."""
        signing = signing_key(key or self.keys[-1])
        of_wang = {"sub": "wang", "role": "staff", "office": "provincial"}
        known = {"iss": self.address, "aud": AUDIENCE, "exp": int(time.time()) + 600, **of_wang}
        return jwt.encode({"alg": algorithm, "kid": signing.kid}, {**known, **claims}, signing, algorithms=[algorithm])


def signing_key(key: dict[str, Any]) -> Key:
    kind = RSAKey if key["kty"] == "RSA" else ECKey
    return kind.import_key(key)


def _json(body: Any) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


@contextmanager
def issuer_on(port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Issuer]:
    """An issuer that answers on this port, or on a free one, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = issuer.answer(self.path)
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # who asked has given up

        def log_message(self, *_: Any) -> None:
            """Tests look at what was asked, nobody at a log."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    host = "localhost" if tls else "127.0.0.1"
    issuer = Issuer(f"{'https' if tls else 'http'}://{host}:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield issuer
    finally:
        issuer.going_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
