"""What a service tells at /metrics."""

import http.client

from tests.bench.processes import Wrong


def fetched(port: int) -> str:
    """The page, as text. Raises Wrong."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        page = answer.read().decode()
    except OSError as error:
        raise Wrong(f"no metrics: {error}") from None
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise Wrong(f"no metrics: HTTP {answer.status}")
    return page


def total(page: str, name: str) -> float:
    """The sum of all series of that name; 0 if there are none."""
    samples = (line.rpartition(" ") for line in page.splitlines() if not line.startswith("#"))
    return sum(float(value) for series, _, value in samples if series.partition("{")[0] == name)
