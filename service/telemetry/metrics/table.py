"""Every metric, in one table. docs/metrics.md has the same one for people, and a test holds the two together.

Names and buckets of `rpc.` and `gen_ai.` are OpenTelemetry's semantic conventions (RPC: release candidate; GenAI:
development, as of November 2026).
"""

from service.telemetry.metrics import dimensions as by
from service.telemetry.metrics.instrument import Instrument, Kind

RPC_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120, 300)
"""The convention's up to 10; models take longer."""
GEN_AI_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
TOKENS = tuple(float(4**power) for power in range(14))
WAIT_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
OWN_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

COUNTER, UP_DOWN, GAUGE, HISTOGRAM = Kind.COUNTER, Kind.UP_DOWN, Kind.GAUGE, Kind.HISTOGRAM
GRPC = (("rpc.system.name", "grpc"),)
CHAT = (("gen_ai.operation.name", "chat"),)

CALL_DURATION = Instrument(
    "rpc.server.call.duration",
    "s",
    HISTOGRAM,
    (by.METHOD, by.STATUS),
    "How long do calls take, and how many fail?",
    constants=GRPC,
    buckets=RPC_SECONDS,
)
CALLS = Instrument(
    "mainstay.calls",
    "{call}",
    COUNTER,
    (by.ROUTE, by.SOURCE, by.REASON),
    "What becomes of calls: who answered, or why did nobody?",
)
CALLER_CALLS = Instrument(
    "mainstay.caller.calls", "{call}", COUNTER, (by.CALLER, by.REASON), "Who calls, and who is turned away or failed?"
)
OPEN_CALLS = Instrument("mainstay.open_calls", "{call}", UP_DOWN, (by.CHAT,), "How many calls and streams are open?")
OVERHEAD = Instrument(
    "mainstay.overhead.duration",
    "s",
    HISTOGRAM,
    (by.CHAT,),
    "How much time of a call is spent here and not at a provider?",
    buckets=OWN_SECONDS,
)
OPERATION_DURATION = Instrument(
    "gen_ai.client.operation.duration",
    "s",
    HISTOGRAM,
    (by.TARGET, by.ERROR),
    "How long does each model take for a request?",
    constants=CHAT,
    buckets=GEN_AI_SECONDS,
)
TOKEN_USAGE = Instrument(
    "gen_ai.client.token.usage",
    "{token}",
    HISTOGRAM,
    (by.TARGET, by.TOKEN),
    "How many tokens go in and come out?",
    constants=CHAT,
    buckets=TOKENS,
)
COST = Instrument(
    "mainstay.cost", "{USD}", COUNTER, (by.TARGET,), "How many US dollars does each model cost, as far as is known?"
)
FIRST_CHUNK = Instrument(
    "gen_ai.client.operation.time_to_first_chunk",
    "s",
    HISTOGRAM,
    (by.TARGET,),
    "How long until a model begins to speak?",
    constants=CHAT,
    buckets=GEN_AI_SECONDS,
)
OUTPUT_CHUNK = Instrument(
    "gen_ai.client.operation.time_per_output_chunk",
    "s",
    HISTOGRAM,
    (by.TARGET,),
    "How evenly does a model speak?",
    constants=CHAT,
    buckets=GEN_AI_SECONDS,
)
ATTEMPTS = Instrument(
    "mainstay.attempts",
    "{attempt}",
    COUNTER,
    (by.TARGET, by.CAUSE, by.OUTCOME),
    "How many requests does each model get, why, and what comes of them?",
)
RETRIES = Instrument("mainstay.retries", "{retry}", COUNTER, (by.TARGET,), "How often is a model asked again?")
RETRIES_FORGONE = Instrument(
    "mainstay.retries.forgone", "{retry}", COUNTER, (by.TARGET,), "How often did an empty budget forbid that?"
)
HEDGES = Instrument(
    "mainstay.hedges", "{request}", COUNTER, (by.TARGET,), "How often was a second copy sent, because it was slow?"
)
RECOVERIES = Instrument(
    "mainstay.recoveries", "{stream}", COUNTER, (by.MODE,), "How often was a broken stream to go on or to begin anew?"
)
CIRCUIT_CHANGES = Instrument(
    "mainstay.circuit.changes",
    "{change}",
    COUNTER,
    (by.TARGET, by.STATE),
    "How often was a model found to keep failing (open), tried again (half open) and found well (closed)?",
)
FALLBACKS = Instrument("mainstay.fallbacks", "{fallback}", COUNTER, (by.FROM, by.ONTO), "Whose calls go on to whom?")
TARGETS_SKIPPED = Instrument(
    "mainstay.targets.skipped", "{target}", COUNTER, (by.TARGET,), "Who was passed over without being asked?"
)
STRUCTURED_OUTPUTS = Instrument(
    "mainstay.structured_outputs",
    "{answer}",
    COUNTER,
    (by.TARGET, by.FIT),
    "Which models' answers have the form that was asked for?",
)
DEGRADATIONS = Instrument(
    "mainstay.degradations", "{call}", COUNTER, (by.RULE,), "Which rules answered, because nobody else could?"
)
CACHE_REQUESTS = Instrument(
    "mainstay.cache.requests", "{request}", COUNTER, (by.RESULT,), "How many calls did the cache answer?"
)
STALE_ANSWERS = Instrument(
    "mainstay.stale_answers", "{call}", COUNTER, (), "How many calls got an answer past its time, as nobody else could?"
)
JOINS = Instrument(
    "mainstay.joins", "{call}", COUNTER, (), "How many calls shared the answer of an equal one under way?"
)
CACHE_ENTRIES = Instrument("mainstay.cache.entries", "{entry}", GAUGE, (), "How many answers does the cache hold?")
CACHE_SIZE = Instrument("mainstay.cache.size", "By", GAUGE, (), "How much memory do they take?")
BUDGET_FILL = Instrument(
    "mainstay.budget.fill", "1", GAUGE, (by.ROUTED,), "How many retries does a model's budget still allow, as a share?"
)
CIRCUIT_OPEN = Instrument(
    "mainstay.circuit.open",
    "{circuit}",
    GAUGE,
    (by.ROUTED,),
    "Which models are passed over because they kept failing (1) and which are asked (0)?",
)
LEASE_WAIT = Instrument(
    "mainstay.lease.wait.duration",
    "s",
    HISTOGRAM,
    (by.TARGET,),
    "How long do requests wait for room under a model's limits, if they have to?",
    buckets=WAIT_SECONDS,
)
LEASE_WAITING = Instrument(
    "mainstay.lease.waiting", "{request}", GAUGE, (by.ROUTED,), "How many requests wait for a model's limits now?"
)
LEASE_IN_FLIGHT = Instrument(
    "mainstay.lease.in_flight", "{request}", GAUGE, (by.ROUTED,), "How many requests does a model answer now?"
)
LEASE_FREE = Instrument(
    "mainstay.lease.free", "1", GAUGE, (by.ROUTED,), "How much of a model's tightest limit is free, as a share?"
)
PROVIDER_USABLE = Instrument(
    "mainstay.provider.usable", "{provider}", GAUGE, (by.PROVIDER,), "Which providers can be asked (1) or not (0)?"
)
LOOP_LAG = Instrument(
    "mainstay.event_loop.lag",
    "s",
    HISTOGRAM,
    (),
    "Is the process itself too slow: how late does its loop come to what is due?",
    buckets=OWN_SECONDS,
)
CONFIGURATION = Instrument(
    "mainstay.configuration",
    "{configuration}",
    GAUGE,
    (by.CONFIGURATION,),
    "Which release and which configuration run here? Always 1.",
)
LOG_DROPPED = Instrument(
    "mainstay.log.dropped", "{line}", COUNTER, (), "How many log lines were lost because nobody read them?"
)
SPANS_DROPPED = Instrument(
    "mainstay.spans.dropped", "{span}", COUNTER, (), "How many spans were lost because the collector did not keep up?"
)

TABLE = (
    CALL_DURATION,
    CALLS,
    CALLER_CALLS,
    OPEN_CALLS,
    OVERHEAD,
    OPERATION_DURATION,
    TOKEN_USAGE,
    COST,
    FIRST_CHUNK,
    OUTPUT_CHUNK,
    ATTEMPTS,
    RETRIES,
    RETRIES_FORGONE,
    HEDGES,
    RECOVERIES,
    CIRCUIT_CHANGES,
    FALLBACKS,
    TARGETS_SKIPPED,
    STRUCTURED_OUTPUTS,
    DEGRADATIONS,
    CACHE_REQUESTS,
    STALE_ANSWERS,
    JOINS,
    CACHE_ENTRIES,
    CACHE_SIZE,
    BUDGET_FILL,
    CIRCUIT_OPEN,
    LEASE_WAIT,
    LEASE_WAITING,
    LEASE_IN_FLIGHT,
    LEASE_FREE,
    PROVIDER_USABLE,
    LOOP_LAG,
    CONFIGURATION,
    LOG_DROPPED,
    SPANS_DROPPED,
)
