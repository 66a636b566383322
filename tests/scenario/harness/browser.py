"""Headless Chromium, told what to do over its debugging pipe (the DevTools protocol), and all that its pages complain about."""

import atexit
import base64
import json
import os
import shutil
import signal
import subprocess
import threading
import time
import zlib
from itertools import count

TIMEOUT = 60
COLLECT_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => window.violations.push(`${e.violatedDirective}: ${e.blockedURI}`));
"""
KEYS = {"Tab": 9, "Enter": 13, " ": 32}


class Browser:
    def __init__(self, directory):
        program = shutil.which("chromium")
        assert program, "there is no chromium: run deploy/install-deps --tests"
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        arguments = [
            *("--headless=new", "--remote-debugging-pipe", f"--user-data-dir={directory}/profile", "--no-first-run"),
            *("--no-sandbox", "--disable-dev-shm-usage"),  # root, and a small /dev/shm, as in a container
            *("--disable-gpu", "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
            "--hide-scrollbars",
        ]
        # It reads commands from descriptor 3 and answers on 4.
        to_pipes = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
        with open(f"{directory}/chromium.stderr", "wb") as stderr:
            self.process = subprocess.Popen(
                ["bash", "-c", to_pipes, program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr,
                pass_fds=(theirs_in, theirs_out), start_new_session=True, env={**os.environ, "HOME": str(directory)},
            )
        os.close(theirs_in)
        os.close(theirs_out)
        atexit.register(self._kill)
        self._numbers = count(1)
        self._changed = threading.Condition()
        self._answers = {}
        self.pages = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        rest = b""
        while True:
            piece = os.read(self._in, 1 << 16)
            if not piece:
                break
            *whole, rest = (rest + piece).split(b"\0")
            for text in whole:
                message = json.loads(text)
                if "id" in message:
                    with self._changed:
                        self._answers[message["id"]] = message
                        self._changed.notify_all()
                elif message.get("sessionId") in self.pages:
                    self.pages[message["sessionId"]].heard(message["method"], message["params"])

    def tell(self, method, session=None, **params):
        """Without waiting for what comes of it."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self._out, json.dumps(message).encode() + b"\0")
        return number

    def call(self, method, session=None, **params):
        number = self.tell(method, session, **params)
        with self._changed:
            came = self._changed.wait_for(lambda: number in self._answers, TIMEOUT)
            assert came, f"chromium did not answer {method}"
            answer = self._answers.pop(number)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def open(self, **how):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session, target, **how)
        page.set_up()
        return page

    def close_pages(self):
        for page in self.pages.values():
            self.call("Target.closeTarget", targetId=page.target)
        self.pages = {}

    def _kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self):
        self.tell("Browser.close")
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self._kill()


class Page:
    def __init__(self, browser, session, target, width=1440, height=900, scale=1, mobile=False, dark=False):
        self._browser, self._session, self.target = browser, session, target
        self._size, self._dark = (width, height, scale, mobile), dark
        self.complaints = []  # of the console, of scripts, of the network
        self._instead = {}
        self._loaded = threading.Event()

    def set_up(self):
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=COLLECT_VIOLATIONS)
        self.resize(*self._size)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if self._dark else "light"}])

    def call(self, method, **params):
        return self._browser.call(method, self._session, **params)

    def heard(self, event, params):
        if event == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.complaints.append(" ".join(str(one.get("value", one.get("description"))) for one in params["args"]))
        elif event == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif event == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif event == "Page.javascriptDialogOpening":
            self.complaints.append(f"dialog: {params['message']}")
            self._browser.tell("Page.handleJavaScriptDialog", self._session, accept=False)
        elif event == "Page.loadEventFired":
            self._loaded.set()
        elif event == "Fetch.requestPaused":
            self._answer(params)

    def _answer(self, paused):
        for part, answer in self._instead.items():
            if part in paused["request"]["url"]:
                status, body = answer
                self._browser.tell(
                    "Fetch.fulfillRequest", self._session, requestId=paused["requestId"], responseCode=status,
                    responseHeaders=[{"name": "Content-Type", "value": "application/json"}],
                    body=base64.b64encode(json.dumps(body).encode()).decode(),
                )
                return
        self._browser.tell("Fetch.continueRequest", self._session, requestId=paused["requestId"])

    def answer_instead(self, part, body, status=200):
        """From now on requests for addresses that contain this part get this JSON."""
        self._instead[part] = (status, body)
        self.call("Fetch.enable", patterns=[{"urlPattern": f"*{one}*"} for one in self._instead])

    def resize(self, width, height, scale=1, mobile=False):
        self._size = width, height, scale, mobile
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile)

    def go(self, url):
        self._loaded.clear()
        self.call("Page.navigate", url=url)
        assert self._loaded.wait(TIMEOUT), f"{url} did not load"

    def evaluate(self, expression):
        said = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in said, f"{expression}: {said['exceptionDetails']}"
        return said["result"].get("value")

    def text(self, selector="body"):
        return self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def wait_for(self, expression, what=None, timeout=20):
        deadline = time.monotonic() + timeout
        while not self.evaluate(f"Boolean({expression})"):
            assert time.monotonic() < deadline, f"not within {timeout} s: {what or expression}; complaints: {self.complaints}; page: {self.text()[:600]}"
            time.sleep(0.02)

    def press(self, key):
        how = {"key": key, "windowsVirtualKeyCode": KEYS[key], **({"text": "\r" if key == "Enter" else " "} if key != "Tab" else {})}
        self.call("Input.dispatchKeyEvent", type="keyDown", **how)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=KEYS[key])

    def type(self, text):
        self.call("Input.insertText", text=text)

    def sign_in(self, token):
        """Answers the dashboard's question for an admin token."""
        self.wait_for("!document.getElementById('token').hidden", "the question for the token")
        self.complaints.clear()  # of the 401 that it asked after
        self.type(token)
        self.press("Enter")

    def violations(self):
        return self.evaluate("window.violations")

    def screenshot(self, path, height=None, of=None):
        """All of the page, not only what fits the window; or its top, or one element."""
        path.parent.mkdir(parents=True, exist_ok=True)
        more = {}
        if of:
            where = self.evaluate(f"(({{ x, y, width, height }}) => ({{ x, y: y + scrollY, width, height }}))(document.querySelector({json.dumps(of)}).getBoundingClientRect())")
            more["clip"] = {**where, "scale": 1}
        path.write_bytes(self._picture(height, **more))

    def _picture(self, height=None, **more):
        whole = self.call("Page.getLayoutMetrics")["cssContentSize"]["height"]
        width, usual, scale, mobile = self._size
        self.resize(width, height or max(usual, whole), scale, mobile)
        self.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        image = self.call("Page.captureScreenshot", format="png", **more)["data"]
        self.resize(width, usual, scale, mobile)
        return base64.b64decode(image)

    def colours(self):
        """How many the page has, in a small picture of what fits the window: a blank page has one."""
        width, height, _, _ = self._size
        clip = {"x": 0, "y": self.evaluate("scrollY"), "width": width, "height": height, "scale": 0.25}
        return len(set(pixels(self._picture(height, clip=clip))))


def pixels(png):
    """Of a picture with 8 bits a channel, not interlaced: what browsers write."""
    at, data, head = 8, b"", None
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        content = png[at + 8 : at + 8 + length]
        head = content if kind == b"IHDR" else head
        data += content if kind == b"IDAT" else b""
        at += length + 12
    width, (depth, colour) = int.from_bytes(head[:4], "big"), head[8:10]
    assert depth == 8 and colour in (2, 6), "RGB or RGBA"
    step = 3 if colour == 2 else 4
    raw, line = zlib.decompress(data), bytearray(width * step)
    for start in range(0, len(raw), width * step + 1):
        line = unfiltered(raw[start], raw[start + 1 : start + 1 + width * step], line, step)
        yield from (bytes(line[i : i + 3]) for i in range(0, len(line), step))


def unfiltered(how, line, above, step):
    made = bytearray(len(line))
    for i, byte in enumerate(line):
        left, up, corner = (made[i - step], above[i], above[i - step]) if i >= step else (0, above[i], 0)
        paeth = min((left, up, corner), key=lambda one: abs(left + up - corner - one))
        made[i] = (byte + (0, left, up, (left + up) // 2, paeth)[how]) & 255
    return made
