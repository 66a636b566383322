"""A way to the upstream that can lose everything: packets of connections that are open, or attempts to open one.

A filter on the receiving socket drops packets before TCP sees them, as a firewall does that has forgotten its connections. (Packets that
the sender's own output drops never count as sent.)
"""

import ctypes
import socket
import struct
import threading

from .late_path import pass_on

SO_ATTACH_FILTER = 26
DROP_ALL = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF_RET | BPF_K: keep no byte


def drop_input(of):
    program = struct.pack("HL", 1, ctypes.addressof(DROP_ALL))
    of.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


class LossyPath:
    """Listens on `host` and passes everything on to another port; the certificate seen through it is still the upstream's."""

    def __init__(self, to_port, host="127.0.0.1", port=0):
        self.to_port = to_port
        self.connections = 0
        self._clients = []
        self._socket = socket.create_server((host, port))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """New connections are refused, and open ones end."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()
        for one in self._clients:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def lose_open_connections(self):
        """Nothing arrives any more on the connections that are open now; new ones work."""
        for one in self._clients:
            try:
                drop_input(one)
            except OSError:
                pass  # it has ended

    def lose_everything(self):
        drop_input(self._socket)
        self.lose_open_connections()

    def _accept(self):
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._clients.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with socket.create_connection(("127.0.0.1", self.to_port)) as server:
            there = threading.Thread(target=pass_on, args=(client, server), daemon=True)
            there.start()
            pass_on(server, client)
            there.join()
