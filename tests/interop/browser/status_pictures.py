"""`make pictures`: takes those of the status page that the documentation shows; five minutes."""

import os
import signal
import sys
import tempfile
from pathlib import Path

from tests.interop.browser.stage import perform, running_demo

PATIENCE = 480.0


def main() -> None:
    """Take them; the one argument is the folder for them."""
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder)) as demo:

        def act(wanted: str) -> None:
            os.kill(demo.pid_of("demo-server"), signal.SIGKILL)

        perform(
            f"http://localhost:{demo.environment['HTTP_PORT']}/demo/",
            "status-pictures.mjs",
            act,
            patience=PATIENCE,
            URL_STATUS=f"http://127.0.0.1:{demo.environment['ADMIN_PORT']}/",
            TOKEN=(demo.data / "admin.token").read_text().strip(),
            PICTURES=str(Path(sys.argv[1]).resolve()),
        )


if __name__ == "__main__":
    main()
