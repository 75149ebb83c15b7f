"""The portal and its issuer as processes on this machine, beside the services of a system."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from joserfc.jwk import OctKey

from deploy.local.process import free_ports
from deploy.local.system import kept_key

if TYPE_CHECKING:
    from deploy.local.system import System

PORTAL, ISSUER = "portal", "issuer"
MODULE = "services.portal"


class Portal:
    """Both faces of the portal in one process, for the services that `system` runs; it ends with them."""

    def __init__(self, system: System, ports: tuple[int, int] | None = None) -> None:
        self.system = system
        self.port, self.issuer_port = ports or tuple(free_ports(2))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.issuer_port}"

    def environment(self) -> dict[str, str]:
        """What the process is told."""
        system = self.system
        return {
            **system.environment("notifications"),
            **{f"QUANHENG_{service.upper()}_URL": system.url(service) for service in system.ports},
            "QUANHENG_HTTP_PORT": str(self.port),
            "QUANHENG_PORTAL_FACE": "both",
            "QUANHENG_PORTAL_URL": self.url,
            "QUANHENG_PORTAL_DISCOVERY": f"{self.issuer}/.well-known/openid-configuration",
            "QUANHENG_PORTAL_CLIENT_KEY": json.dumps(kept_key("portal")),
            "QUANHENG_PORTAL_SESSION_KEY": json.dumps(kept_key("sessions", _session_key)),
        }

    def migrate(self) -> None:
        """Bring its database up to date. Raises BackingError."""
        self.system.run(PORTAL, [MODULE, "migrate"], self.system.owning(self.environment()))

    def start(self) -> None:
        """Start both and wait until the portal is ready. Raises BackingError."""
        issuer = ["deploy.local.issuer", str(self.issuer_port), f"{self.url}/login/callback"]
        self.system.launch(ISSUER, issuer, self.environment())
        self.system.launch(PORTAL, [MODULE], self.environment())
        self.system.await_ready(PORTAL, self.url)


def _session_key() -> dict[str, object]:
    return dict(OctKey.generate_key(256, auto_kid=True).as_dict(private=True))
