"""Whether the port a service asks for is free, told before any work is done."""

import socket


class PortTakenError(Exception):
    """The service cannot listen there; the message says what to do."""


def check_port(host: str, port: int) -> None:
    """Raise PortTakenError unless (host, port) can be listened on now.

    >>> with socket.socket() as other:
    ...     other.bind(("127.0.0.1", 0))
    ...     other.listen()
    ...     check_port("127.0.0.1", other.getsockname()[1])
    Traceback (most recent call last):
    commands.ports.PortTakenError: ...
    """
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise PortTakenError(
                f"cannot listen on {host} port {port} ({error.strerror or error}): name a free port with --port"
            ) from error
