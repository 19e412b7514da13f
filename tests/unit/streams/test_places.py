"""Places in the store are one-to-one with documents, and nobody's name leads elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.places import ID_PATTERN, TENANT_PATTERN, Owned, tenant_name, tenant_of_name

OWNED = st.builds(
    Owned,
    st.just("")
    | st.from_regex(TENANT_PATTERN, fullmatch=True).filter(lambda name: name != "default"),
    st.from_regex(ID_PATTERN, fullmatch=True),
)


@given(owned=OWNED)
def test_upload_key_tells_its_document(owned: Owned) -> None:
    """Whatever the tenant is called."""
    assert Owned.of_upload(owned.upload_key) == owned
    assert tenant_of_name(tenant_name(owned.tenant)) == owned.tenant


@given(first=OWNED, second=OWNED)
def test_places_of_different_documents_are_apart(first: Owned, second: Owned) -> None:
    """Neither is one the other's, nor below it."""
    if first == second:
        return
    for name in ("upload_key", "outcome_key", "pictures_prefix"):
        mine, theirs = getattr(first, name), getattr(second, name)
        assert not mine.startswith(theirs)


@pytest.mark.parametrize(
    "key",
    [
        f"api/acme/{'0' * 31}",
        f"api/acme/{'0' * 33}",
        f"api/acme/{'0' * 32}/",
        f"api/acme/{'0' * 32}\n",
        f"api/acme/{'A' * 32}",
        f"api//{'0' * 32}",
        f"api/../{'0' * 32}",
        f"api/Acme/{'0' * 32}",
        f"api/acme/more/{'0' * 32}",
        f"/api/acme/{'0' * 32}",
        f"x/api/acme/{'0' * 32}",
        "",
    ],
)
def test_other_keys_are_no_documents(key: str) -> None:
    """Only what the gateway itself puts there."""
    assert Owned.of_upload(key) is None
