"""Loaded by schemathesis: what a document is, which no schema says."""

import schemathesis
from hypothesis import strategies as st

schemathesis.openapi.media_type(
    "application/octet-stream", st.text(max_size=100).map(lambda text: f"%PDF- {text}".encode())
)
