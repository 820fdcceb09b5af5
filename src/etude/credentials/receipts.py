"""A receipt that is signed as a plain JSON file: what happened, the signer's certificates, and a signature
over the canonical bytes.

No C2PA: nothing was made. Anybody can check it with the certificate inside and the fingerprint that the
signer gives by another way (ECDSA P-256 over SHA-256, DER).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from etude.credentials.keys import Keyring, fingerprint_of
from etude.errors import CredentialError
from etude.store.lines import canonical

SCHEMA = "etude.receipt/1"


def sign(said: Mapping[str, Any], keyring: Keyring) -> dict[str, Any]:
    """The receipt. Without a signer it is not signed, and says so."""
    signer = keyring.signer
    if signer is None or signer.ended:
        return {"schema": SCHEMA, "said": dict(said), "signed": None}
    key = serialization.load_pem_private_key(signer.key_path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CredentialError("The signer's key is of another kind.", "See: etude signers")
    signature = key.sign(canonical(said), ec.ECDSA(hashes.SHA256()))
    return {
        "schema": SCHEMA,
        "said": dict(said),
        "signed": {
            "name": signer.name,
            "fingerprint": signer.fingerprint,
            "chain": signer.chain_pem,
            "signature": base64.b64encode(signature).decode(),
        },
    }


def check(receipt: Mapping[str, Any]) -> str:
    """The fingerprint of who signed a receipt, where nothing of it was changed since. Raises CredentialError
    for one that is not signed, was changed, or is no receipt."""
    signed = receipt.get("signed")
    if receipt.get("schema") != SCHEMA or not isinstance(signed, Mapping):
        raise CredentialError("This is no signed receipt.", "Ask for one: etude withdraw WORK --receipt FILE")
    try:
        leaf = x509.load_pem_x509_certificates(str(signed["chain"]).encode())[0]
        key = leaf.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        data = canonical(json.loads(json.dumps(receipt["said"])))
        key.verify(base64.b64decode(str(signed["signature"])), data, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError, KeyError, IndexError, AssertionError) as error:
        raise CredentialError("The receipt was changed after it was signed.", "Ask for it again.") from error
    found = fingerprint_of(leaf)
    if found != signed.get("fingerprint"):
        raise CredentialError(
            f"The receipt names the signer {str(signed.get('fingerprint'))[:12]} and holds the certificate "
            f"of {found[:12]}.",
            "Ask for it again.",
        )
    return found
