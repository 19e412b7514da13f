"""The store's own rules: the second net of `retention.py`, for when no worker and no sweep runs.

Rules count whole days, so that each is a day longer than what is to be kept, rounded up. Every rule
of ours has an id that begins with `ocrstream-`; others are kept as they are, to the letter. The
store cannot tell which uploads failed: it keeps all of them as long as those.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from minio import Minio
from minio.commonconfig import ENABLED, Filter
from minio.error import S3Error
from minio.helpers import md5sum_hash
from minio.lifecycleconfig import (
    AbortIncompleteMultipartUpload,
    Expiration,
    NoncurrentVersionExpiration,
    Rule,
)

from streams.errors import LifecycleUnsupported
from streams.places import ACCESS_PREFIX
from streams.retention.rules import UNFINISHED_AGE_MAX_S, Area, RetentionRules

DAY_S = 86_400.0

OWN_PREFIX = "ocrstream-"

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_NONE = frozenset({"NoSuchLifecycleConfiguration"})
_UNSUPPORTED = frozenset({"NotImplemented", "MethodNotAllowed", "AccessDenied"})


@dataclass(frozen=True, slots=True)
class PlannedRule:
    """One rule of a bucket's: what is below a prefix goes after so many days."""

    bucket: str
    prefix: str
    days: int

    @property
    def rule_id(self) -> str:
        """Tells it from the bucket's others."""
        return OWN_PREFIX + hashlib.sha256(self.prefix.encode()).hexdigest()[:16]

    def is_met_by(self, rule: Rule) -> bool:
        """Whether the store has it; MinIO leaves out what it does about unfinished uploads."""
        prefix = (rule.rule_filter.prefix if rule.rule_filter else None) or ""
        return (
            rule.rule_id == self.rule_id
            and rule.status == ENABLED
            and prefix == self.prefix
            and rule.expiration is not None
            and rule.expiration.days == self.days
        )

    def as_rule(self) -> Rule:
        """In the SDK's words. Older versions are kept as long again: they may not be read yet."""
        unfinished_days = min(self.days, math.ceil(UNFINISHED_AGE_MAX_S / DAY_S))
        return Rule(
            status=ENABLED,
            rule_filter=Filter(prefix=self.prefix),
            rule_id=self.rule_id,
            expiration=Expiration(days=self.days),
            noncurrent_version_expiration=NoncurrentVersionExpiration(noncurrent_days=self.days),
            abort_incomplete_multipart_upload=AbortIncompleteMultipartUpload(
                days_after_initiation=unfinished_days
            ),
        )


def planned_rules(rules: RetentionRules) -> dict[str, list[PlannedRule]]:
    """The rules that each bucket is to have, those of wrapped data keys included.

    An area with others within it has none: its rule would delete what these keep longer, and the
    gateway's API keys.
    """
    keys_bucket = rules.keys_bucket
    planned: dict[str, list[PlannedRule]] = {area.bucket: [] for area in rules.areas}
    if keys_bucket is not None:
        planned[keys_bucket] = []
    for area in rules.areas:
        age_s = rules.store_age_s(area.kind)
        if age_s is None or _has_others_within(area, rules):
            continue
        days = math.ceil(age_s / DAY_S) + 1
        planned[area.bucket].append(PlannedRule(area.bucket, area.prefix, days))
        if keys_bucket is not None:
            prefix = f"{area.bucket}/{area.prefix}"
            planned[keys_bucket].append(PlannedRule(keys_bucket, prefix, days))
    return planned


def areas_without_rule(rules: RetentionRules) -> dict[Area, str]:
    """Areas whose time will be over and that have no rule of the store's, and why."""
    reasons = {}
    for area in rules.areas:
        if area.kind not in rules.ages_s:
            continue
        if _has_others_within(area, rules):
            reasons[area] = "other things lie there, which a rule would delete"
        elif rules.store_age_s(area.kind) is None:
            reasons[area] = "uploads that failed are kept for ever"
    return reasons


def has_rules(client: Minio, bucket: str, planned: Sequence[PlannedRule]) -> bool:
    """Whether a bucket has the planned rules, and none of ours beside them.

    Raises:
        LifecycleUnsupported: the store has no such rules, or not for us.
        minio.error.MinioException: it does not answer, or refused.
    """
    own = [Rule.fromxml(rule) for rule in _rules_of(client, bucket) if _is_own(rule)]
    is_whole = all(any(plan.is_met_by(rule) for rule in own) for plan in planned)
    return is_whole and len(own) == len(planned)


def set_rules(client: Minio, bucket: str, planned: Sequence[PlannedRule]) -> None:
    """Give a bucket its planned rules in place of those of ours that it has.

    Raises:
        LifecycleUnsupported: the store has no such rules, or not for us.
        minio.error.MinioException: it does not answer, or refused.
    """
    root = ElementTree.Element("LifecycleConfiguration", {"xmlns": _NAMESPACE})
    root.extend(rule for rule in _rules_of(client, bucket) if not _is_own(rule))
    for plan in planned:
        plan.as_rule().toxml(root)
    if not len(root):
        client.delete_bucket_lifecycle(bucket_name=bucket)
        return
    # The SDK's own way would drop what it does not know of others' rules, and so widen them.
    body = ElementTree.tostring(root)
    headers: dict[str, str | list[str] | tuple[str]] = {"Content-MD5": str(md5sum_hash(body))}
    try:
        client._execute("PUT", bucket, body=body, headers=headers, query_params={"lifecycle": ""})
    except S3Error as err:
        raise _explained(err) from err


def _rules_of(client: Minio, bucket: str) -> list[ElementTree.Element]:
    """The rules that a bucket has, without namespaces."""
    try:
        answer = client._execute("GET", bucket, query_params={"lifecycle": ""})
    except S3Error as err:
        if err.code in _NONE:
            return []
        raise _explained(err) from err
    # Its size is bounded by the store, and expat limits what entities may grow to.
    root = ElementTree.fromstring(answer.data)  # noqa: S314
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root.findall("Rule")


def _is_own(rule: ElementTree.Element) -> bool:
    return (rule.findtext("ID") or "").startswith(OWN_PREFIX)


def _explained(error: S3Error) -> Exception:
    if error.code in _UNSUPPORTED:
        return LifecycleUnsupported(f"the store lets us set no rules: {error.code}")
    return error


def _has_others_within(area: Area, rules: RetentionRules) -> bool:
    """Whether a prefix covers what is of another class, or of none."""
    return area.covers(rules.results_bucket, ACCESS_PREFIX) or any(
        other.kind is not area.kind and area.covers(other.bucket, other.prefix)
        for other in rules.areas
    )
