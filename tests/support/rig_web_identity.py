"""Tokens of a cluster's identity provider, as a pod finds them in a file."""

import base64
import json
import secrets
import time


def web_identity_token(subject: str) -> str:
    """A new token of the subject, in form like a real one. Nobody signed it."""
    now = int(time.time())
    claims = {"aud": ["sts.amazonaws.com"], "exp": now + 3600, "iat": now, "iss": "https://oidc.example.test/FAKE",
              "jti": secrets.token_hex(16), "sub": subject}
    parts = (json.dumps({"alg": "RS256", "typ": "JWT"}), json.dumps(claims), "FAKE signature " * 12)
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
