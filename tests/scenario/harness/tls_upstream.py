"""A small upstream whose TLS is under the test's control; it keeps every byte it was sent."""

import json
import socket
import ssl
import threading


def server_context(leaf, lowest=ssl.TLSVersion.TLSv1_2, highest=ssl.TLSVersion.TLSv1_3):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The old versions need the lowest security level, or OpenSSL 3 refuses them by itself.
    if lowest < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = lowest, highest
    context.load_cert_chain(leaf.certificate, leaf.key)
    context.set_alpn_protocols(["http/1.1"])
    return context


def summary_answer(head):
    """A complete summary for whichever call the request names."""
    sid = head.split(b"/Voice/")[1].split(b"/")[0].decode()
    body = json.dumps({"call_sid": sid, "processing_state": "complete", "end_time": None}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class TlsUpstream:
    """Accepts until closed; `greeting` is sent in plaintext before any handshake. `ends`: each answer ends its TCP connection, without a
    word in TLS."""

    def __init__(self, context=None, greeting=b"", answer=summary_answer, host="127.0.0.1", ends=False):
        self.connections, self.received, self.plaintext = 0, b"", b""
        self.server_names, self.protocols, self.versions, self.failures = [], [], [], []
        self._context, self._greeting, self._answer, self._ends = context, greeting, answer, ends
        if context:
            context.sni_callback = lambda _socket, name, _context: self.server_names.append(name)
        self._listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self._listener.getsockname()[1]
        self.url = f"https://localhost:{self.port}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Shutting down wakes the accept; closing alone would leave the thread in it.
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self._threads[0].join(10)

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self, peer):
        peer.settimeout(10)
        try:
            peer.sendall(self._greeting)
            if self._context is None:
                while piece := peer.recv(65536):
                    self.plaintext += piece
                return
            with self._context.wrap_socket(peer, server_side=True) as secure:
                self.protocols.append(secure.selected_alpn_protocol())
                self.versions.append(secure.version())
                self._answer_all(secure)
        except (OSError, ssl.SSLError) as error:
            self.failures.append(str(error))
        finally:
            peer.close()

    def _answer_all(self, secure):
        pending = b""
        while piece := secure.recv(65536):
            self.received += piece
            pending += piece
            while b"\r\n\r\n" in pending:
                head, pending = pending.split(b"\r\n\r\n", 1)
                answer = self._answer(head)
                # An answer without an end comes piece by piece.
                for part in [answer] if isinstance(answer, bytes) else answer:
                    secure.sendall(part)
                if self._ends:
                    secure.shutdown(socket.SHUT_WR)
