"""Password hashing by argon2id, through argon2-cffi, with an answer that takes equally long for unknown people.

Both functions need about 50 ms and 64 MiB: callers in an event loop run them in a thread.
"""

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PASSWORD_CHARACTERS_MIN: Final = 10
PASSWORD_CHARACTERS_MAX: Final = 256

_HASHER: Final = PasswordHasher()


def hash_password(password: str) -> str:
    """Hash a password for keeping (argon2id with a fresh salt, in the PHC text form)."""
    return _HASHER.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Tell whether the password belongs to the hash.

    `None` (no such account) costs as much time as a wrong password and is always false, so that the time of
    an answer does not tell who has an account.
    """
    try:
        _HASHER.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("the password of nobody")
