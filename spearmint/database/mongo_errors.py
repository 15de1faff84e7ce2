"""What errors of MongoDB's driver mean, in one line each."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pymongo.errors

from spearmint.database.contract import DatabaseError, DatabaseUnavailableError
from spearmint.errors import UserError

_NOT_AUTHENTICATED = (18, 8000)
_NOT_AUTHORISED = 13
_DISK_FULL = 14031


@dataclass(frozen=True, slots=True)
class _Obstacle:
    """Why no server responds.

    Attributes:
        sign: A pattern for the driver's text.
        what: What that means.
        remedy: What would be right.
    """

    sign: str
    what: str
    remedy: str


# The first that fits.
_OBSTACLES = (
    _Obstacle(
        r"certificate verify failed: (Hostname|IP address) mismatch",
        "the server's certificate is not for the host in the address",
        "write the host name that is in the certificate",
    ),
    _Obstacle(
        "certificate verify failed: certificate (has expired|is not yet valid)",
        "the server's certificate is not valid today",
        "renew it, or correct the clock of this machine",
    ),
    _Obstacle(
        "certificate verify failed",
        "the server's certificate is not signed by an authority that is trusted here",
        "name the file with the authority's certificate: tlsCAFile=FILE",
    ),
    _Obstacle(
        "alert (certificate required|unknown ca|bad certificate|handshake failure)|"
        "EOF occurred in violation of protocol",
        "the server does not accept this client's certificate, or there is none",
        "name a file with a certificate and key that it accepts: tlsCertificateKeyFile=FILE",
    ),
    _Obstacle(
        "SSL|_ssl",
        "the server does not answer as one that speaks TLS",
        "leave tls=true out if it does not, or correct the address",
    ),
    _Obstacle(
        "replica set name",
        "the servers belong to no replica set of this name",
        "correct replicaSet=NAME, or leave it out",
    ),
    _Obstacle(
        "configured with internal hostnames",
        "the servers of the replica set cannot be reached by the names in its configuration",
        "make these names known here, or add directConnection=true for one server",
    ),
    _Obstacle(
        "connection closed",
        "no MongoDB server that accepts writes responds",
        "start mongod there, correct the address, or add tls=true if it speaks TLS only",
    ),
)
_OTHER = _Obstacle(
    "",
    "no MongoDB server that accepts writes responds",
    "start mongod there, correct the address, or use a file: sqlite:PATH",
)


def unreachable(name: str, error: Exception) -> DatabaseUnavailableError:
    """No server that accepts writes responds.

    Args:
        name: What messages call the database.
        error: The driver's error.
    """
    text = str(error)
    why = re.split(r" \(configured timeouts|, Timeout: |\(generated", text)[0]
    found = next((each for each in _OBSTACLES if re.search(each.sign, text)), _OTHER)
    return DatabaseUnavailableError(f"{name}: {found.what} ({why}); {found.remedy}")


def refused(name: str, database: str, error: Exception) -> DatabaseError:
    """The server refuses a request.

    Args:
        name: What messages call the database.
        database: Its name on the server.
        error: The driver's error.
    """
    code = getattr(error, "code", None)
    why = str(error).split(", full error:")[0]
    if code in _NOT_AUTHENTICATED:
        return DatabaseError(
            f"{name}: the server does not know this user and password ({why}); expected "
            "mongodb://USER:PASSWORD@HOST:PORT/?authSource=DATABASE"
        )
    if code == _NOT_AUTHORISED:
        return DatabaseError(
            f"{name}: the server denies access to this user ({why}); expected a user with "
            f"the role readWrite on {database}: mongodb://USER:PASSWORD@HOST:PORT/"
        )
    if code == _DISK_FULL:
        return DatabaseUnavailableError(f"{name}: its disk is full; free some space")
    if isinstance(error, pymongo.errors.WTimeoutError):
        # It may be carried out all the same; the next try finds out.
        return DatabaseUnavailableError(
            f"{name}: a write has not reached a majority of the servers in the time of wtimeoutMS "
            f"({why}); start the servers that are missing"
        )
    if isinstance(error, pymongo.errors.DocumentTooLarge):
        return DatabaseError(f"{name}: a job's document may not exceed 16 MB ({why})")
    return DatabaseError(f"{name}: {why}")


def not_connected(name: str, error: Exception) -> UserError:
    """The driver cannot make a client for an address.

    Args:
        name: What messages call the database.
        error: The driver's error.
    """
    cause = error.__cause__
    if cause is not None and type(cause).__module__.startswith("dns."):
        return _not_resolved(name, cause)
    hint = ""
    if "password is required" in str(error).lower():
        hint = ". Set SPEARMINT_DB_ADDRESS to the address with its password"
    return UserError(f"{name}: is not an address of a server: {error}{hint}")


def _not_resolved(name: str, error: BaseException) -> UserError:
    """The servers of a `mongodb+srv` address cannot be looked up."""
    from dns.resolver import NXDOMAIN, NoAnswer  # noqa: PLC0415 - only such addresses need it

    if isinstance(error, NXDOMAIN | NoAnswer):
        return UserError(
            f"{name}: the name server knows no servers of this name ({error}); correct it, or "
            "write the servers themselves: mongodb://HOST:PORT,HOST:PORT/"
        )
    return DatabaseUnavailableError(
        f"{name}: no name server answers ({error}); without one, write the servers themselves: "
        "mongodb://HOST:PORT,HOST:PORT/"
    )
