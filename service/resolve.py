"""Settings in the words of the chat: what the configuration says, as the objects that carry it out."""

from dataclasses import replace
from math import inf

from service.chat.capabilities import Capabilities
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.chat.target import Candidate, Target
from service.config import DegradationSettings, ProviderSettings, RouteSettings, Settings
from service.pipeline.assembly import Plan
from service.pipeline.layers.cache import CacheOptions
from service.pipeline.layers.retry import RetryOptions
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
    known = model_row(target, settings)
    can = known.can if known else Capabilities()
    written = settings.providers[target.provider].models.get(target.model)
    if written is None:
        return can
    return replace(
        can,
        context_tokens=written.context_tokens or can.context_tokens,
        max_output_tokens=written.max_output_tokens or can.max_output_tokens,
    )


def model_row(target: Target, settings: Settings) -> ModelRow | None:
    """What the catalog knows of a target; None: nothing."""
    provider = settings.providers[target.provider]
    return row_of(target.provider, provider).model(same_as(provider).get(target.model, target.model))


def candidate(target: Target, settings: Settings) -> Candidate:
    """A target with what is known of it."""
    return Candidate(
        target=target,
        clocks=provider_clocks(settings.providers[target.provider]),
        context_tokens=capabilities(target, settings).context_tokens,
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
        degrade=route.degrade,
        cache=route.cache.use,
    )


def plan(route: RouteSettings, rules: RuleBook) -> Plan:
    """What a route wants of its layers."""
    return Plan(
        retry=RetryOptions(first=route.tries.first, later=route.tries.later, max_wait=route.max_wait),
        leave_content_filter=route.leave_content_filter,
        cache=CacheOptions(
            ttl=route.cache.ttl, fallback_ttl=route.cache.fallback_ttl, tool_calls=route.cache.tool_calls
        ),
        rules=rules if route.degrade else None,
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
