from service.config import ProviderSettings, Settings, confidential, credentials_of

PROVIDER = {"protocol": "openai", "base_url": "http://localhost/v1"}


def known(environ: dict[str, str], **provider: object) -> set[str]:
    settings = Settings.model_validate({"providers": {"p": {**PROVIDER, **provider}}})
    return {text for text in confidential(settings, environ) if text}


def test_keys_are_also_of_providers_that_are_switched_off() -> None:
    assert known({}, api_key="sk-1", enabled=False) == {"sk-1"}


def test_headers_are_told_by_their_names() -> None:
    headers = {"X-Api-Key": "one", "x-title": "Mainstay", "Session-Token": "two", "cookie": "three", "referer": "x"}
    assert known({}, auth="none", headers=headers) == {"one", "two", "three"}


def test_of_a_header_what_follows_a_scheme_counts_by_itself() -> None:
    assert known({}, auth="none", headers={"x-auth": "Bearer abc"}) == {"Bearer abc", "abc"}


def test_a_providers_own_are_its_key_and_its_headers() -> None:
    settings = ProviderSettings.model_validate({**PROVIDER, "api_key": "sk-1", "headers": {"x-token": "t", "x-a": "b"}})
    assert {text for text in credentials_of(settings) if text} == {"sk-1", "t"}


def test_what_exporters_identify_with_is_told_as_written_and_as_sent() -> None:
    environ = {
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20abc, x-honeycomb-team=def",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "api-key=ghi",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "https://me:j%21k@collector:4317",
        "OTEL_SERVICE_NAME": "mainstay",
    }
    told = known(environ, auth="none")
    assert told == {"Bearer%20abc", "Bearer abc", "abc", "def", "ghi", "j%21k", "j!k"}


def test_variables_that_exporters_will_refuse_are_left_to_them() -> None:
    broken = {"OTEL_EXPORTER_OTLP_HEADERS": ",=,x", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://[bad"}
    assert known(broken, auth="none") == set()


def test_every_key_of_several_and_the_secret_of_a_client_are_told() -> None:
    assert known({}, api_key="one", api_keys=["two", {"key": "three"}, ""]) == {"one", "two", "three"}
    oauth = {"token_url": "https://tokens.test", "client_id": "me", "client_secret": "four"}
    assert known({}, oauth=oauth) == {"four"}
