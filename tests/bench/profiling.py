"""Where the service's own code spends the time of a unary call, by cProfile."""

import io
import pstats
from dataclasses import replace

from tests.bench.bench import Wanted
from tests.bench.cpus import here
from tests.bench.house import opened
from tests.bench.measurements import Kind, Plan
from tests.bench.processes import stop
from tests.bench.rounds import Bench, Tell
from tests.bench.services import PROFILE, Service

ROWS = 45


def profile(wanted: Wanted, tell: Tell) -> str:
    """The costliest functions, by their own time and by that of all they call."""
    plan = Plan(wanted.tools, wanted.folder, wanted.sizes, Service.PROFILED)
    kinds = [kind for kind in wanted.kinds if kind is not Kind.ALONE]
    runs = [run for run in plan.round(kinds) if run.key.program == Service.PROFILED.value]
    with opened(wanted.tools, wanted.folder, here(), [Service.PROFILED]) as house:
        bench = Bench(house, tell)
        for run in runs:
            bench.warm_up([replace(run, ask=replace(run.ask, at_once=16))], wanted.sizes.warm_up)
        bench.rounds(runs, 1)
        stop(house.measured[Service.PROFILED.value])
    out = io.StringIO()
    stats = pstats.Stats(str(wanted.folder / PROFILE), stream=out).strip_dirs()
    stats.sort_stats("tottime").print_stats(ROWS)
    stats.sort_stats("cumtime").print_stats(ROWS)
    return out.getvalue()
