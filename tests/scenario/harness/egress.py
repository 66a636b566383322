"""Egress proxies: one that does what a test wants, and Debian's tinyproxy."""

import socket
import struct
import threading

from .free_port import free_port
from .front_proxies import Front

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def reset(peer):
    """Ends the connection with a RST."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


class EgressProxy:
    """Answers each CONNECT by `how(peer, proxy)`, else with a tunnel to port `to` of this machine, whatever was asked for.

    `asked`: the heads that it got. `seen`: all other bytes that it got, in plaintext or not.
    """

    def __init__(self, to=None, how=None):
        self.to, self.how = to, how
        self.asked, self.seen, self.tunnels = [], b"", 0
        self.ends = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ends.set()
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        try:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = peer.recv(1)
                if not byte:
                    return
                head += byte
            self.asked.append(head.decode())
            if self.how:
                self.how(peer, self)
            else:
                self.open(peer)
        except OSError:
            pass
        finally:
            peer.close()

    def open(self, peer, answer=ESTABLISHED):
        """The answer, then a tunnel until one side ends."""
        with socket.create_connection(("127.0.0.1", self.to)) as upstream:
            self.tunnels += 1
            peer.sendall(answer)
            back = threading.Thread(target=self._pass_on, args=(upstream, peer, False), daemon=True)
            back.start()
            self._pass_on(peer, upstream, True)
            back.join()

    def drain(self, peer):
        """Reads until the gateway ends the connection."""
        while piece := peer.recv(65536):
            self.seen += piece

    def _pass_on(self, source, sink, noted):
        try:
            while piece := source.recv(65536):
                if noted:
                    self.seen += piece
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


TINYPROXY = """
Port {port}
Listen 127.0.0.1
Timeout 600
MaxClients 50
Allow 127.0.0.1
{more}
"""


def tinyproxy(directory, *lines):
    port = free_port()
    config = directory / "tinyproxy.conf"
    config.write_text(TINYPROXY.format(port=port, more="\n".join(lines)))
    return Front(directory, "tinyproxy", ["/usr/bin/tinyproxy", "-d", "-c", config], port)
