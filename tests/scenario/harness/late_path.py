"""A way to the upstream on which time can be lost before TLS begins: connections are taken late, or their bytes are passed on late."""

import socket
import threading
import time


def pass_on(source, sink):
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class LatePath:
    """Listens on `port` and passes everything on to another port; the certificate seen through it is still the upstream's."""

    def __init__(self, to_port):
        self.to_port = to_port
        self.hold_bytes = 0.0  # seconds before the first bytes of a connection are passed on
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.port = self._socket.getsockname()[1]
        self._fillers = []
        self._may_accept, self._rests = threading.Event(), threading.Event()
        self._may_accept.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for filler in self._fillers:
            filler.close()
        self._socket.close()

    def stop_taking(self):
        """From now on the kernel drops connection attempts: nobody takes what has already come, and there is no more room."""
        self._may_accept.clear()
        self._fillers.append(socket.create_connection(("127.0.0.1", self.port)))  # the last one that is taken
        self._rests.wait()
        self._fillers.append(socket.create_connection(("127.0.0.1", self.port)))  # takes the only place in the queue

    def take_again(self):
        self._may_accept.set()

    def _accept(self):
        while True:
            if not self._may_accept.is_set():
                self._rests.set()
                self._may_accept.wait()
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        time.sleep(self.hold_bytes)
        server = socket.create_connection(("127.0.0.1", self.to_port))
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=pass_on, args=(source, sink), daemon=True).start()
