"""What can be set from outside: environment variables named `TOCSIN_…`, and nothing else.

How to reach Temporal is not here: the SDK's own environment configuration says it (`TEMPORAL_ADDRESS` and its
siblings, the profile that the `temporal` command reads). Units: a duration is a number of seconds or ISO 8601
(`PT1S`). Errors: Misconfigured names every bad variable, why, and what to write; a secret's value is never repeated.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from plan.errors import Misconfigured
from plan.retention import Term, term
from plan.subscriptions import checked_host
from runtime.mail_server import MailServer, mail_server

PREFIX = "TOCSIN_"
_SECONDS = re.compile(r"\d+(\.\d+)?")
_ONE_KEY = re.compile(r"[A-Za-z0-9._-]{1,40}:([0-9a-fA-F]{2}){16,}")
_REMEDIES = {
    "lang": "write zh or en",
    "door_keys": "write id:hex, several separated by commas, each at least 32 hex digits; the first one signs",
    "person_key": "write at least 32 hex digits",
    "sticky_timeout": "write seconds, such as 2, or ISO 8601, such as PT2S",
    "graceful_shutdown": "write seconds, such as 5, or ISO 8601, such as PT5S",
    "max_cached_workflows": "write a whole number, 0 or more",
    "records": "write postgresql+psycopg://USER:PASSWORD@HOST/DATABASE, or sqlite:////PATH",
    "records_keys": "write id:hex, several separated by commas, each at least 32 hex digits; the first one is in use",
    "records_eraser": "write postgresql+psycopg://USER:PASSWORD@HOST/DATABASE",
    "retention": "write P3Y, P18M or P400D, at least P30D",
    "event_hosts": "write names, names behind *., or networks, by commas: crm.example.cn,*.bank.cn,10.2.0.0/16",
    "metrics": "write HOST:PORT, such as 127.0.0.1:9464",
    "log_level": "write debug, info, warning or error",
    "public_url": "write https://HOST, with a path where there is one, without ? or #",
    "link_valid_for": "write seconds, or ISO 8601, such as P3D; at most 90 days",
    "oidc_issuer": "write https://HOST as the provider itself does, and set both of the others too",
    "oidc_claim": "write the name of one claim, such as preferred_username",
    "signin_links": "write true or false",
    "rate": "write a whole number of calls a second, 1 or more",
    "rate_unknown": "write a whole number of calls a second, 1 or more",
    "smtp_server": "write smtps://HOST, smtp://HOST for STARTTLS, or smtp+plain://HOST, with :PORT where it is another",
    "smtp_sender": "write one address, such as tocsin@example.cn",
    "sms_gateway": "write an address that begins with https://",
    "voice_gateway": "write an address that begins with https://",
}


def _seconds(value: object) -> object:
    """A bare number is seconds, with or without quotes."""
    return float(value) if isinstance(value, str) and _SECONDS.fullmatch(value.strip()) else value


def _small(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _term(value: object) -> object:
    return term(value) if isinstance(value, str) else value


def _mail_server(value: object) -> object:
    return mail_server(value) if isinstance(value, str) else value


Wait = Annotated[timedelta, BeforeValidator(_seconds), Field(gt=timedelta(0), le=timedelta(hours=1))]
Validity = Annotated[timedelta, BeforeValidator(_seconds), Field(gt=timedelta(0), le=timedelta(days=90))]


class Settings(BaseSettings):
    """Read once at the door and handed down."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    home: Path = Path(".tocsin")
    """The folder with the keys, the embedded server's state, the outbox and the organisation's versions."""
    organisation: Path | None = None
    """The organisation's file where none has been applied yet; else the sample."""
    playbook: Path | None = None
    """The playbook's file; else the one that comes along."""
    rhythm: Path | None = None
    """The file of what comes round when; else the one that comes along."""
    scenarios: Path | None = None
    """A folder with scenarios of drills; a file there goes before one of the same name that comes along."""
    by: str | None = None
    """Who states a fact where the command does not say it."""
    lang: Annotated[Literal["zh", "en"] | None, BeforeValidator(_small)] = None
    """The language of what people read; else the locale's, else zh."""
    door_keys: SecretStr | None = None
    """`id:hex,id2:hex`: the keys doors seal with. The first signs, all are recognised; a key must stay as long as an
    incident sealed with it can be replayed. Needed where doors and workers do not share a home."""
    person_key: SecretStr | None = None
    """Hex: the key that turns a name and a phone into a person key."""
    sticky_timeout: Wait = timedelta(seconds=2)
    """How long a message waits for the worker that had the incident in memory before any other may take it."""
    graceful_shutdown: Wait = timedelta(seconds=5)
    """How long a stopping worker lets running deliveries finish."""
    max_cached_workflows: Annotated[int, Field(ge=0, le=1_000_000)] = 1000
    """Incidents a worker keeps in memory; 0 replays every task (for tests)."""
    outbox: Path | None = None
    """The JSON Lines file the outbox channel writes to; else in the home."""
    dead_man_url: SecretStr | None = None
    """Where the watchdog calls when all is well; whoever misses the call looks after us. None: nobody is called."""
    metrics: Annotated[str, Field(pattern=r"^[0-9A-Za-z_.\-\[\]:]+:[0-9]{1,5}$")] | None = None
    """HOST:PORT where the process serves its metrics to Prometheus; none when absent."""
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_small)] = "warning"
    public_url: Annotated[str, Field(pattern=r"^https?://[^/?#@\s]+(/[^?#@\s]*)?$")] | None = None
    """Where people reach Tocsin; notices carry links into it. None when absent."""
    rate: Annotated[int, Field(ge=1, le=1_000_000)] = 600
    """Calls a second that one caller may make at the gateway, ten seconds' worth of them at once."""
    rate_unknown: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    """The same for each address of those who show no valid key or session."""
    link_valid_for: Validity = timedelta(days=3)
    """How long a personal link may say "received"."""
    smtp_server: Annotated[MailServer | None, BeforeValidator(_mail_server)] = None
    """Where mail is handed in; the channel `smtp` cannot be used without it."""
    smtp_sender: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    """The address mail comes from."""
    smtp_user: str | None = None
    """The name to sign in with; none where the server asks for none."""
    smtp_password: SecretStr | None = None
    smtp_ca: Path | None = None
    """A file of certificates to trust instead of the system's."""
    sms_gateway: Annotated[str, Field(pattern=r"^https?://[^?#@\s]+$")] = "https://dysmsapi.aliyuncs.com"
    """Aliyun's SMS service, or what stands in for it."""
    sms_key_id: SecretStr | None = None
    """The AccessKey's id; the channel `sms` cannot be used without it and its secret."""
    sms_key_secret: SecretStr | None = None
    sms_templates: Path | None = None
    """The file of the registered templates; else the one that comes along."""
    voice_gateway: Annotated[str, Field(pattern=r"^https?://[^\s@]+$")] | None = None
    """Who makes the calls; the channel `voice` cannot be used without it."""
    voice_secret: SecretStr | None = None
    """`whsec_` and base64: signs what is said to it."""
    records: SecretStr | None = None
    """Where records are kept that outlive Temporal's retention, as a URL; a SQLite file in the home when absent."""
    records_keys: SecretStr | None = None
    """`id:hex,id2:hex`: what words in the records are encrypted with, and daily roots signed; the first is in use."""

    oidc_issuer: Annotated[str, Field(pattern=r"^https?://[^/?#@\s]+(/[^?#@\s]*)?$")] | None = None
    """The identity provider by which people sign in (OpenID Connect), as it names itself. None: one-time links only."""
    oidc_client_id: str | None = None
    """What the identity provider calls this installation."""
    oidc_client_secret: SecretStr | None = None
    """None where it is registered as a public client."""
    oidc_claim: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:/-]{1,100}$")] | None = None
    """The claim that holds a person's id in the organisation; else `preferred_username`, else `sub`."""
    signin_links: bool = False
    """Whether one-time links of `tocsin signin` are taken by a gateway that is not on a loopback address too."""
    records_eraser: SecretStr | None = None
    """The same database by the role that may erase words; `records` itself when absent."""
    retention: Annotated[Term | None, BeforeValidator(_term)] = None
    """How long after its closing an incident's personal words are kept (P3Y); for ever when absent."""
    event_hosts: str | None = None
    """Where events may be sent, names or networks separated by commas; any public address, and this machine, when
    absent."""

    @property
    def hosts_for_events(self) -> tuple[str, ...]:
        """What `event_hosts` names; none where anything public may be reached."""
        return tuple(checked_host(each) for each in (self.event_hosts or "").split(",") if each.strip())

    @model_validator(mode="wrap")
    @classmethod
    def _every_fault_at_once(cls, values: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            settings = handler(values)
        except ValidationError as invalid:
            faults = [_fault(str(error["loc"][0]) if error["loc"] else "", error["msg"]) for error in invalid.errors()]
        else:
            if not settings.oidc_issuer or (settings.oidc_client_id and settings.public_url):
                return settings
            faults = [_fault("oidc_issuer", "is of no use without TOCSIN_OIDC_CLIENT_ID and TOCSIN_PUBLIC_URL")]
        raise Misconfigured("The environment is not usable:", faults=faults)

    @field_validator("event_hosts")
    @classmethod
    def _readable_hosts(cls, hosts: str | None) -> str | None:
        for each in (hosts or "").split(","):
            if each.strip():
                checked_host(each)
        return hosts

    @field_validator("records", "records_eraser")
    @classmethod
    def _records_of_a_kind_we_know(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not url.get_secret_value().startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("not a database that records can be kept in")
        return url

    @field_validator("door_keys", "records_keys")
    @classmethod
    def _readable_keys(cls, keys: SecretStr | None) -> SecretStr | None:
        names: list[str] = []
        for key in keys.get_secret_value().split(",") if keys else ():
            if not _ONE_KEY.fullmatch(key.strip()):
                raise ValueError("one of the keys cannot be read")
            names.append(key.strip().partition(":")[0])
        if len(set(names)) != len(names):
            raise ValueError("two keys have the same id")
        return keys

    @field_validator("person_key")
    @classmethod
    def _readable_person_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key and not re.fullmatch(r"([0-9a-fA-F]{2}){16,}", key.get_secret_value().strip()):
            raise ValueError("the key cannot be read")
        return key


def _fault(field: str, why: str) -> str:
    why = why.removeprefix("Value error, ")
    return f"{PREFIX}{field.upper()}: {why}; {_REMEDIES.get(field, 'correct it or leave it out')}"
