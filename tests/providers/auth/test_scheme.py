"""How keys and tokens travel."""

from service.providers.auth import carried


def test_a_key_travels_as_bearer_or_in_the_header_that_is_named() -> None:
    assert carried("bearer", "k") == {"authorization": "Bearer k"}
    assert carried("api-key", "k") == {"api-key": "k"}


def test_nothing_travels_where_there_is_none() -> None:
    assert carried("none", "k") == carried("bearer", "") == {}
