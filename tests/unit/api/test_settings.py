"""Settings: where they come from, what they refuse, and the secret that is made once."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from api.settings import Settings
from realtime.core.limits import Limits


@pytest.mark.rule("API-17")
def test_the_secret_is_made_once_and_kept_closed(tmp_path: Path) -> None:
    """Two servers on one folder use one secret, long enough, readable by its owner alone."""
    first = Settings(state_folder=tmp_path / "state").signing_secret
    assert Settings(state_folder=tmp_path / "state").signing_secret == first
    assert len(first) >= 32
    (kept,) = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.rule("API-17")
def test_a_configured_secret_wins_and_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret in the environment is used, writes no file, and does not appear in the settings' text."""
    monkeypatch.setenv("ROWHOUSE_SECRET", "c" * 40)
    settings = Settings(state_folder=tmp_path)
    assert settings.signing_secret == "c" * 40
    assert list(tmp_path.iterdir()) == []
    assert "cccc" not in repr(settings)


@pytest.mark.rule("API-17")
def test_a_short_secret_is_refused() -> None:
    """A secret that can be guessed does not start a server."""
    with pytest.raises(ValidationError):
        Settings(secret="short")


def test_the_environment_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DATABASE_URL, ROWHOUSE_DATA and prefixed names set what they say."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/rowhouse")
    monkeypatch.setenv("ROWHOUSE_DATA", str(tmp_path))
    monkeypatch.setenv("ROWHOUSE_ALLOWED_ORIGINS", '["https://app.example.com"]')
    settings = Settings()
    assert settings.database_url == "postgresql://somewhere/rowhouse"
    assert settings.state_folder == tmp_path
    assert settings.allowed_origins == ("https://app.example.com",)


@pytest.mark.parametrize(
    "origin", ["*", "https://*.example.com", "example.com", "https://example.com/", "ftp://example.com"]
)
def test_a_loose_origin_is_refused(origin: str) -> None:
    """Only whole origins are taken: no stars, no paths."""
    with pytest.raises(ValidationError):
        Settings(allowed_origins=(origin,))


@pytest.mark.rule("ROOM-25")
def test_limits_can_be_set_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only those that differ; a whole number stays one."""
    monkeypatch.setenv("ROWHOUSE_LIMITS", '{"sessions_per_user_max": 10, "work_share_max": 0.5}')
    limits = Settings().list_limits
    assert limits == replace(Limits(), sessions_per_user_max=10, work_share_max=0.5)
    assert isinstance(limits.sessions_per_user_max, int)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"no_such_limit": 1.0}, "there is no limit 'no_such_limit'"),
        ({"sessions_per_user_max": 0.0}, "must be above 0"),
        ({"frame_bytes_max": 2.0**30}, "a live edit is no larger than a first sync"),
    ],
)
def test_limits_that_cannot_be_are_refused(limits: dict[str, float], said: str) -> None:
    """With a sentence that says what to do."""
    with pytest.raises(ValidationError, match=said):
        Settings(limits=limits)


def test_another_database_is_refused() -> None:
    """Only PostgreSQL is."""
    with pytest.raises(ValidationError):
        Settings(database_url="mysql://somewhere/rowhouse")


@pytest.mark.rule("LOG-18")
def test_retention_is_in_days_or_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is kept for 30 days and the audit for ever, unless it is said otherwise; no time at all is refused."""
    assert (Settings().log_retention_days, Settings().facts_retention_days) == (30.0, None)
    monkeypatch.setenv("ROWHOUSE_LOG_RETENTION_DAYS", "for ever")
    monkeypatch.setenv("ROWHOUSE_FACTS_RETENTION_DAYS", "3650")
    assert (Settings().log_retention_days, Settings().facts_retention_days) == (None, 3650.0)
    monkeypatch.setenv("ROWHOUSE_LOG_RETENTION_DAYS", "0")
    with pytest.raises(ValidationError):
        Settings()
