"""A hub in a thread of the test: it serves one folder by the hub's own addresses."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
COMMIT = "c0ffee" + "0" * 34


class HubServer(ThreadingHTTPServer):
    """Serves `folder` as the model `hub_id`.

    Attributes:
        ranges: by file, the first byte of each request.
        stall_at: a file that stops in its middle until `go_on` is set, or "".
        damaged: a file whose bytes are wrong, or "".
        licence: what the model card says.
    """

    daemon_threads = True

    def __init__(self, folder: Path, hub_id: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.hub_id = folder, hub_id
        self.ranges: dict[str, list[int]] = {}
        self.stall_at = self.damaged = ""
        self.licence = "apache-2.0"
        self.stalled, self.go_on = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def env(self) -> dict[str, str]:
        """Environment in which the hub is this server."""
        address = f"http://127.0.0.1:{self.server_address[1]}"
        return {**os.environ, "HF_ENDPOINT": address, "NO_PROXY": "*", "HF_HUB_OFFLINE": "0"}

    def stop(self) -> None:
        """End the server."""
        self.go_on.set()
        self.shutdown()
        self.server_close()
        self._thread.join()

    def facts(self) -> dict[str, Any]:
        """What the hub's interface says of the model."""
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        return {
            "_id": "1",
            "id": self.hub_id,
            "sha": COMMIT,
            "tags": [],
            "cardData": {"license": self.licence},
            "siblings": [self._sibling(path) for path in files],
        }

    def _sibling(self, path: Path) -> dict[str, Any]:
        data = path.read_bytes()
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        found: dict[str, Any] = {
            "rfilename": path.relative_to(self.folder).as_posix(),
            "size": len(data),
            "blobId": blob,
        }
        if path.suffix == ".safetensors":
            sha = hashlib.sha256(data).hexdigest()
            found["lfs"] = {"size": len(data), "sha256": sha, "pointerSize": 130}
        return found


class _Handler(BaseHTTPRequestHandler):
    server: HubServer

    def do_GET(self) -> None:
        path, hub = self.path.partition("?")[0], self.server
        if path.startswith(f"/api/models/{hub.hub_id}"):
            self._send(json.dumps(hub.facts()).encode())
            return
        start = f"/{hub.hub_id}/resolve/{COMMIT}/"
        file = hub.folder / path.removeprefix(start)
        if not path.startswith(start) or not file.is_file():
            self._send(b'{"error": "Repository not found"}', 404)
            return
        self._send_file(file, path.removeprefix(start))

    def _send(self, data: bytes, status: int = 200) -> None:
        self.send_response(status)
        if status == 404:
            self.send_header("X-Error-Code", "RepoNotFound")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _send_file(self, file: Path, name: str) -> None:
        hub, data = self.server, file.read_bytes()
        if name == hub.damaged:
            data = bytes(len(data))
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(asked[1]) if asked else 0
        hub.ranges.setdefault(name, []).append(first)
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(data) - first))
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        middle = len(data) // 2
        try:
            if name == hub.stall_at and first < middle:
                self.wfile.write(data[first:middle])
                self.wfile.flush()
                hub.stalled.set()
                hub.go_on.wait(20)
                first = middle
            self.wfile.write(data[first:])
        except OSError:
            return

    def log_message(self, *_words: object) -> None:
        pass


def ask(env: dict[str, str], *words: str) -> list[dict[str, Any]]:
    """Run the hub program to its end; what it said, line by line."""
    done = subprocess.run(
        [sys.executable, "-m", "generation.engine.hub", *words],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stderr, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == (1 if "error" in said[-1] else 0)
    return said
