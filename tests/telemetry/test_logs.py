import json
from typing import Any

import pytest

from service.telemetry.logs import as_json


@pytest.mark.parametrize("value", ["é 你好", "half \ud83d", 1 << 70, object(), {"a": {1, 2}}, float("inf")])
def test_a_line_is_written_whatever_is_in_it(value: object) -> None:
    line: dict[str, Any] = json.loads(as_json(None, "info", {"event": "x", "value": value}))
    assert line["event"] == "x"
    assert "value" in line
