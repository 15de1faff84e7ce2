"""A proxy before a MongoDB server: answers are lost or late, the server is away or silent."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading


class Proxy:
    """Forwards requests and answers; TLS cannot pass, since it looks at what it forwards.

    Args:
        target: `HOST:PORT` of the server.

    Attributes:
        address: Its own `HOST:PORT`.
        delay_s: How late each answer is, in seconds.
        lose: The answer to the next request with this text is lost, with its connection.
        lost: How many answers were lost.
        is_away_after_loss: Whether the loss is followed by `go_away`.
    """

    def __init__(self, target: str) -> None:
        host, port = target.split(":")
        self._target = (host, int(port))
        self.delay_s = 0.0
        self.lose: bytes | None = None
        self.lost = 0
        self.is_away_after_loss = False
        self._speaks = threading.Event()
        self._speaks.set()
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = self._listen(0)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def go_away(self) -> None:
        """Closes all connections, and refuses new ones until `come_back`."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in list(self._open):
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)

    def come_back(self) -> None:
        """Accepts connections again, at the same address."""
        self._listener = self._listen(int(self.address.split(":")[1]))

    def be_silent(self) -> None:
        """Accepts connections and requests, but forwards no answer until `speak`."""
        self._speaks.clear()

    def speak(self) -> None:
        """Forwards the answers that wait since `be_silent`."""
        self._speaks.set()

    def close(self) -> None:
        """Ends all of it."""
        self._closing.set()
        self._speaks.set()
        self.go_away()

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._open.add(client)
        # The driver sends a request only after the answer to the previous one.
        with (
            client,
            contextlib.suppress(OSError),
            socket.create_connection(self._target) as server,
        ):
            while request := self._message(client):
                server.sendall(request)
                answer = self._message(server)
                if self.lose is not None and self.lose in request:
                    self.lose, self.lost = None, self.lost + 1
                    if self.is_away_after_loss:
                        self.go_away()
                    break
                self._closing.wait(self.delay_s)
                self._speaks.wait()
                client.sendall(answer)
        self._open.discard(client)

    @staticmethod
    def _message(peer: socket.socket) -> bytes:
        data = b""
        while len(data) < 4 or len(data) < struct.unpack("<i", data[:4])[0]:
            part = peer.recv(65536)
            if not part:
                return b""
            data += part
        return data
