"""What befalls a real engine while it runs. Each begins, and ends when the test says so."""

import threading

from .engine import EngineError
from .eventually import eventually


class Full:
    """It may not take a byte more, and evicts nothing."""

    code, advice, settings = "OOM", "raise maxmemory", {}

    def __init__(self, engine):
        self.engine = engine

    def begin(self):
        self.engine.ask("CONFIG", "SET", "maxmemory", "1")

    def end(self):
        self.engine.ask("CONFIG", "SET", "maxmemory", "0")


class Busy:
    """A script of another program never ends."""

    code, advice, settings = "BUSY", "another program's script", {"lua_time_limit": 20}

    def __init__(self, engine):
        self.engine = engine
        self._client = engine.client()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        try:
            with self._client:
                self._client.ask("EVAL", "while true do end", 0)
        except (EngineError, OSError):
            pass  # it was killed, or took longer than a client waits

    def begin(self):
        self._thread.start()
        eventually(self._is_busy, what="the script keeps it busy")

    def _is_busy(self):
        try:
            self.engine.ask("PING")
        except EngineError as error:
            return "BUSY" in str(error)

    def end(self):
        self.engine.ask("SCRIPT", "KILL")
        self._thread.join()


class Unsaved:
    """It cannot write its dump, and takes no writes until it can."""

    code, advice, settings = "MISCONF", "cannot save to its disk", {"save": "3600 1000000"}

    def __init__(self, engine):
        self.engine = engine
        self._in_the_way = engine.directory / "dump.rdb"

    def begin(self):
        self._in_the_way.mkdir()
        self._save("err")

    def end(self):
        self._in_the_way.rmdir()
        self._save("ok")

    def _save(self, ends):
        self.engine.ask("BGSAVE")
        told = f"rdb_last_bgsave_status:{ends}".encode()
        eventually(lambda: told in self.engine.ask("INFO", "persistence"), what=f"the dump is {ends}")


class Loading:
    """It was started again, and reads its dump."""

    # A reply to a client after each KiB that it has read, and each key takes a while.
    code, advice = "LOADING", "still reads its data"
    settings = {"key_load_delay": 20_000, "loading_process_events_interval_bytes": 1024, "rdbcompression": "no"}

    def __init__(self, engine):
        self.engine = engine

    def begin(self):
        self.engine.ask("EVAL", "for i = 1, 3000 do redis.call('SET', 'other:' .. i, string.rep('x', 1100)) end", 0)
        self.engine.dump()
        self.engine.kill()
        self.engine.start(may_load=True)

    def end(self):
        self.engine.ask("CONFIG", "SET", "key-load-delay", 0)
