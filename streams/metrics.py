"""The worker's metrics: names and labels are declared here and nowhere else."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from processors.batching import BatchReport

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """One set of metrics per worker, in a registry of its own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.settled = Counter(
            "ocrstream_documents_settled",
            "Documents with an outcome: recognized, dead_lettered or ignored.",
            ("outcome", "category"),
            registry=registry,
        )
        self.events_in_flight = Gauge(
            "ocrstream_events_in_flight", "Events delivered, not acknowledged.", registry=registry
        )
        self.in_flight = Gauge(
            "ocrstream_in_flight",
            "Held against its limit: documents, bytes, pixels, requests.",
            ("kind",),
            registry=registry,
        )
        self.lag = Gauge(
            "ocrstream_consumer_lag",
            "Events of a partition that are not committed.",
            ("partition",),
            registry=registry,
        )
        self.retries = Counter(
            "ocrstream_retries", "Further tries of a step.", ("stage",), registry=registry
        )
        self.dependency_up = Gauge(
            "ocrstream_dependency_up", "1 while it answers.", ("dependency",), registry=registry
        )
        self.cache_requests = Counter(
            "ocrstream_cache_requests",
            "Look-ups of the result cache: hit, miss, or unavailable.",
            ("outcome",),
            registry=registry,
        )
        self.breaker_open = Gauge(
            "ocrstream_breaker_open",
            "1 while documents are held because the configuration seems wrong.",
            registry=registry,
        )
        self.requests = Counter(
            "ocrstream_http_requests",
            "Requests that the gateway answered.",
            ("route", "method", "status"),
            registry=registry,
        )
        self.request_seconds = Histogram(
            "ocrstream_http_request_seconds",
            "From a request's head to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.stage_seconds = Histogram(
            "ocrstream_stage_seconds",
            "Waiting and working, per document and stage.",
            ("stage",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.batch_items = Histogram(
            "ocrstream_batch_items",
            "Items in a batch.",
            ("stage",),
            buckets=(1, 2, 3, 4, 8, 16),
            registry=registry,
        )
        self.batch_fill = Histogram(
            "ocrstream_batch_fill_ratio",
            "Items in a batch as a share of the most it could hold.",
            ("stage",),
            buckets=(0.25, 0.5, 0.75, 1.0),
            registry=registry,
        )
        self.batch_wait_seconds = Histogram(
            "ocrstream_batch_wait_seconds",
            "How long the oldest item of a batch had waited.",
            ("stage",),
            buckets=_SECONDS,
            registry=registry,
        )
        for dependency in ("store", "broker"):
            self.dependency_up.labels(dependency).set(1)

    def observe_batch(self, stage: str, batch: BatchReport) -> None:
        """Note one batch of the inference engine."""
        self.batch_items.labels(stage).observe(batch.size)
        self.batch_fill.labels(stage).observe(batch.fill)
        self.batch_wait_seconds.labels(stage).observe(batch.wait_s)
