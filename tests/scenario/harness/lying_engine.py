"""An engine that is none: it answers every command with bytes of the test's choice."""

import socket
import threading

WELCOME = b":1\r\n*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n$0\r\n\r\n"


class LyingEngine:
    """`says(peer)` is called for each connection once it has sent something, and owns it then."""

    def __init__(self, says):
        self.says, self.peers = says, []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self.ends = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ends.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in self.peers:
            peer.close()

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self.peers.append(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        try:
            if peer.recv(65536):
                self.says(peer, self)
        except OSError:
            pass  # the gateway has closed it


def gigabyte(peer, _):
    peer.sendall(WELCOME)
    while peer.recv(65536):
        peer.sendall(b"$1073741824\r\n" + b"x" * 65536)


def endless_arrays(peer, _):
    peer.sendall(WELCOME)
    while peer.recv(65536):
        peer.sendall(b"*1\r\n" * 100_000)


def many_items(peer, _):
    peer.sendall(WELCOME)
    while peer.recv(65536):
        peer.sendall(b"*1000000000\r\n" + b":1\r\n" * 1000)


def byte_by_byte(peer, engine):
    for byte in WELCOME:
        peer.sendall(bytes([byte]))
        if engine.ends.wait(1):
            return


def no_redis(peer, _):
    peer.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def closes(peer, _):
    peer.close()
