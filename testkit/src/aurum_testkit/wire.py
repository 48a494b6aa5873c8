"""Say anything to a server, also what no HTTP client would, and read what comes back."""

import socket


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that nobody listens on now; prefer port 0 where the server can take it."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def exchange(host: str, port: int, *parts: bytes, timeout: float = 5.0) -> bytes:
    """Send bytes and return everything the server answers until it closes or falls silent."""
    received = bytearray()
    with socket.create_connection((host, port), timeout=timeout) as connection:
        try:
            for part in parts:
                connection.sendall(part)
            while chunk := connection.recv(65_536):
                received += chunk
        except (TimeoutError, ConnectionResetError, BrokenPipeError):
            pass
    return bytes(received)


def status_of(answer: bytes) -> int | None:
    """Status of the first answer in what came back, None when there is none."""
    line = answer.split(b"\r\n", 1)[0].split(b" ")
    if len(line) < 2 or not line[0].startswith(b"HTTP/1."):
        return None
    return int(line[1])
