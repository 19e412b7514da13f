"""What a caller may do."""

import pytest

from streams.access.caller import Caller, Scope
from streams.access.errors import Forbidden


def caller(*scopes: Scope) -> Caller:
    """Somebody with these scopes."""
    return Caller("somebody", "acme", frozenset(scopes))


@pytest.mark.parametrize("scope", Scope)
def test_require_lets_pass_who_has_the_scope(scope: Scope) -> None:
    """Each scope is its own permission."""
    caller(scope).require(scope)


@pytest.mark.parametrize("scope", Scope)
def test_require_lets_an_admin_do_everything(scope: Scope) -> None:
    """Admin is all of it."""
    caller(Scope.ADMIN).require(scope)


def test_require_refuses_who_lacks_the_scope() -> None:
    """The message names what is missing and what is there."""
    with pytest.raises(Forbidden, match="needs the scope delete, and somebody has read, submit"):
        caller(Scope.SUBMIT, Scope.READ).require(Scope.DELETE)
    with pytest.raises(Forbidden, match="has none"):
        caller().require(Scope.READ)


def test_require_makes_nobody_an_admin() -> None:
    """All other scopes together are not admin."""
    with pytest.raises(Forbidden):
        caller(*(set(Scope) - {Scope.ADMIN})).require(Scope.ADMIN)
