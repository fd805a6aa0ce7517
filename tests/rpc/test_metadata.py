"""What is read of a caller's metadata."""

from service.rpc.metadata import texts


def test_of_a_repeated_key_the_last_counts_but_tracestate_is_one_list_in_several_parts() -> None:
    told = texts(
        (
            ("tracestate", "a=1"),
            ("x-request-id", "one"),
            ("picture-bin", b"\0"),
            ("tracestate", "b=2,c=3"),
            ("x-request-id", "two"),
        )
    )
    assert told == {"tracestate": "a=1,b=2,c=3", "x-request-id": "two"}
