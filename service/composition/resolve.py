"""Settings in the words of the chat: what the configuration says, as the objects that carry it out."""

from math import inf

from mainstay import v1 as pb
from service.chat.capabilities import Capabilities, Reasoning
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.chat.counting import Vocabulary
from service.chat.target import Candidate, Target
from service.config import (
    CircuitSettings,
    DegradationSettings,
    ModelSettings,
    ProviderSettings,
    RouteSettings,
    Settings,
)
from service.pipeline.assembly import Plan
from service.pipeline.layers.cache import CacheOptions
from service.pipeline.layers.fallback import FallbackOptions
from service.pipeline.layers.retry import RetryOptions
from service.policies.circuit import CircuitOptions
from service.policies.hedging import HedgeOptions
from service.policies.rules import Rule, RuleBook
from service.providers.catalog import ModelRow, Row, row


def provider_clocks(provider: ProviderSettings) -> Clocks:
    """A provider's own limits."""
    return Clocks(
        connect=provider.connect_timeout,
        first_token=provider.first_token_timeout,
        stall=provider.stall_timeout,
        attempt=provider.attempt_timeout,
    )


def row_of(name: str, provider: ProviderSettings) -> Row:
    """The row of the catalog that a provider refers to, in the protocol that it speaks here."""
    return row(provider.catalog or name).speaking(provider.protocol)


def headers_of(name: str, provider: ProviderSettings) -> dict[str, str]:
    """The headers of every request: those of the protocol, and over them those that are written."""
    written = {header.lower() for header in provider.headers}
    row_says = {header: text for header, text in row_of(name, provider).headers.items() if header not in written}
    return {**row_says, **provider.headers}


def same_as(provider: ProviderSettings) -> dict[str, str]:
    """The vendor's own name of each model that has another one here."""
    return {name: model.catalog for name, model in provider.models.items() if model.catalog}


def capabilities(target: Target, settings: Settings) -> Capabilities:
    """What the catalog knows of a target, unless the configuration knows better."""
    provider = settings.providers[target.provider]
    known = row_of(target.provider, provider).capabilities(same_as(provider).get(target.model, target.model))
    written = provider.models.get(target.model)
    return known if written is None else _written(written).over(known)


def written_capabilities(provider: ProviderSettings) -> dict[str, Capabilities]:
    """What the configuration says of each of a provider's models, by the names that targets use."""
    written = {name: _written(model) for name, model in provider.models.items()}
    return {name: can for name, can in written.items() if can != Capabilities()}


def _written(model: ModelSettings) -> Capabilities:
    return Capabilities(
        context_tokens=model.context_tokens,
        max_output_tokens=model.max_output_tokens,
        tools=model.tools,
        images=model.images,
        files=model.files,
        prefill=model.prefill,
        forced_tool_choice=model.forced_tool_choice,
        json_schema=model.json_schema,
        reasoning=Reasoning(model.reasoning) if model.reasoning else None,
    )


def model_row(target: Target, settings: Settings) -> ModelRow | None:
    """What the catalog knows of a target; None: nothing."""
    provider = settings.providers[target.provider]
    return row_of(target.provider, provider).model(same_as(provider).get(target.model, target.model))


def vocabulary(target: Target, settings: Settings) -> Vocabulary | None:
    """What a target counts its tokens in; None: nobody knows."""
    provider = settings.providers[target.provider]
    return row_of(target.provider, provider).vocabulary(same_as(provider).get(target.model, target.model))


def candidate(target: Target, settings: Settings) -> Candidate:
    """A target with what is known of it."""
    can = capabilities(target, settings)
    return Candidate(
        target=target,
        clocks=provider_clocks(settings.providers[target.provider]),
        context_tokens=can.context_tokens,
        takes_prefix=can.prefill is True,
        lacks=can.lacks,
    )


def conditions(route: RouteSettings) -> Conditions:
    """What a route allows."""
    clocks = Clocks(
        connect=route.connect_timeout or inf,
        first_token=route.first_token_timeout or inf,
        stall=route.stall_timeout or inf,
        attempt=route.attempt_timeout or inf,
    )
    return Conditions(
        clocks=clocks,
        max_attempts=route.max_attempts,
        upstream_stream=route.upstream == "stream",
        hedge=route.hedge.use,
        degrade=route.degrade,
        cache=pb.CACHE_MODE_USE if route.cache.use else pb.CACHE_MODE_BYPASS,
        stale=route.cache.stale,
    )


def plan(route: RouteSettings, rules: RuleBook) -> Plan:
    """What a route wants of its layers."""
    return Plan(
        retry=RetryOptions(first=route.tries.first, later=route.tries.later, max_wait=route.max_wait),
        fallback=FallbackOptions(
            leave_content_filter=route.leave_content_filter, ask_the_least_bad=route.all_open == "ask"
        ),
        hedge=HedgeOptions(
            quantile=route.hedge.quantile,
            least=route.hedge.least,
            floor=route.hedge.floor,
            ceiling=route.hedge.ceiling,
            spare=route.hedge.spare,
        ),
        cache=CacheOptions(
            ttl=route.cache.ttl,
            fallback_ttl=route.cache.fallback_ttl,
            stale_ttl=route.cache.stale_ttl,
            tool_calls=route.cache.tool_calls,
        ),
        rules=rules if route.degrade else None,
    )


def circuit_options(circuit: CircuitSettings) -> CircuitOptions:
    """When the targets of a provider are passed over."""
    return CircuitOptions(
        enabled=circuit.enabled,
        window=circuit.window,
        least=circuit.least,
        share=circuit.share,
        in_a_row=circuit.in_a_row,
        opens_for=circuit.opens_for,
        opens_at_most=circuit.opens_at_most,
    )


def rule_book(degradation: DegradationSettings) -> RuleBook:
    """The rules that stand in when nobody else can answer."""
    rules = (
        Rule(name=rule.name, answers=rule.answer.by_language, keywords=rule.keywords, patterns=rule.patterns)
        for rule in degradation.rules
    )
    return RuleBook(
        rules=rules,
        default=degradation.default.by_language,
        contact=degradation.contact.by_language,
        notices=degradation.notice.by_language,
    )
