"""Joining layers."""

from hypothesis import given
from hypothesis import strategies as st

from service.config.problems import Place
from service.config.tree import Node, Plain, find, merge, place_of, plain

TEXTS = st.text("xyz", max_size=2)
# Three fixed shapes under three keys: layers that agree on what is a mapping, as real ones do.
LAYERS = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXTS,
        "items": st.lists(TEXTS, max_size=2),
        "inner": st.dictionaries(st.sampled_from("abc"), TEXTS | st.none()),
    },
)


def tree(value: Plain, source: str = "f") -> Node:
    match value:
        case dict():
            return Node({key: tree(child, source) for key, child in value.items()}, Place(source))
        case list():
            return Node([tree(child, source) for child in value], Place(source))
    return Node(value, Place(source))


@given(LAYERS, LAYERS, LAYERS)
def test_merging_is_associative(a: Plain, b: Plain, c: Plain) -> None:
    x, y, z = tree(a), tree(b), tree(c)
    assert plain(merge(merge(x, y), z)) == plain(merge(x, merge(y, z)))


@given(LAYERS)
def test_an_empty_layer_and_the_same_layer_change_nothing(a: Plain) -> None:
    x = tree(a)
    assert plain(merge(x, tree({}))) == plain(merge(tree({}), x)) == plain(merge(x, x)) == plain(x)


@given(LAYERS, LAYERS)
def test_merging_leaves_both_layers_as_they_were(a: Plain, b: Plain) -> None:
    x, y = tree(a), tree(b)
    merge(x, y)
    assert (plain(x), plain(y)) == (a, b)


def test_mappings_are_joined_and_everything_else_is_replaced() -> None:
    lower = tree({"m": {"a": "1", "b": "2"}, "l": ["1", "2"], "t": "1"})
    upper = tree({"m": {"b": "3"}, "l": ["4"], "t": {"x": "5"}})
    assert plain(merge(lower, upper)) == {"m": {"a": "1", "b": "3"}, "l": ["4"], "t": {"x": "5"}}


def test_every_value_remembers_the_layer_that_it_came_from() -> None:
    merged = merge(tree({"m": {"a": "1", "b": "2"}}, "low"), tree({"m": {"b": "3"}}, "high"))
    assert place_of(merged, ("m", "a")) == Place("low")
    assert place_of(merged, ("m", "b")) == Place("high")


def test_a_missing_value_is_placed_at_the_nearest_one_around_it() -> None:
    merged = merge(tree({"m": {"l": ["x"]}}, "low"), tree({"n": "y"}, "high"))
    assert find(merged, ("m", "l", 0)) == tree("x", "low")
    assert find(merged, ("m", "l", 1)) is None
    assert find(merged, ("n", "deeper")) is None
    assert place_of(merged, ("n", "deeper", "still")) == Place("high")
    assert place_of(merged, ("nowhere",)) == Place("low")


def test_a_value_is_not_in_the_repr_of_its_node() -> None:
    assert "canary" not in repr(tree("canary"))
