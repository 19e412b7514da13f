"""Who may do what at the gateway: API keys, OIDC tokens, scopes, and how often.

Start at `access.py`, which turns the headers of a request into a `Caller` or a refusal. Nothing in
here knows HTTP routes or Kafka. Keys live in the results bucket (`key_records.py`), so that any
number of replicas share them; only the issuer's keys, records of the last seconds and rate limits
are in memory.
"""
