"""Asking the service that runs on this box how it is doing; it may not run, or ask for a login."""

import http.client
import ssl

TIMEOUT_S = 3.0
LONGEST_BYTES = 8 * 1024 * 1024
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - compared, not bound


def ask(host: str, port: int, path: str) -> tuple[str, str]:
    """Return what a path answers, and why there is no answer: one of the two is empty."""
    machine = ANYWHERE.get(host, host)
    trouble = ""
    for connection in _connections(machine, port):
        try:
            connection.request("GET", path, headers={"Host": f"{machine}:{port}"})
            answer = connection.getresponse()
            body = answer.read(LONGEST_BYTES).decode("utf-8", "replace")
            if answer.status == http.HTTPStatus.OK:
                return body, ""
            trouble = f"the service answered {answer.status} {answer.reason}"
            if answer.status in {http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN}:
                return "", f"{trouble}: it is shown to who is logged in alone"
        except (OSError, http.client.HTTPException) as err:
            trouble = trouble or f"the service does not answer: {err}"
        finally:
            connection.close()
    return "", trouble


def _connections(machine: str, port: int) -> list[http.client.HTTPConnection]:
    """Return the ways to ask: in clear text, and encrypted; the box's own certificate is signed by nobody."""
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    return [
        http.client.HTTPConnection(machine, port, timeout=TIMEOUT_S),
        http.client.HTTPSConnection(machine, port, timeout=TIMEOUT_S, context=unverified),
    ]
