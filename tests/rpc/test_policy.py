"""What is left of a route's conditions after the caller's policy."""

from math import inf

import pytest
from google.protobuf.duration_pb2 import Duration

from mainstay import v1 as pb
from service.chat.conditions import Conditions
from service.rpc.policy import tightened

USE, BYPASS = pb.CACHE_MODE_USE, pb.CACHE_MODE_BYPASS
MODES = [mode for mode in pb.CacheMode.values() if mode != pb.CACHE_MODE_UNSPECIFIED]


@pytest.mark.parametrize("route", [USE, BYPASS])
@pytest.mark.parametrize("mode", MODES, ids=pb.CacheMode.Name)
def test_the_mode_of_the_cache_is_the_callers_to_choose(
    route: pb.CacheMode.ValueType, mode: pb.CacheMode.ValueType
) -> None:
    assert tightened(Conditions(cache=route), pb.CallPolicy(cache=mode)).cache == mode
    assert tightened(Conditions(cache=route), pb.CallPolicy(max_attempts=1)).cache == route


@pytest.mark.parametrize("route", [False, True])
@pytest.mark.parametrize("wish", [False, True])
def test_so_is_whether_an_answer_may_be_past_its_time(route: bool, wish: bool) -> None:
    assert tightened(Conditions(stale=route), pb.CallPolicy(allow_stale=wish)).stale == wish
    assert tightened(Conditions(stale=route), pb.CallPolicy(max_attempts=1)).stale == route


def test_so_is_how_old_a_fresh_one_may_be() -> None:
    half = Duration(nanos=500_000_000)
    assert tightened(Conditions(), pb.CallPolicy(cache_max_age=half)).cache_max_age == 0.5
    assert tightened(Conditions(), pb.CallPolicy(max_attempts=1)).cache_max_age == inf
