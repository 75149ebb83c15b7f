"""Settings of one process, read once from the environment."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import limits

from shared.identity import AUDIENCE, DEVELOPMENT_ISSUER
from shared.mail import MailServer, Sender

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_CONNECTIONS = 20
"""To the database, open at the same time in one process."""

_E = TypeVar("_E", bound=StrEnum)
_T = TypeVar("_T")
_P = ParamSpec("_P")
_N = TypeVar("_N", int, float)


class ConfigurationError(Exception):
    """Settings are missing or cannot be used; the text has a line for each variable, with how to correct it."""


class Profile(StrEnum):
    """What a process may do besides its work."""

    PRODUCTION = "production"
    """Real time only, tokens of the configured issuer only."""
    DEVELOPMENT = "development"
    """For trials and tests: a caller may give `now`."""


class Timekeeping(StrEnum):
    """Where `now` comes from."""

    WALL = "wall"
    """The machine's clock; the sweeps run automatically."""
    GIVEN = "given"
    """Each call gives it, and events carry it on; sweeps run when asked. For stories, trials and tests."""


UNKNOWN = (Profile.DEVELOPMENT, Timekeeping.WALL)  # what production alone refuses is told once that is right


class Reading:
    """Reads settings from environment variables until everything that is wrong with them is known."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ, self._faults = environ, list[str]()

    def __call__(self, read: Callable[Concatenate[Mapping[str, str], _P], _T], *said: _P.args, **more: _P.kwargs) -> _T:
        """What `read` makes of the variables; None where it finds them wrong, which `end` tells."""
        try:
            return read(self._environ, *said, **more)
        except ConfigurationError as error:
            self._faults.append(str(error))
            return None  # type: ignore[return-value]

    def end(self) -> None:
        """Raises ConfigurationError with all faults, if there are any."""
        if self._faults:
            raise ConfigurationError("\n".join(dict.fromkeys(self._faults)))


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """How long a caller may take, and how many connections there may be on one port of a process."""

    head_seconds: float
    """From the first byte of a request, or from the start of the connection, to the end of its headers."""
    body_seconds: float
    """To send the body; and again, to take the answer."""
    idle_seconds: float
    """From an answer to the next request."""
    connections: int
    connections_per_address: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """Address and credentials of S3-compatible storage."""

    endpoint: str
    name: str
    region: str
    key_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process is told from outside. URLs are complete: vhost and database are in them."""

    service: str
    profile: Profile
    timekeeping: Timekeeping
    namespace: str
    amqp_url: str
    database_url: str
    owner_url: str | None
    """The database for the account that owns and migrates it; None: that is the account of `database_url`."""
    database_pool: int
    """Idle connections that a process keeps open to its database."""
    http_address: str
    http_port: int
    internal_http_port: int | None
    """The port of staff, probes and figures; None: all is on the one port."""
    http_limits: HttpLimits
    rate_limit: limits.RateLimitItem | None
    """How many requests one caller may send in what time."""
    jwks: Mapping[str, Any] | None
    """The keys tokens are checked with; None: those that the issuer publishes."""
    issuer: str
    audience: str
    rules: str
    smtp_url: str | None
    mail_from: str
    webhook_private: bool
    """Whether events may be sent to private addresses and without encryption."""
    public_url: str | None
    """How the addresses in QR codes begin."""
    signing_key: Path | None
    """The private key, or several, that documents are signed with; None: this process makes none."""
    checkpoint_key: Path | None
    """The private key, or several, that checkpoints are signed with; None: it is in the file of `signing_key`."""
    published_keys: Path | None
    """The file of all keys the office ever signed with; None: it has published none."""
    documents: Path | None
    """The service's own folder, where what applicants send is kept; None: there is none."""
    bucket: Bucket | None
    """The bucket in which that is kept instead, each service below a prefix of its own."""
    upload_bytes: int
    """How large a file may be that is sent."""
    scanner: str | None
    """The socket of the virus scanner clamd: a path, or host:port; None: nothing is scanned."""

    @property
    def files(self) -> str:
        """What the service's own place among others is called where contents are kept."""
        return f"{self.namespace}_{self.service}"

    @property
    def ports(self) -> list[int]:
        return [port for port in (self.http_port, self.internal_http_port) if port is not None]

    @property
    def development(self) -> bool:
        return self.profile is Profile.DEVELOPMENT


def read(service: str, environ: Mapping[str, str]) -> Settings:
    """The settings of `service` from environment variables named `QUANHENG_*`.

    The broker's virtual host is the namespace and the database is `<namespace>_<service>`, whatever path the two
    URLs carry, so that one pair of URLs serves all services of a deployment.

    Raises ConfigurationError with everything that is wrong.
    """
    told = Reading(environ)
    profile, timekeeping = told(profile_of) or UNKNOWN
    namespace = environ.get("QUANHENG_NAMESPACE", "quanheng")
    jwks = told(jwks_of, "QUANHENG_JWKS")
    port, internal_port = told(ports_of) or (0, None)
    folder = environ.get("QUANHENG_DOCUMENTS_FOLDER", "").strip()
    settings = Settings(
        service=service,
        profile=profile,
        timekeeping=timekeeping,
        namespace=namespace,
        amqp_url=amqp_url(told(required, "QUANHENG_AMQP_URL") or "", namespace),
        database_url=database_url(told(required, "QUANHENG_DATABASE_URL") or "", f"{namespace}_{service}"),
        owner_url=told(owner_url, f"{namespace}_{service}"),
        database_pool=told(_positive, "QUANHENG_DATABASE_POOL", 16, MAX_CONNECTIONS),
        http_address=environ.get("QUANHENG_HTTP_ADDRESS", "0.0.0.0"),  # noqa: S104 - a container's own network
        http_port=port,
        internal_http_port=internal_port,
        http_limits=HttpLimits(
            head_seconds=told(_positive, "QUANHENG_HTTP_HEAD_SECONDS", 10.0),
            body_seconds=told(_positive, "QUANHENG_HTTP_BODY_SECONDS", 30.0),
            idle_seconds=told(_positive, "QUANHENG_HTTP_IDLE_SECONDS", 75.0),
            connections=told(_positive, "QUANHENG_HTTP_CONNECTIONS", 500),
            connections_per_address=told(_positive, "QUANHENG_HTTP_CONNECTIONS_PER_ADDRESS", 250),
        ),
        rate_limit=told(rate_of, "QUANHENG_RATE_LIMIT"),
        jwks=jwks,
        issuer=told(issuer_of, "QUANHENG_ISSUER", profile, fetched=jwks is None),
        audience=environ.get("QUANHENG_AUDIENCE", AUDIENCE),
        rules=environ.get("QUANHENG_RULES", "jilin-2013"),
        smtp_url=told(_parsed, "QUANHENG_SMTP_URL", "", MailServer.parse) or None,
        mail_from=told(_parsed, "QUANHENG_MAIL_FROM", "quanheng@localhost", Sender.parse),
        webhook_private=told(_webhook_private, "QUANHENG_WEBHOOK_PRIVATE", profile),
        public_url=told(_public_url, "QUANHENG_PUBLIC_URL", service, profile, port),
        signing_key=told(_file, "QUANHENG_SIGNING_KEY_FILE"),
        checkpoint_key=told(_file, "QUANHENG_CHECKPOINT_KEY_FILE"),
        published_keys=told(_file, "QUANHENG_PUBLISHED_KEYS_FILE"),
        documents=Path(folder) / f"{namespace}_{service}" if folder else None,
        bucket=told(bucket_of, profile, folder),
        upload_bytes=(told(_positive, "QUANHENG_UPLOAD_MIB", 50) or 0) << 20,
        scanner=told(_scanner, "QUANHENG_CLAMD"),
    )
    told.end()
    return settings


def profile_of(environ: Mapping[str, str]) -> tuple[Profile, Timekeeping]:
    profile = choice(environ, "QUANHENG_PROFILE", Profile, Profile.PRODUCTION)
    timekeeping = choice(environ, "QUANHENG_TIME", Timekeeping, Timekeeping.WALL)
    if profile is Profile.PRODUCTION and timekeeping is Timekeeping.GIVEN:
        raise ConfigurationError("QUANHENG_TIME=given is refused in the production profile: unset it")
    return profile, timekeeping


def amqp_url(server: str, vhost: str) -> str:
    """The broker URL `server` with its path set to `vhost`."""
    return urlunsplit(urlsplit(server)._replace(path="/" + quote(vhost, safe="")))


def database_url(server: str, database: str) -> str:
    """The PostgreSQL URL `server` with `database` as its path. Its driver is written in full; `make_engine` takes the
    one that a process needs."""
    parts = urlsplit(server)
    return urlunsplit(parts._replace(scheme="postgresql+psycopg2", path="/" + database))


def owner_url(environ: Mapping[str, str], database: str) -> str | None:
    """The URL of `database` for the account that migrates it, if that is another than the one that processes run as."""
    server = environ.get("QUANHENG_DATABASE_OWNER_URL", "").strip()
    return database_url(server, database) if server else None


def required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise ConfigurationError(f"{name} is not set: see docs/reference/settings.md")
    return value


def choice(environ: Mapping[str, str], name: str, kind: type[_E], default: _E) -> _E:
    text = environ.get(name, default)
    try:
        return kind(text)
    except ValueError:
        raise ConfigurationError(f"{name}={text!r} is unknown: use one of {', '.join(kind)}") from None


def _parsed(environ: Mapping[str, str], name: str, default: str, parse: Callable[[str], object]) -> str:
    """What `parse` can read, as it is written; nothing is nothing."""
    text = environ.get(name, default)
    try:
        if text:
            parse(text)
    except ValueError as error:
        raise ConfigurationError(f"{name}: {error}") from None
    return text


def ports_of(environ: Mapping[str, str]) -> tuple[int, int | None]:
    port = _port("QUANHENG_HTTP_PORT", environ.get("QUANHENG_HTTP_PORT", "8000"))
    internal = environ.get("QUANHENG_INTERNAL_HTTP_PORT", "").strip()
    if not internal:
        return port, None
    internal_port = _port("QUANHENG_INTERNAL_HTTP_PORT", internal)
    if internal_port == port:
        raise ConfigurationError(f"QUANHENG_INTERNAL_HTTP_PORT={port} is QUANHENG_HTTP_PORT too: give it another")
    return port, internal_port


def _port(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) < 65536:  # noqa: PLR2004 - the range of TCP ports
        raise ConfigurationError(f"{name}={text!r} is not a TCP port: use 1 to 65535")
    return int(text)


def _positive(environ: Mapping[str, str], name: str, default: _N, most: _N | None = None) -> _N:
    text = environ.get(name, "").strip()
    try:
        number = type(default)(text) if text else default
    except ValueError:
        number = type(default)(0)
    if not 0 < number < math.inf:
        raise ConfigurationError(f"{name}={text!r} is not a {'whole ' * isinstance(default, int)}number above 0")
    if most is not None and number > most:
        raise ConfigurationError(f"{name}={number}: {most} is the most there may be")
    return number


def rate_of(environ: Mapping[str, str], name: str) -> limits.RateLimitItem | None:
    """How many requests are allowed in which time; None for no limit. Raises ConfigurationError."""
    text = environ.get(name, "").strip()
    if not text:
        return None
    try:
        rate = limits.parse(text)
    except ValueError:
        rate = None
    if rate is None or rate.amount < 1:
        raise ConfigurationError(f"{name}={text!r} is not a rate: write 600/minute, or nothing for no limit")
    return rate


def _webhook_private(environ: Mapping[str, str], name: str, profile: Profile) -> bool:
    text = environ.get(name, "no")
    if text not in {"yes", "no"}:
        raise ConfigurationError(f"{name}={text!r}: write yes or no")
    if text == "yes" and profile is Profile.PRODUCTION:
        raise ConfigurationError(f"{name}=yes is refused in the production profile: events go to public addresses only")
    return text == "yes"


def _public_url(environ: Mapping[str, str], name: str, service: str, profile: Profile, port: int) -> str | None:
    url = environ.get(name, "").strip().rstrip("/").replace("{service}", service.replace("_", "-"))
    if not url:
        return None if profile is Profile.PRODUCTION else f"http://127.0.0.1:{port}"
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError(f"{name}={url!r} is not an address: write for example https://permits.example.gov.cn")
    if profile is Profile.PRODUCTION and parts.scheme != "https":
        raise ConfigurationError(f"{name}={url!r}: production prints only https:// addresses on documents")
    return url


def _file(environ: Mapping[str, str], name: str) -> Path | None:
    text = environ.get(name, "").strip()
    if not text:
        return None
    path = Path(text)
    try:
        path.open("rb").close()
    except OSError as error:
        raise ConfigurationError(f"{name}={text!r} cannot be read: {error.strerror}") from None
    return path


def bucket_of(environ: Mapping[str, str], profile: Profile, folder: str = "") -> Bucket | None:
    """The bucket for contents, if one is named; `folder` is where they are kept else. Raises ConfigurationError."""
    name = "QUANHENG_DOCUMENTS_S3"
    url = environ.get(name, "").strip().rstrip("/")
    if not url:
        return None
    if folder:
        raise ConfigurationError(f"{name} and QUANHENG_DOCUMENTS_FOLDER are both set: documents are kept in one place")
    parts = urlsplit(url)
    bucket = parts.path.strip("/")
    if parts.scheme not in {"http", "https"} or not parts.hostname or not bucket or "/" in bucket or parts.username:
        raise ConfigurationError(f"{name}: write the address and the bucket, as https://s3.example.gov.cn/documents")
    if profile is Profile.PRODUCTION and parts.scheme != "https":
        raise ConfigurationError(f"{name}: production needs an https:// address")
    return Bucket(
        endpoint=f"{parts.scheme}://{parts.netloc}",
        name=bucket,
        region=environ.get("QUANHENG_S3_REGION", "us-east-1"),
        key_id=required(environ, "QUANHENG_S3_KEY_ID"),
        secret=required(environ, "QUANHENG_S3_SECRET"),
    )


def _scanner(environ: Mapping[str, str], name: str) -> str | None:
    text = environ.get(name, "").strip()
    _, colon, port = text.rpartition(":")
    if text and not text.startswith("/") and not (colon and port.isdigit()):
        raise ConfigurationError(f"{name}={text!r}: write the path of a socket, or host:port")
    return text or None


def issuer_of(environ: Mapping[str, str], name: str, profile: Profile, *, fetched: bool) -> str:
    issuer = required(environ, name)
    if profile is Profile.PRODUCTION:
        if issuer == DEVELOPMENT_ISSUER:
            raise ConfigurationError(f"{name}: the development issuer is refused in the production profile")
        if not issuer.startswith("https://"):
            raise ConfigurationError(f"{name}={issuer!r}: production believes only an issuer with an https:// address")
    elif fetched and issuer == DEVELOPMENT_ISSUER:
        raise ConfigurationError(f"{name}: the development issuer publishes no keys, give them in QUANHENG_JWKS")
    return issuer


def jwks_of(environ: Mapping[str, str], name: str) -> Mapping[str, Any] | None:
    text = environ.get(name, "").strip()
    if not text:
        return None
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"{name} is not JSON: {error}") from None
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise ConfigurationError(f'{name} must be a JSON Web Key Set: {{"keys": [...]}}')
    if any({"d", "k"} & set(key) for key in keys):
        raise ConfigurationError(f"{name} holds a private or shared key: give public keys only, and make a new one")
    return value  # type: ignore[no-any-return]
