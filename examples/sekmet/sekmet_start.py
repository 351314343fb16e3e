"""Start sekmet-fhir on the loopback address only, in a scratch folder, with its own SMART server on.

Usage: sekmet_start.py SCRATCH PORT. ``SEKMET_PYTHON`` names the interpreter of its environment.
"""

import os
import sys
from pathlib import Path

SETTINGS = """\
host: 127.0.0.1
port: {port}
base_url: http://127.0.0.1:{port}/fhir
log_inbound: false
simulator: {{enabled: false}}
server_auth:
  types: [smart]
  enforce_scopes: true
  smart_clients:
    - {{client_id: laboratory-full, client_secret: laboratory-full-secret, scopes: "system/*.*"}}
    - client_id: laboratory-restricted
      client_secret: laboratory-restricted-secret
      scopes: "system/Patient.rs"
"""


def main() -> None:
    """Replace this process by sekmet's."""
    scratch, port = Path(sys.argv[1]), sys.argv[2]
    python = os.environ.get("SEKMET_PYTHON", "")
    sekmet = Path(python).absolute().parent / "sekmet"
    if not python or not sekmet.exists():
        sys.exit("sekmet-fhir is not installed: set SEKMET_PYTHON to the Python of its environment.")
    settings = scratch / "sekmet.yaml"
    settings.write_text(SETTINGS.format(port=port), encoding="utf-8")
    os.chdir(scratch)
    arguments = ["sekmet", "serve", "--config", str(settings), "--host", "127.0.0.1", "--port", port]
    os.execv(sekmet, arguments)  # noqa: S606 - the program under test, without a shell


if __name__ == "__main__":
    main()
