"""What a provider's row of the catalog says goes below everything that is written."""

import pytest

from tests.config.conftest import Folder


def test_a_provider_without_a_word_is_as_the_row_of_its_name_says(folder: Folder) -> None:
    folder.write("providers: {vllm: {enabled: true}}")
    provider = folder.load().providers["vllm"]
    assert (provider.protocol, provider.base_url, provider.auth) == ("openai", "http://127.0.0.1:8000/v1", "none")


def test_a_provider_of_any_name_refers_to_a_row(folder: Folder) -> None:
    folder.write("providers: {mine: {catalog: azure, base_url: 'https://me.openai.azure.com/openai/v1', api_key: k}}")
    settings = folder.load()
    assert (settings.providers["mine"].auth, settings.providers["mine"].catalog) == ("api-key", "azure")
    assert settings.why_unusable("mine") is None


def test_what_is_written_goes_before_the_row(folder: Folder) -> None:
    folder.write("providers: {zhipu: {base_url: 'https://api.z.ai/api/paas/v4', auth: none}, vllm: {auth: bearer}}")
    settings = folder.load()
    assert settings.providers["zhipu"].base_url == "https://api.z.ai/api/paas/v4"
    assert settings.why_unusable("zhipu") is None
    assert settings.providers["vllm"].auth == "bearer"


def test_a_row_of_another_name_hides_that_of_its_own(folder: Folder) -> None:
    folder.write("providers: {openai: {catalog: ollama}}")
    assert folder.load().providers["openai"].base_url == "http://127.0.0.1:11434/v1"


def test_a_variable_may_name_the_row(folder: Folder) -> None:
    folder.write("providers: {mine: {catalog: '${ROW}'}}")
    assert folder.load(ROW="vllm").providers["mine"].auth == "none"
    assert folder.problems(ROW="nothing") == [
        "config.yaml:1 providers.mine.catalog: the catalog has no such row (from ROW)",
        "config.yaml:1 providers.mine.protocol: is required",
        "config.yaml:1 providers.mine.base_url: is required",
    ]


@pytest.mark.parametrize(
    ("provider", "problem"),
    [
        (
            "{catalog: olama}",
            "config.yaml:1 providers.p.catalog: the catalog has no row 'olama'; did you mean 'ollama'?",
        ),
        ("{catalog: azure, api_key: k}", "config.yaml:1 providers.p.base_url: is required"),
        ("{catalog: [a]}", "config.yaml:1 providers.p.catalog: must be text"),
    ],
)
def test_what_no_row_says_is_missed_where_the_provider_stands(folder: Folder, provider: str, problem: str) -> None:
    folder.write(f"providers: {{p: {provider}}}")
    assert problem in folder.problems()
