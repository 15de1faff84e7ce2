"""A name server for the tests, with the records that an address mongodb+srv://... needs."""

from __future__ import annotations

import contextlib
import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """Answers queries on a UDP port of its own.

    Args:
        records: Texts of records, by name and type: `{("db.test.", "A"): ["127.0.0.1"]}`.

    Attributes:
        port: Its port on 127.0.0.1.
        is_silent: Whether it leaves queries unanswered.
    """

    def __init__(self, records: dict[tuple[str, str], list[str]]) -> None:
        self._records = records
        self.is_silent = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self.port: int = self._socket.getsockname()[1]
        self._is_closed = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def add(self, name: str, kind: str, text: str) -> None:
        """Adds a record."""
        self._records.setdefault((name, kind), []).append(text)

    def close(self) -> None:
        """Ends it."""
        self._is_closed = True
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._is_closed:
            with contextlib.suppress(TimeoutError):
                data, peer = self._socket.recvfrom(4096)
                if not self.is_silent:
                    self._socket.sendto(self._answer(data), peer)

    def _answer(self, data: bytes) -> bytes:
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        (question,) = query.question
        kind = dns.rdatatype.to_text(question.rdtype)
        texts = self._records.get((question.name.to_text(), kind), [])
        if texts:
            found = dns.rrset.from_text_list(question.name, 60, "IN", kind, texts)
            answer.answer.append(found)
        elif not any(name == question.name.to_text() for name, _ in self._records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()
