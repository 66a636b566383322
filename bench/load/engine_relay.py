"""Between gateways and their engine: passes bytes on, at once or later, or answers as no engine would. A process of its own."""

import asyncio
import contextlib
import multiprocessing
import os

WORDS = ["pass", "drip", "flood"]
PIECE = b"x" * 65536


async def _answer(mode, delay, engine, gateway):
    """What the engine says, or what is said in its place, until the gateway has enough of it."""
    with contextlib.suppress(OSError):
        while data := await engine.read(65536):
            if WORDS[mode.value] == "drip":
                for byte in data:
                    gateway.write(bytes([byte]))
                    await asyncio.sleep(1)
            elif WORDS[mode.value] == "flood":
                gateway.write(b"$1073741824\r\n")
                for _ in range((1 << 30) // len(PIECE)):
                    gateway.write(PIECE)
                    await gateway.drain()
            elif delay:
                asyncio.get_running_loop().call_later(delay, gateway.write, data)
            else:
                gateway.write(data)
                await gateway.drain()


async def _connect(path, mode, delay, from_gateway, to_gateway):
    with contextlib.suppress(OSError):
        from_engine, to_engine = await asyncio.open_unix_connection(path)
        answers = asyncio.create_task(_answer(mode, delay, from_engine, to_gateway))
        while data := await from_gateway.read(65536):
            to_engine.write(data)
            await to_engine.drain()
        answers.cancel()
        to_engine.close()
    to_gateway.close()


async def _serve(listens, path, mode, delay, ready):
    # Late by `delay` only: it shares no core with the generator, and goes before others where it may.
    os.sched_setaffinity(0, range(os.cpu_count()))
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    server = await asyncio.start_unix_server(lambda *link: _connect(path, mode, delay, *link), listens)
    ready.set()
    await server.serve_forever()


class EngineRelay:
    def __init__(self, path, delay=0.0):
        """`delay`: seconds by which the engine's answers and messages come later."""
        self.path = path.with_suffix(".relay")
        self._mode = multiprocessing.Value("i", 0)
        ready = multiprocessing.Event()
        serve = lambda: asyncio.run(_serve(self.path, path, self._mode, delay, ready))  # noqa: E731
        self._process = multiprocessing.get_context("fork").Process(target=serve, daemon=True)
        self._process.start()
        ready.wait(10)

    def say(self, word):
        self._mode.value = WORDS.index(word)

    def stop(self):
        self._process.kill()
        self._process.join()
