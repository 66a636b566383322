"""The bench's floor with a body per key: it knows the calls that bench-load asks for, and answers each with its own body."""

import json
import socket
import ssl
import subprocess

import pytest

from harness.certificates import Authority
from harness.program import BUILD, Program
from harness.wire import Connection

KEYS, BODY = 50, 4096

pytestmark = pytest.mark.skipif(not (BUILD / "bench/bench-floor").exists(), reason="built without GATEWAY_BENCH")


def asked_by_bench_load():
    """The bytes of one request for each key, as they came."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        port = listener.getsockname()[1]
        load = subprocess.Popen([BUILD / "bench/bench-load", "--target", f"127.0.0.1:{port}", "--connections", "1", "--keys", str(KEYS),
                                 "--requests", str(KEYS), "--seconds", "20"], stdout=subprocess.PIPE)
        client, _ = listener.accept()
        with client:
            client.settimeout(20)
            requests = []
            while got := client.recv(65536):
                requests.append(got)
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        answered, _ = load.communicate(timeout=20)
    assert json.loads(answered)["requests"] == len(set(requests)) == KEYS
    return requests


@pytest.fixture(scope="module")
def requests():
    return asked_by_bench_load()


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    """Its plain port, its TLS port and what a client trusts."""
    directory = tmp_path_factory.mktemp("floor")
    authority = Authority(directory, "bench")
    leaf = authority.leaf()
    both = directory / "both.pem"
    both.write_text(leaf.certificate.read_text() + leaf.key.read_text())
    program = Program([BUILD / "bench/bench-floor", "--keys", KEYS, "--body-bytes", BODY, "--certificate", both], directory, "bench-floor")
    plain, tls = (int(program.expect(rf"listening on {scheme}://127\.0\.0\.1:(\d+)$").group(1)) for scheme in ("http", "https"))
    program.expect("ready$")
    yield plain, tls, ssl.create_default_context(cafile=str(authority.certificate))
    program.stop()


def call_of(request):
    return request.split(b"/")[3].decode()


def read_answer(connection):
    """The call that it is about."""
    answer = connection.read()
    assert answer.status == 200 and len(answer.body) == BODY
    return json.loads(answer.body)["call_sid"]


def test_each_key_of_bench_load_has_a_body_of_its_own(floor, requests):
    with Connection(floor[0]) as client:
        for request in requests:
            assert read_answer(client.send(request)) == call_of(request)


@pytest.mark.parametrize("over_tls", [False, True], ids=["plain", "tls"])
def test_pipelined_requests_are_answered_in_their_order(floor, requests, over_tls):
    plain, tls, context = floor
    # More than one send takes; twice the same call next to each other, too.
    asked = requests + requests[::-1]
    with Connection(tls, tls=context) if over_tls else Connection(plain) as client:
        client.send(b"".join(asked))
        assert [read_answer(client) for _ in asked] == [call_of(request) for request in asked]


def test_a_client_that_reads_late_gets_all_answers_whole(floor, requests):
    asked = requests * 20  # 5 MB: more than a socket takes while nobody reads
    with Connection(floor[0], receive_buffer=4096) as client:
        client.send(b"".join(asked))
        assert [read_answer(client) for _ in asked] == [call_of(request) for request in asked]


def test_a_request_may_come_in_two_pieces(floor, requests):
    whole = requests[1]
    with Connection(floor[0]) as client, Connection(floor[0]) as other:
        for cut in (1, 14, 30, 48, 49, len(whole) - 4, len(whole) - 1):
            client.send(whole[:cut])
            # The floor has one thread, and takes what came first before what came later: when this is answered, it has read the first piece.
            read_answer(other.send(requests[2]))
            assert read_answer(client.send(whole[cut:] + requests[0])) == call_of(whole), cut
            assert read_answer(client) == call_of(requests[0]), cut


@pytest.mark.parametrize("path", ["/", "/v1/Voice/CA" + "0" * 32 + "/Summary"], ids=["short", "unknown call"])
def test_what_nobody_prepared_ends_the_connection(floor, requests, path):
    with Connection(floor[0]) as client:
        client.send(f"GET {path} HTTP/1.1\r\n\r\n".encode())
        assert client.has_ended()


def test_without_keys_all_get_the_same_bytes(tmp_path, requests):
    program = Program([BUILD / "bench/bench-floor", "--body-bytes", BODY], tmp_path, "bench-floor")
    port = int(program.expect(r"listening on http://127\.0\.0\.1:(\d+)$").group(1))
    with Connection(port) as client:
        client.send(b"".join(requests))
        assert len({client.read().raw for _ in requests}) == 1
    program.stop()
