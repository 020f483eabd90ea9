"""What the gateway counts for Prometheus, and the line it logs for each call: no ids, no addresses, no texts.

A path is counted as its template (`/v1/incidents/{incident_id}`), so that what callers make up makes no new series.
"""

import logging
import time
from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starter.gateway.arrival import arrived
from starter.gateway.clock_check import ClockCheck

NOWHERE: Final = "none"
"""The template of a path that is not there, and of calls refused before it was looked for."""
STREAM: Final = "text/event-stream"
BROKEN_OFF: Final = 499
"""Where the caller went before there was an answer."""
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log: Final = logging.getLogger(__name__)


class Metrics:
    """Of one app."""

    def __init__(self, check: ClockCheck) -> None:
        disable_created_metrics()  # twice the series, for nothing that a Prometheus does not know
        registry = self._registry = CollectorRegistry()
        labels = ["method", "path"]
        self.requests = Counter("tocsin_http_requests", "Calls answered.", [*labels, "status"], registry=registry)
        self.seconds = Histogram(
            "tocsin_http_request_seconds",
            "From a call's arrival until its answer was given to the network; streams are left out.",
            labels,
            buckets=BUCKETS,
            registry=registry,
        )
        self.in_flight = Gauge("tocsin_http_in_flight", "Calls being answered, streams included.", registry=registry)
        self.rate_limited = Counter(
            "tocsin_http_rate_limited",
            "Calls beyond the agreed rate, refused or taken.",
            ["outcome"],
            registry=registry,
        )
        registry.register(_ClockDifference(check))

    def text(self) -> bytes:
        """In Prometheus's text format."""
        return generate_latest(self._registry)


class _ClockDifference(Collector):
    """Absent until it is known."""

    def __init__(self, check: ClockCheck) -> None:
        self._check = check

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(
            "tocsin_clock_difference_seconds", "Temporal's clock less this machine's, as last seen."
        )
        if self._check.difference is not None:
            family.add_metric([], self._check.difference.total_seconds())
        yield family


def metrics_of(connection: HTTPConnection) -> Metrics:
    metrics = connection.app.state.metrics
    if not isinstance(metrics, Metrics):
        raise TypeError("the app was made without its metrics")
    return metrics


class Measured:
    """Middleware: counts every call and logs it in one line."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status, streamed = time.perf_counter(), BROKEN_OFF, False

        async def noted(message: Message) -> None:
            nonlocal status, streamed
            if message["type"] == "http.response.start":
                status = message["status"]
                streamed = any(
                    name == b"content-type" and STREAM.encode() in value for name, value in message["headers"]
                )
            await send(message)

        with self._metrics.in_flight.track_inprogress():
            try:
                await self._app(scope, receive, noted)
            finally:
                took = time.perf_counter() - begun
                method = scope["method"] if scope["method"] in _METHODS else "other"
                path = template(scope)
                self._metrics.requests.labels(method, path, str(status)).inc()
                if not streamed:
                    self._metrics.seconds.labels(method, path).observe(took)
                said = arrived(Request(scope)).request_id
                log.info("request %s: %s %s %d in %.0f ms", said, method, path, status, 1000 * took)


def template(scope: Scope) -> str:
    """The path as it is written in the OpenAPI document."""
    route = scope.get("route")
    return str(getattr(route, "path", NOWHERE))
