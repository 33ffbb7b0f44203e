"""A principal: a verified person acting in one workspace, with the role that was read from the database."""

from dataclasses import dataclass

from auth.permissions import Action, Credential, allows
from auth.roles import Role


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone who acts in a workspace.

    `membership_version` is the version of the row in `members` that `role` was read from: the commit of an
    edit checks it again, so that no edit is accepted after a revocation has committed. `credential` is what they
    act by: a key allows less than a sign-in.
    """

    user_id: str
    name: str
    role: Role
    membership_version: int
    credential: Credential = Credential.SIGN_IN

    def may(self, action: Action, *, own: bool = False, switched_on: bool = False) -> bool:
        """Ask the permission table; `own` and `switched_on` as there."""
        return allows(self.role, action, self.credential, own=own, switched_on=switched_on)
