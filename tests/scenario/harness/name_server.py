"""A name server that answers as a test wants, and a program that asks it: the program's /etc/resolv.conf and /etc/hosts are its own."""

import ctypes
import os
import socket
import struct
import threading

import pytest

CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000


class NameServer:
    """Every name has `addresses`. While `silent`, it takes questions and answers none."""

    def __init__(self):
        if os.geteuid() != 0:
            pytest.skip("a name server needs port 53, and a program with its own resolv.conf a mount namespace: both need root")
        # An address of its own, so that two test processes do not meet.
        pid = os.getpid()
        self.host = f"127.53.{pid >> 8 & 0xFF}.{pid & 0xFF or 1}"
        self.addresses, self.silent, self.asked = [], False, 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self.host, 53))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.sendto(b"", (self.host, 53))  # wakes it to end
        self._thread.join(10)
        self._socket.close()

    def _serve(self):
        while True:
            question, client = self._socket.recvfrom(512)
            if not question:
                return
            self.asked += 1
            if not self.silent:
                self._socket.sendto(self._answer(question), client)

    def _answer(self, question):
        end = 12
        while question[end]:
            end += question[end] + 1
        name_and_type = question[12 : end + 5]
        is_ipv4 = struct.unpack(">H", question[end + 1 : end + 3])[0] == 1
        found = self.addresses if is_ipv4 else []
        head = question[:2] + struct.pack(">HHHHH", 0x8180, 1, len(found), 0, 0)
        records = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + socket.inet_aton(one) for one in found)
        return head + name_and_type + records

    def used_by(self, directory):
        """What a child process does before it becomes the program."""
        resolv, hosts = directory / "resolv.conf", directory / "hosts"
        resolv.write_text(f"nameserver {self.host}\noptions timeout:5 attempts:2\n")
        hosts.write_text("127.0.0.1 unused\n")
        libc = ctypes.CDLL(None, use_errno=True)
        mounts = [(str(resolv).encode(), b"/etc/resolv.conf"), (str(hosts).encode(), b"/etc/hosts")]

        def enter():
            if libc.unshare(CLONE_NEWNS) != 0:
                raise OSError(ctypes.get_errno(), "no mount namespace can be had")
            libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None)
            for own, place in mounts:
                if libc.mount(own, place, None, MS_BIND, None) != 0:
                    raise OSError(ctypes.get_errno(), f"{place} cannot be replaced")

        return enter
