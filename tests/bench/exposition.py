"""What a service tells at its admin endpoint, above all at /metrics."""

import http.client
from collections import Counter
from collections.abc import Iterator

from tests.bench.processes import Wrong


def fetched(port: int, path: str = "/metrics") -> str:
    """The page, as text. Raises Wrong."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        page = answer.read().decode()
    except OSError as error:
        raise Wrong(f"no {path}: {error}") from None
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise Wrong(f"no {path}: HTTP {answer.status}")
    return page


def total(page: str, name: str) -> float:
    """The sum of all series of that name; 0 if there are none."""
    return sum(value for _, value in _samples(page, name))


def by_label(page: str, name: str, label: str) -> Counter[str]:
    """The same, for each value of a label."""
    found = Counter[str]()
    for labels, value in _samples(page, name):
        found[labels.partition(f'{label}="')[2].partition('"')[0]] += int(value)
    return found


def _samples(page: str, name: str) -> Iterator[tuple[str, float]]:
    """Labels and value of each series of that name."""
    for line in page.splitlines():
        series, _, value = line.rpartition(" ")
        if series.partition("{")[0] == name:
            yield series.removeprefix(name), float(value)
