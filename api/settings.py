"""Settings of a server, from the environment: where its state lies, who may call it, how much it takes.

The secret that signs access tokens is `ROWHOUSE_SECRET`, or is made once and kept in the state folder, readable
by its owner alone.
"""

import hmac
import os
import re
import secrets
from dataclasses import fields, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.logs import Format, Level
from api.memory import default_bytes_max
from persistence.embedded import default_state_dir
from realtime.core.limits import Limits

SECRET_BYTES: Final = 48
_LIMIT_NAMES: Final = frozenset(limit.name for limit in fields(Limits))
_SENTRY: Final = re.compile(r"https?://[^/@\s]+@[^/@\s]+/(?:[^@\s]*/)?[0-9]+")
_SECRET_FILE: Final = "signing-secret"  # noqa: S105 - a file name


class Settings(BaseSettings):
    """Everything that may differ between two installations. Units stand last in the names."""

    model_config = SettingsConfigDict(
        env_prefix="ROWHOUSE_", frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL", repr=False)
    redis_url: str | None = Field(default=None, validation_alias="REDIS_URL", repr=False)
    """The Redis or Valkey that joins several nodes; they must have the same `ROWHOUSE_SECRET`."""
    state_folder: Path = Field(default_factory=default_state_dir, validation_alias="ROWHOUSE_DATA")
    secret: str | None = Field(default=None, min_length=32, repr=False)
    allowed_hosts: tuple[str, ...] = ("*",)
    allowed_origins: tuple[str, ...] = ()
    public_url: str | None = None
    cookie_secure: bool = False
    web_folder: Path = Path(__file__).resolve().parent.parent / "client" / "web" / "dist"
    body_bytes_max: int = Field(default=4 * 1024 * 1024, ge=1024)
    import_bytes_max: int = Field(default=200 * 1024 * 1024, ge=1024, le=200 * 1024 * 1024)
    """The size of a file that is brought for an import."""
    imports_per_workspace_max: int = Field(default=5, ge=1)
    import_retention_days: float = Field(default=7.0, gt=0)
    """How long an import, its file and its report stay after its end."""
    exports_max: int = Field(default=2, ge=1)
    """How many exports a node makes and sends at once."""
    worker: bool = True
    """Whether a server starts a worker beside it; `rowhouse worker` is one without a server."""
    worker_jobs_max: int = Field(default=2, ge=2)
    login_attempts_per_minute: int = Field(default=30, ge=1)
    registrations_per_hour: int = Field(default=60, ge=1)
    request_head_seconds_max: float = Field(default=10.0, gt=0)
    request_body_seconds_max: float = Field(default=60.0, gt=0)
    upload_seconds_max: float = Field(default=900.0, gt=0)
    message_seconds_max: float = Field(default=30.0, gt=0)
    ping_seconds: float = Field(default=15.0, gt=0)
    unfinished_bytes_max: int = Field(default=256 * 1024 * 1024, ge=1024)
    log_level: Level = "info"
    log_format: Format = "auto"
    """`json`, `text`, or `auto`: text on a terminal, else JSON lines."""
    metrics_token: str | None = Field(default=None, min_length=16, repr=False)
    """What a caller of `/metrics` must send as `Authorization: Bearer`; without it there are no figures."""
    sentry_dsn: str | None = Field(default=None, validation_alias="SENTRY_DSN", repr=False)
    """Where exceptions are reported to, without values; nothing is sent where it is not set."""
    document_work_seconds_max: float = Field(default=2.0, ge=0.5)
    quarantine_window_seconds: float = Field(default=3600.0, gt=0)
    failed_upgrades_burst_max: float = Field(default=20.0, ge=1)
    failed_upgrades_per_second_max: float = Field(default=0.5, gt=0)
    """How often a person, or a credential of nobody known, may ask for a socket in vain; an address ten times as often."""
    lag_seconds_max: float = Field(default=0.5, gt=0)
    memory_bytes_max: float = Field(default_factory=default_bytes_max, gt=0)
    """A node whose process holds more takes nobody new in."""
    drain_notice_seconds: float = Field(default=0.5, ge=0, le=5)
    drain_spread_seconds: float = Field(default=1.5, ge=0, le=5)
    limits: dict[str, float] = Field(default_factory=dict)
    """Limits of live lists that differ from the defaults, by name (`ROWHOUSE_LIMITS='{"sessions_per_user_max": 10}'`)."""

    state_tail_entries_max: int = Field(default=2_000, ge=1)
    state_tail_bytes_max: int = Field(default=4 * 1024 * 1024, ge=1)
    """A list whose log since its last full state is longer gets the next one."""
    fold_edits_min: int = Field(default=20_000, ge=1)
    fold_edits_urgent: int = Field(default=200_000, ge=1)
    fold_grace_hours: float = Field(default=24.0, ge=0)
    fold_look_seconds: float = Field(default=60.0, gt=0)
    """A list with more live edits begins a new generation of them; the older one is folded away after the grace."""
    log_retention_days: float | None = Field(default=30.0, gt=0)
    facts_retention_days: float | None = Field(default=None, gt=0)
    """How long the log's entries, and the audit's, stay at least. The log is kept for ever with `for ever`, as the audit is."""

    @field_validator("log_retention_days", "facts_retention_days", mode="before")
    @classmethod
    def _for_ever(cls, days: object) -> object:
        return None if days == "for ever" else days

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("DATABASE_URL must begin with postgresql://")
        return url

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("REDIS_URL must begin with redis://, rediss:// or unix://")
        return url

    @field_validator("sentry_dsn")
    @classmethod
    def _dsn(cls, address: str | None) -> str | None:
        if address is not None and not _SENTRY.fullmatch(address):
            raise ValueError("SENTRY_DSN must look like https://key@host/number")
        return address

    @field_validator("allowed_origins")
    @classmethod
    def _whole_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            scheme, separator, host = origin.partition("://")
            if scheme not in {"http", "https"} or not separator or not host or "/" in host or "*" in host:
                raise ValueError(f"{origin!r} is no origin; write it like https://rowhouse.example.com")
        return origins

    @field_validator("limits")
    @classmethod
    def _known_limits(cls, limits: dict[str, float]) -> dict[str, float]:
        for name, value in limits.items():
            if name not in _LIMIT_NAMES:
                raise ValueError(f"there is no limit {name!r}; there are {', '.join(sorted(_LIMIT_NAMES))}")
            if not value > 0:
                raise ValueError(f"the limit {name!r} must be above 0")
        try:
            _limits_of(limits)
        except AssertionError as contradiction:
            raise ValueError(f"these limits contradict each other or the defaults: {contradiction}") from None
        return limits

    @cached_property
    def list_limits(self) -> Limits:
        """Give the limits that live lists are held to."""
        return _limits_of(self.limits)

    @property
    def black_box_folder(self) -> Path:
        """Give the folder in which processes leave what they were working on."""
        return self.state_folder / "black-boxes"

    @property
    def quarantine_window(self) -> timedelta:
        """Give the time within which deaths of one list add up."""
        return timedelta(seconds=self.quarantine_window_seconds)

    @cached_property
    def signing_secret(self) -> str:
        """Give the configured secret, else the kept one of the state folder, made on first use."""
        return self.secret or _kept_secret(self.state_folder / _SECRET_FILE)

    @cached_property
    def bus_key(self) -> bytes:
        """Give the key that the nodes of this installation seal their words with."""
        return hmac.digest(self.signing_secret.encode(), b"rowhouse bus", "sha256")


def _limits_of(limits: dict[str, float]) -> Limits:
    defaults = Limits()
    return replace(defaults, **{name: type(getattr(defaults, name))(value) for name, value in limits.items()})


def _kept_secret(path: Path) -> str:
    """Read the secret, or make it; two servers that start at once agree on one, and it is never half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
