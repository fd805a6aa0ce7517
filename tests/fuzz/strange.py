"""What damaged bodies say: values of the wrong kind, halves of things, lines that no provider ought to send."""

DEEP = (
    b"[" * 100 + b"]" * 100,
    b"[" * 3000,
    b'{"a":' * 1500,
    b"[" * 1000 + b"1" + b"]" * 1000,
    b'{"choices":[' * 300 + b"]}" * 300,
)

VALUES = (
    b"null", b"true", b"false", b"0", b"-1", b"1.5", b"-0.0", b"1e400", b"1e-400", b"NaN", b"Infinity",
    b"2147483648", b"4294967295", b"4294967296", b"9223372036854775808", b"18446744073709551616", b"9" * 400,
    b'""', b'" "', b'"a"', b'"<think>a</think>b"', b'"</think>"', b'"<th"',
    b'"0"', b'"null"', b'"stop"', b'"length"', b'"error"', b'"tool_calls"', b'"{}"',
    b'"\\ud83d"', b'"\\ude00"', b'"\\ud83d\\ude00"', b'"\\u0000"', b'"\\', b'"\xf0\x9f"',
    '"你好\u2028\U0001f600"'.encode(),
    b'"' + b"x" * 3000 + b'"',
    b"[]", b"{}", b"[null]", b"[[]]", b"[{}]", b"[1,2]", b'{"":{}}',
    b'{"text":"a","type":"text"}', b'[{"type":"thinking","thinking":[{"type":"text","text":"b"}]}]',
    b'{"message":"broken","code":"server_error"}', b'{"message":{},"code":[],"metadata":{"raw":{}}}',
    b'[{"index":0,"id":"c9","function":{"name":"f","arguments":"{}"}}]',
    b'[{"index":7,"function":{"arguments":"1"}},{"index":-1,"id":"","function":null}]',
    b'[{"index":1e30,"id":3,"function":{"name":{},"arguments":{"a":1}}}]',
    *DEEP[:1],
)  # fmt: skip

KEYS = (
    "", "choices", "delta", "message", "content", "text", "index", "id", "type", "name", "function", "arguments",
    "tool_calls", "function_call", "finish_reason", "usage", "error", "code", "refusal", "reasoning",
    "reasoning_content", "reasoning_details", "x_groq", "object", "prompt_tokens", "completion_tokens_details",
    "custom", "metadata", "details", "content_block", "partial_json", "thinking", "signature", "citation", "citations",
    "input", "data", "stop_reason", "input_tokens", "output_tokens", "output_tokens_details", "base_resp", "caller",
    "candidates", "parts", "finishReason", "thought", "thoughtSignature", "functionCall", "args", "partialArgs",
    "jsonPath", "stringValue", "willContinue", "usageMetadata", "promptTokenCount", "promptFeedback", "blockReason",
    "responseId", "inlineData",
)  # fmt: skip

TYPES = (
    b'"message_start"', b'"message_delta"', b'"message_stop"', b'"message"', b'"content_block_start"', b'"ping"',
    b'"content_block_delta"', b'"content_block_stop"', b'"text_delta"', b'"thinking_delta"', b'"signature_delta"',
    b'"input_json_delta"', b'"citations_delta"', b'"tool_use"', b'"text"', b'"redacted_thinking"', b'"strange"',
)  # fmt: skip
"""Words of Anthropic's, which say what an event, a block or a delta is."""

LINE_ENDS = (b"\r\n", b"\r", b"\n\r", b"\n\n", b"\r\r\n", b"\x0b", "\u2028".encode())


def _event(said: bytes) -> bytes:
    return b"\n\ndata: {" + said + b"}\n\n"


def _choice(said: bytes) -> bytes:
    return b'\n\ndata: {"choices":[{' + said + b"}]}\n\n"


FRAGMENTS = (
    *VALUES, *TYPES,
    b"\n\n", b"\r\n\r\n", b"\r", b"\xef\xbb\xbf", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", "\u0301\u202e".encode(),
    b"<think>", b"</think>", b"</thi",
    b"\\ud83d", b"\\ude00", b"\\u", b"\\", b'"', b"{", b"}", b"[", b"]", b",", b":",
    b": ping\n\n", b":\n", b"data:\n\n", b"data\n\n", b"data: [DONE]\n\n", b"data: [DONE]", b"[DONE]",
    b"event: error\ndata: {}\n\n", b"event: error\n\n", b"event: \xff\n", b"error: x\n\n", b"id: 1\nretry: 0\n",
    b'\n\ndata: {"error":{"message":"x"}}\n\n', b"\n\ndata: {\n\n", b"\n\ndata: [1]\n\n", b"<html>",
    b" " * 500, b"\n" * 500,
    _choice(b'"delta":{"content":"\\ud83d"}') + _choice(b'"delta":{"content":"\\ude00"}'),
    _choice(b'"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}'),
    _event(b'"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","willContinue":true}}]}}]'),
    _event(b'"candidates":[{"content":{"parts":[{"text":"\\ud83d","thoughtSignature":"s"}]}}]'),
    _event(b'"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"s"},{"strange":1}]}}]'),
    _event(b'"type":"message_stop"'),
    _event(b'"type":"content_block_stop","index":0'),
    _event(b'"type":"content_block_start","index":0,"content_block":{"type":"tool_use","name":"f"}'),
    _event(b'"type":"content_block_start","index":9,"content_block":{"type":"strange","a":[1]}'),
    _event(b'"type":"content_block_delta","index":9,"delta":{"type":"text_delta","text":"\\ud83d"}'),
    _event(b'"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"a"}'),
    _event(b'"type":"content_block_delta","index":7,"delta":{"type":"input_json_delta","partial_json":"{"}'),
    _choice(b'"delta":{"function_call":{"name":"f","arguments":"}"}},"finish_reason":"function_call"'),
)  # fmt: skip
