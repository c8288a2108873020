"""How long the desktop app takes from its first instruction to a window that can be used."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
LIMIT_S = 2.0

SCRIPT = """
import json, resource, sys, time
from pathlib import Path
from app.shell.start import make_app, make_window
app = make_app(["tilewright"])
window = make_window(app)
window.show()
window.begin(Path(sys.argv[1]))
while window.view.workspace.document is None or not window.isVisible():
    app.processEvents()
app.processEvents()
window.grab()
born = float(sys.argv[2])
own = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "usable_s": time.time() - born,
    "processor_s": own.ru_utime + own.ru_stime,
    "torch": "torch" in sys.modules,
    "modules": len(sys.modules),
}))
window.close()
"""


def once(project: Path, home: Path) -> dict[str, float]:
    """Start the app on a project in a new process and close it again."""
    import time

    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(project), str(time.time())],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "TILEWRIGHT_CONFIG_DIR": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    facts: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return facts


def main() -> int:
    """Print the figures; 1 where the median is over the limit or torch was loaded."""
    folder = Path(tempfile.mkdtemp(prefix="tilewright-start-"))
    try:
        words = [sys.executable, "-m", "app.cli.main", "new", str(folder / "map")]
        subprocess.run([*words, "--preset", "river-delta"], cwd=ROOT, check=True)
        once(folder / "map", folder / "home")  # fills the caches of the system
        rounds = [once(folder / "map", folder / "home") for _ in range(ROUNDS)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = [facts["usable_s"] for facts in rounds]
    processor_s = median(facts["processor_s"] for facts in rounds)
    loaded = any(facts["torch"] for facts in rounds)
    print(f"start to a usable window: median {median(seconds):.2f} s of {ROUNDS}")
    print(f"range {min(seconds):.2f} to {max(seconds):.2f} s, processor {processor_s:.2f} s")
    print(f"limit {LIMIT_S} s, torch loaded: {'yes' if loaded else 'no'}")
    return 1 if loaded or median(seconds) > LIMIT_S else 0


if __name__ == "__main__":
    raise SystemExit(main())
