"""Access tokens: a genuine one gives its claims, about forty kinds of hostile ones give one closed reason."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth import tokens
from auth.errors import AuthReason

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = tokens.signing_key("a secret of more than thirty-two bytes")
USER = "user_0123456789a"
SESSION = "session_01234567"
HEADER = {"alg": "HS256", "typ": "JWT"}


def b64(raw: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a genuine token, with changes; `...` leaves a claim out."""
    genuine = {
        "sub": USER,
        "sid": SESSION,
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 900,
        "iss": tokens.ISSUER,
        "aud": tokens.AUDIENCE,
        "typ": tokens.TYPE,
    }
    return {name: value for name, value in (genuine | changes).items() if value is not ...}


def signed(payload: bytes, header: dict[str, Any] | bytes = b"", key: bytes = KEY, digest: Any = hashlib.sha256) -> str:
    """Sign any payload under any header by hand, as an attacker with a leaked oracle would."""
    raw = (
        header if isinstance(header, bytes) and header else json.dumps(header or HEADER, separators=(",", ":")).encode()
    )
    first = f"{b64(raw)}.{b64(payload)}"
    return f"{first}.{b64(hmac.new(key, first.encode(), digest).digest())}"


def token(header: dict[str, Any] | bytes = b"", **changes: Any) -> str:
    """A token with genuine signature over changed claims or header."""
    return signed(json.dumps(claims(**changes), separators=(",", ":")).encode(), header)


def genuine() -> str:
    """What the server itself issues."""
    return tokens.issue(KEY, user_id=USER, session_id=SESSION, now=NOW)


def none_token(algorithm: str) -> str:
    """A token without a signature under a header that says so."""
    return f"{b64(json.dumps({'alg': algorithm, 'typ': 'JWT'}).encode())}.{b64(json.dumps(claims()).encode())}."


HOSTILE: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "one dot": lambda: "a.b",
    "four parts": lambda: genuine() + ".x",
    "JWE of five parts": lambda: "a.b.c.d.e",
    "alg none": lambda: none_token("none"),
    "alg None": lambda: none_token("None"),
    "alg nOnE with a signature": lambda: token({"alg": "nOnE", "typ": "JWT"}),
    "no alg": lambda: token({"typ": "JWT"}),
    "HS384": lambda: signed(json.dumps(claims()).encode(), {"alg": "HS384", "typ": "JWT"}, digest=hashlib.sha384),
    "HS512": lambda: signed(json.dumps(claims()).encode(), {"alg": "HS512", "typ": "JWT"}, digest=hashlib.sha512),
    "RS256 signed with the shared key": lambda: token({"alg": "RS256", "typ": "JWT"}),
    "ES256 signed with the shared key": lambda: token({"alg": "ES256", "typ": "JWT"}),
    "another key": lambda: signed(json.dumps(claims()).encode(), key=b"k" * 32),
    "empty key": lambda: signed(json.dumps(claims()).encode(), key=b""),
    "kid path": lambda: token(HEADER | {"kid": "../../dev/null"}),
    "kid SQL": lambda: token(HEADER | {"kid": "' union select 'k"}),
    "kid URL": lambda: token(HEADER | {"kid": "http://127.0.0.1/key"}),
    "embedded jwk": lambda: token(HEADER | {"jwk": {"kty": "oct", "k": b64(KEY)}}),
    "jku": lambda: token(HEADER | {"jku": "http://127.0.0.1/jwks.json"}),
    "x5u": lambda: token(HEADER | {"x5u": "http://127.0.0.1/x.pem"}),
    "crit": lambda: token(HEADER | {"crit": ["exp"]}),
    "b64 false": lambda: token(HEADER | {"b64": False, "crit": ["b64"]}),
    "nested token": lambda: signed(genuine().encode(), HEADER | {"cty": "JWT"}),
    "header of arrays": lambda: token(b"[" * 700),
    "payload of arrays": lambda: signed(b"[" * 1200),
    "payload is a list": lambda: signed(b"[]"),
    "payload is no JSON": lambda: signed(b"{"),
    "payload is no UTF-8": lambda: signed(b'{"sub":"\xff"}'),
    "a claim twice": lambda: signed(json.dumps(claims()).encode()[:-1] + b', "sub": "admin_0123456789"}'),
    "an unknown claim": lambda: token(role="owner"),
    "role service_role": lambda: token(role="service_role"),
    "is_anonymous": lambda: token(is_anonymous=True),
    "nbf in the future": lambda: token(nbf=int(NOW.timestamp()) + 60),
    "iat in the future": lambda: token(iat=int(NOW.timestamp()) + 60),
    "no exp": lambda: token(exp=...),
    "no sub": lambda: token(sub=...),
    "no sid": lambda: token(sid=...),
    "exp is text": lambda: token(exp="9999999999"),
    "exp is a float": lambda: token(exp=9999999999.5),
    "exp is true": lambda: token(exp=True),
    "exp is negative": lambda: token(exp=-1),
    "exp is NaN": lambda: signed(json.dumps(claims(exp=float("nan"))).encode()),
    "exp is infinite": lambda: signed(json.dumps(claims(exp=float("inf"))).encode()),
    "exp in the year 10000": lambda: token(exp=2**40),
    "exp of 1,000 digits": lambda: token(exp=int("9" * 1000)),
    "exp of 10,000 digits": lambda: signed(b'{"exp":' + b"9" * 10_000 + b"}"),
    "sub is a number": lambda: token(sub=7),
    "sub is a list": lambda: token(sub=[USER]),
    "sub is empty": lambda: token(sub=""),
    "sub has a line feed": lambda: token(sub=USER + "\n"),
    "iss only begins like ours": lambda: token(iss=tokens.ISSUER + "/auth/v1"),
    "iss is a part of ours": lambda: token(iss=tokens.ISSUER[:-1]),
    "aud is a list": lambda: token(aud=[tokens.AUDIENCE]),
    "aud of another service": lambda: token(aud="authenticated"),
    "another type of token": lambda: token(typ="refresh"),
    "leading space": lambda: " " + genuine(),
    "trailing line feed": lambda: genuine() + "\n",
    "padding": lambda: genuine() + "=",
    "standard base64 letters": lambda: genuine()[:-1] + "+",
    "other spelling of the signature": lambda: respelled(genuine()),
    "a letter of another alphabet": lambda: genuine()[:-1] + "é",
    "one megabyte": lambda: "a" * 500_000 + "." + "b" * 500_000 + ".c",
    "swapped payload": lambda: ".".join(
        (genuine().split(".")[0], b64(json.dumps(claims(sub="admin_0123456789")).encode()), genuine().split(".")[2])
    ),
}


def respelled(text: str) -> str:
    """Change the unused bits of the last base64 letter: the same signature bytes, another text."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]


@pytest.mark.rule("AUTH-1")
def test_a_genuine_token_gives_its_claims() -> None:
    """What was issued reads back, to the second, until its end."""
    read = tokens.verify(genuine(), KEY, now=NOW + timedelta(minutes=14, seconds=59))
    assert read == tokens.Claims(USER, SESSION, NOW, NOW + timedelta(minutes=15))


@pytest.mark.rule("AUTH-1")
def test_a_token_ends_at_its_time() -> None:
    """At the second of `exp` the token is expired, not invalid: the client may refresh."""
    assert tokens.verify(genuine(), KEY, now=NOW + timedelta(minutes=15)) is AuthReason.EXPIRED_TOKEN


@pytest.mark.rule("AUTH-2")
@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_token_is_invalid(make: Callable[[], str]) -> None:
    """Every hostile token gives the same one reason and raises nothing."""
    assert tokens.verify(make(), KEY, now=NOW) is AuthReason.INVALID_TOKEN


@pytest.mark.rule("AUTH-2")
def test_the_hand_signer_of_these_tests_signs_truly() -> None:
    """Without a change the tests' own signer makes an accepted token, so the table above refuses for its reasons."""
    assert isinstance(tokens.verify(token(), KEY, now=NOW), tokens.Claims)


@pytest.mark.rule("AUTH-2")
def test_a_token_of_the_library_with_our_key_but_default_claims_is_refused() -> None:
    """A token that PyJWT would accept is still refused when its claims are not exactly ours."""
    made = jwt.encode({"sub": USER, "exp": NOW + timedelta(minutes=5)}, KEY, algorithm="HS256")
    assert tokens.verify(made, KEY, now=NOW) is AuthReason.INVALID_TOKEN


@pytest.mark.rule("AUTH-2")
@given(st.text(max_size=200) | st.from_regex(r"\A[\w-]{1,60}\.[\w-]{1,60}\.[\w-]{1,60}\Z"))
def test_reading_is_total(text: str) -> None:
    """Any text gives a reason, never an exception."""
    assert tokens.verify(text, KEY, now=NOW) is AuthReason.INVALID_TOKEN


@pytest.mark.rule("AUTH-2")
@given(st.data())
def test_no_flipped_letter_is_accepted(data: st.DataObject) -> None:
    """Changing any one letter of a genuine token makes it invalid."""
    text = genuine()
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("AZaz09-_.").filter(lambda candidate: candidate != text[at]))
    assert tokens.verify(text[:at] + letter + text[at + 1 :], KEY, now=NOW) is AuthReason.INVALID_TOKEN


@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_a_short_secret_is_refused(secret: str) -> None:
    """A server does not start with a secret that can be guessed."""
    with pytest.raises(ValueError, match="32 bytes"):
        tokens.signing_key(secret)
