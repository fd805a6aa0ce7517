"""What the dashboard shows, and why: rows of panels, of which `dashboard.py` makes Grafana's JSON.

Names and labels of metrics are those of docs/metrics.md.
"""

from deploy.grafana.promql import RATE, Panel, Query, quantile, rate, share

CALLS = "rpc_server_call_duration_seconds"
CHATS = 'rpc_method!~"mainstay.v1.ChatService/CountTokens|mainstay.v1.ChatService/ListModels"'
"""The other two ask nobody, and would hide that chats fail."""
TARGET = "gen_ai_provider_name, gen_ai_request_model"
OF_TARGET = "{{gen_ai_provider_name}}/{{gen_ai_request_model}}"
PROCESS = '{job="mainstay"}'

CALLERS_VIEW = (
    Panel(
        "Calls",
        "Calls that ended, by gRPC status.",
        "reqps",
        (Query(rate(f"{CALLS}_count", "rpc_response_status_code", CHATS), "{{rpc_response_status_code}}"),),
    ),
    Panel(
        "Failed by our fault",
        "UNAVAILABLE, DEADLINE_EXCEEDED and INTERNAL, as a share of all calls. The line is the objective.",
        "percentunit",
        (Query(share(f"{CALLS}_count", f'error_type!="", {CHATS}', CHATS), "failed"),),
        most=0.005,
    ),
    Panel(
        "Why calls fail",
        "Reasons of calls that were not answered; docs/error-reasons.md explains each.",
        "reqps",
        (Query(rate("mainstay_calls_total", "mainstay_reason", 'mainstay_reason!="OK"'), "{{mainstay_reason}}"),),
    ),
    Panel(
        "Duration",
        "From the call's arrival to its last event. Streams last as long as the model speaks.",
        "s",
        (quantile(0.5, CALLS, "rpc_method"), quantile(0.95, CALLS, "rpc_method")),
    ),
    Panel(
        "First token",
        "How long models take to begin, over all streams. The line is where somebody is woken.",
        "s",
        (
            quantile(0.5, "gen_ai_client_operation_time_to_first_chunk_seconds"),
            quantile(0.95, "gen_ai_client_operation_time_to_first_chunk_seconds"),
        ),
        most=10,
    ),
    Panel(
        "Who calls",
        "The ten busiest callers. Names are what callers say of themselves.",
        "reqps",
        (Query(f"topk(10, {rate('mainstay_caller_calls_total', 'mainstay_caller')})", "{{mainstay_caller}}"),),
    ),
)

ORIGINS = (
    Panel(
        "Who answered",
        "Answered calls by source: a model, the cache, a rule. NONE is nobody.",
        "reqps",
        (Query(rate("mainstay_calls_total", "mainstay_source"), "{{mainstay_source}}"),),
    ),
    Panel(
        "Answered by a rule",
        "Because no model could, as a share of all answers of a route. The line is where somebody is woken.",
        "percentunit",
        (
            Query(
                rate("mainstay_calls_total", "mainstay_route", 'mainstay_source="RULE"')
                + " / "
                + rate("mainstay_calls_total", "mainstay_route", 'mainstay_reason="OK"'),
                "{{mainstay_route}}",
            ),
        ),
        most=0.1,
    ),
    Panel(
        "Which rule",
        "Rules that answered.",
        "reqps",
        (Query(rate("mainstay_degradations_total", "mainstay_rule"), "{{mainstay_rule}}"),),
    ),
    Panel(
        "Fallbacks",
        "Calls that one target lost and the next one took.",
        "reqps",
        (
            Query(
                rate("mainstay_fallbacks_total", "mainstay_from, mainstay_onto"),
                "{{mainstay_from}} → {{mainstay_onto}}",
            ),
        ),
    ),
    Panel(
        "Not the form asked for",
        "Of the answers that were to be JSON, how many of a target's had not got that form, or could not be checked.",
        "percentunit",
        (
            Query(
                rate("mainstay_structured_outputs_total", TARGET, 'mainstay_fit=~"unfit|unchecked"')
                + " / "
                + rate("mainstay_structured_outputs_total", TARGET),
                OF_TARGET,
            ),
        ),
    ),
    Panel(
        "Cache hits",
        "Of the calls that asked the cache, how many it answered.",
        "percentunit",
        (
            Query(
                share(
                    "mainstay_cache_requests_total", 'mainstay_cache_result="hit"', 'mainstay_cache_result!="bypassed"'
                ),
                "hits",
            ),
        ),
    ),
    Panel(
        "Shared and stale answers",
        "Calls that shared the answer of an equal one under way; calls that got an old one, as no model could answer.",
        "reqps",
        (
            Query(rate("mainstay_joins_total"), "shared"),
            Query(rate("mainstay_stale_answers_total"), "stale"),
        ),
    ),
    Panel(
        "Cache size",
        "Memory that kept answers take, in all replicas.",
        "bytes",
        (Query("sum by (instance) (mainstay_cache_size_bytes)", "{{instance}}"),),
    ),
)

TARGETS = (
    Panel(
        "Requests",
        "To each target, first ones and further ones.",
        "reqps",
        (Query(rate("mainstay_attempts_total", TARGET), OF_TARGET),),
    ),
    Panel(
        "Failed requests",
        "By target and kind of failure.",
        "reqps",
        (
            Query(
                rate("mainstay_attempts_total", f"{TARGET}, error_type", 'mainstay_attempt_outcome="failed"'),
                f"{OF_TARGET} {{{{error_type}}}}",
            ),
        ),
    ),
    Panel(
        "Why they are asked",
        "First requests, retries, fallbacks.",
        "reqps",
        (Query(rate("mainstay_attempts_total", "mainstay_attempt_cause"), "{{mainstay_attempt_cause}}"),),
    ),
    Panel(
        "Duration of a request",
        "95 in 100 took less, failed ones included.",
        "s",
        (quantile(0.95, "gen_ai_client_operation_duration_seconds", TARGET),),
    ),
    Panel(
        "First token of a target",
        "95 in 100 began sooner.",
        "s",
        (quantile(0.95, "gen_ai_client_operation_time_to_first_chunk_seconds", TARGET),),
    ),
    Panel(
        "Pace of a target",
        "Time between two pieces of an answer; 95 in 100 were shorter.",
        "s",
        (quantile(0.95, "gen_ai_client_operation_time_per_output_chunk_seconds", TARGET),),
    ),
    Panel(
        "Retries",
        "Further requests to the same target, and those that an empty budget forbade.",
        "reqps",
        (
            Query(rate("mainstay_retries_total", TARGET), OF_TARGET),
            Query(rate("mainstay_retries_forgone_total", TARGET), f"{OF_TARGET} forgone"),
        ),
    ),
    Panel(
        "Budget of retries",
        "How full each target's is, on the replica where it is emptiest. Empty: no retries, only fallbacks.",
        "percentunit",
        (Query(f"min by ({TARGET}) (mainstay_budget_fill_ratio)", OF_TARGET),),
    ),
    Panel(
        "Open circuits",
        "Targets that kept failing and are passed over, in one replica at least.",
        "short",
        (Query(f"max by ({TARGET}) (mainstay_circuit_open)", OF_TARGET),),
    ),
    Panel(
        "Circuits that changed",
        "Targets that were found to keep failing, tried again, or found well.",
        "reqps",
        (
            Query(
                rate("mainstay_circuit_changes_total", f"{TARGET}, mainstay_state"), OF_TARGET + " {{mainstay_state}}"
            ),
        ),
    ),
    Panel(
        "Hedges and recoveries",
        "Second copies of slow requests, and broken streams that somebody was asked to go on with.",
        "reqps",
        (
            Query(rate("mainstay_hedges_total", TARGET), OF_TARGET),
            Query(rate("mainstay_recoveries_total", "mainstay_mode"), "{{mainstay_mode}}"),
        ),
    ),
    Panel(
        "Waiting for limits",
        "Requests that wait their turn under a target's limits, in all replicas.",
        "short",
        (Query(f"sum by ({TARGET}) (mainstay_lease_waiting)", OF_TARGET),),
    ),
    Panel(
        "Wait for limits",
        "How long requests waited that had to; 95 in 100 had their turn sooner.",
        "s",
        (quantile(0.95, "mainstay_lease_wait_duration_seconds", TARGET),),
    ),
    Panel(
        "Free of limits",
        "Share of a target's tightest limit that is free, with its freest key, on the busiest replica.",
        "percentunit",
        (Query(f"min by ({TARGET}) (mainstay_lease_free_ratio)", OF_TARGET),),
    ),
    Panel(
        "Under way",
        "Requests that a target answers now, in all replicas.",
        "short",
        (Query(f"sum by ({TARGET}) (mainstay_lease_in_flight)", OF_TARGET),),
    ),
    Panel(
        "Passed over",
        "Targets that were not asked: they cannot do what the call needs, or are switched off.",
        "reqps",
        (Query(rate("mainstay_targets_skipped_total", TARGET), OF_TARGET),),
    ),
)

TOKENS = (
    Panel(
        "Tokens in and out",
        "A second, over all targets.",
        "short",
        (Query(rate("gen_ai_client_token_usage_sum", "gen_ai_token_type"), "{{gen_ai_token_type}}"),),
    ),
    Panel(
        "Tokens out, by target",
        "What is paid for most.",
        "short",
        (Query(rate("gen_ai_client_token_usage_sum", TARGET, 'gen_ai_token_type="output"'), OF_TARGET),),
    ),
    Panel(
        "Cost, by target",
        "US dollars an hour, by the prices of `mainstayd catalog`; requests without a known price are left out.",
        "currencyUSD",
        (Query(f"3600 * {rate('mainstay_cost_total', TARGET)}", OF_TARGET),),
    ),
    Panel(
        "Tokens of one request",
        "Half of the requests had fewer.",
        "short",
        (quantile(0.5, "gen_ai_client_token_usage", "gen_ai_token_type"),),
    ),
)

PROCESSES = (
    Panel(
        "Open calls",
        "Calls and streams that go on now.",
        "short",
        (Query("sum by (instance) (mainstay_open_calls)", "{{instance}}"),),
    ),
    Panel(
        "Event loop lag",
        "How late the loop comes to what is due; 95 in 100 were less. More than the line: the process is too slow.",
        "s",
        (quantile(0.95, "mainstay_event_loop_lag_seconds", "instance"),),
        most=0.1,
    ),
    Panel(
        "Time of our own",
        "What Mainstay itself adds to a call, before and after providers.",
        "s",
        (quantile(0.5, "mainstay_overhead_duration_seconds"), quantile(0.99, "mainstay_overhead_duration_seconds")),
    ),
    Panel(
        "Memory",
        "Resident. The line is where a ticket is written.",
        "bytes",
        (Query(f"process_resident_memory_bytes{PROCESS}", "{{instance}}"),),
        most=1.5e9,
    ),
    Panel(
        "CPU",
        "Cores in use. One process uses little more than one.",
        "short",
        (Query(f"rate(process_cpu_seconds_total{PROCESS}[{RATE}])", "{{instance}}"),),
    ),
    Panel(
        "Open files",
        "Sockets among them.",
        "short",
        (Query(f"process_open_fds{PROCESS}", "{{instance}}"),),
    ),
    Panel(
        "Lost log lines and spans",
        "Whoever reads the log, or the collector, is too slow for them.",
        "short",
        (
            Query(f"sum by (instance) (increase(mainstay_log_dropped_total[{RATE}]))", "{{instance}} lines"),
            Query(f"sum by (instance) (increase(mainstay_spans_dropped_total[{RATE}]))", "{{instance}} spans"),
        ),
    ),
    Panel(
        "Usable providers",
        "On how many replicas each can be asked.",
        "short",
        (Query("sum by (gen_ai_provider_name) (mainstay_provider_usable) > 0", "{{gen_ai_provider_name}}"),),
    ),
    Panel(
        "What runs",
        "Replicas by release and configuration: more than one line only while rolling out.",
        "short",
        (
            Query(
                "count by (service_version, mainstay_configuration_digest) (mainstay_configuration)",
                "{{service_version}} {{mainstay_configuration_digest}}",
            ),
        ),
    ),
)

ROWS = {
    "What callers get": CALLERS_VIEW,
    "Where answers come from": ORIGINS,
    "Targets": TARGETS,
    "Tokens": TOKENS,
    "The process": PROCESSES,
}
