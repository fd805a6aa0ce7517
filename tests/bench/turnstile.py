"""A provider that counts who comes through: it hands requests on to another one."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Turnstile(ThreadingHTTPServer):
    """Listens on loopback, in threads of its own. Costs more than the mock: it is meant for few requests."""

    daemon_threads = True

    def __init__(self, upstream: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passage)
        self.upstream = upstream
        self.passed = 0
        """Requests so far."""
        self.counting = threading.Lock()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Passage(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Turnstile

    def do_POST(self) -> None:
        with self.server.counting:
            self.server.passed += 1
        body = self.rfile.read(int(self.headers["content-length"]))
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=10)
        try:
            upstream.request("POST", self.path, body, {"content-type": "application/json"})
            answer = upstream.getresponse()
            content = answer.read()
        finally:
            upstream.close()
        self.send_response(answer.status)
        self.send_header("content-type", answer.headers["content-type"])
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def turnstile(upstream: int) -> Iterator[Turnstile]:
    """In front of the provider on that port of loopback."""
    with Turnstile(upstream) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
