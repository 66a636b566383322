"""A webhook sink for the simulator's Event Streams: it notes what is delivered and answers as the test says."""

import http.server
import threading
from dataclasses import dataclass

from .eventually import eventually


@dataclass
class Delivered:
    path: str
    headers: dict  # lower-case names
    body: bytes
    status: int  # what the sink answered
    connection: int


class WebhookSink:
    """`answers`: the statuses of the first deliveries; all after them get 204."""

    def __init__(self, tls=None, answers=()):
        self.delivered, self.answers, self._lock = [], list(answers), threading.Lock()
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = sink._note(self.path, self.headers, body, self.client_address[1])
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _note(self, path, headers, body, connection):
        with self._lock:
            status = self.answers.pop(0) if self.answers else 204
            self.delivered.append(Delivered(path, {name.lower(): value for name, value in headers.items()}, body, status, connection))
        return status

    def wait_for(self, count):
        return eventually(lambda: len(self.delivered) >= count and list(self.delivered), what=f"{count} deliveries")
