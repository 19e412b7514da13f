"""Who asks, for which tenant, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from streams.access.errors import Forbidden

DEFAULT_TENANT = "default"

TENANT_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"

Tenant = Annotated[str, Field(pattern=TENANT_PATTERN)]


class Scope(StrEnum):
    """What a caller may do with the documents of its own tenant; `admin` is all of it."""

    SUBMIT = "submit"
    READ = "read"
    DELETE = "delete"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever was authenticated.

    Attributes:
        subject: Id of an API key, or `oidc:<sub>`.
        tenant: Whose documents it deals with; it sees no other's.
        scopes: What it may do.
        rate_per_s: Requests per second; None: as many as it likes.
    """

    subject: str
    tenant: str
    scopes: frozenset[Scope]
    rate_per_s: float | None = None

    def may(self, scope: Scope) -> bool:
        """Whether it has a scope, or is the tenant's admin."""
        return not self.scopes.isdisjoint({scope, Scope.ADMIN})

    def require(self, scope: Scope) -> None:
        """Let it pass.

        Raises:
            Forbidden: it has not the scope.
        """
        if not self.may(scope):
            has = ", ".join(sorted(self.scopes)) or "none"
            raise Forbidden(
                f"this needs the scope {scope}, and {self.subject} has {has}; "
                "use another key or token, or have the scope granted"
            )
