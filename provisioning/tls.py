"""TLS of the centre's own programs: version 1.2 or newer, and both ends say who they are where units are concerned."""

from __future__ import annotations

import ssl
from pathlib import Path

from provisioning.errors import FileUnusableError
from provisioning.layout import KeyPair


def server_context(identity: KeyPair) -> ssl.SSLContext:
    """For a server that shows its certificate; `FileUnusableError` when its files cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    return _with_identity(context, identity)


def client_context(identity: KeyPair, bundle: Path) -> ssl.SSLContext:
    """For a client that shows its certificate and trusts only this bundle; `FileUnusableError` when files cannot be used."""
    try:
        context = ssl.create_default_context(cafile=str(bundle))
    except OSError as error:
        raise FileUnusableError(bundle, error.strerror or "cannot be used for TLS") from error
    return _with_identity(context, identity)


def _with_identity(context: ssl.SSLContext, identity: KeyPair) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(identity.certificate, identity.key)
    except OSError as error:
        raise FileUnusableError(identity.certificate, error.strerror or "cannot be used for TLS") from error
    return context
