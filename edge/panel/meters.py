"""Counters of the panel and the condition of the unit, for Prometheus. The panel's door to its client library."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from edge.panel.audience import Audience, Row
from edge.panel.stage import Gone
from edge.showing.facts import passed_on
from firmware.ports import View

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


class Meters(Collector):
    """What is counted, and what stands at the moment it is asked for."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._registry = CollectorRegistry()
        self.views = Counter("lifecert_panel_views", "Views that were shown.", ["mood"], registry=self._registry)
        self.losses = Counter("lifecert_panel_stage_losses", "Times that lifecert-edge went away.", registry=self._registry)
        self.touches = Counter("lifecert_panel_touches", "Touches passed on.", registry=self._registry)
        self.refusals = Counter("lifecert_panel_refusals", "Requests refused.", ["why"], registry=self._registry)
        self._registry.register(self)

    def count(self, message: object) -> None:
        """Count what was shown."""
        if isinstance(message, View):
            self.views.labels(message.mood.value).inc()
        elif isinstance(message, Gone) and not isinstance(self._audience.view, Gone):
            self.losses.inc()

    def page(self) -> bytes:
        """All of it, in the text format of Prometheus."""
        return generate_latest(self._registry)

    def counters(self) -> Mapping[str, float]:
        """The panel's own counters by their names, with the word they are counted by."""
        return {
            ".".join((sample.name, *sample.labels.values())): sample.value
            for counter in (self.views, self.losses, self.touches, self.refusals)
            for metric in counter.collect()
            for sample in metric.samples
            if sample.name.endswith("_total")
        }

    def collect(self) -> Iterator[Metric]:
        """The condition: a number as a gauge of its own, a word as the label of one that is always 1."""
        looking = GaugeMetricFamily("lifecert_panel_browsers", "Browsers that look.", labels=["row"])
        for row in Row:
            looking.add_metric([row.value], self._audience.count(row))
        yield looking
        here = 0 if isinstance(self._audience.view, Gone) else 1
        yield GaugeMetricFamily("lifecert_panel_stage_here", "Whether lifecert-edge is there.", value=here)
        words = GaugeMetricFamily("lifecert_word", "Facts of the unit that are words.", labels=["name", "value"])
        facts = self._audience.condition.facts if self._audience.condition else {}
        for name, raw in facts.items():
            value = passed_on(name, raw)
            if isinstance(value, str) and value:
                words.add_metric([name, value], 1)
            elif value is not None and not isinstance(value, str) and _NAME.fullmatch(name):
                yield GaugeMetricFamily(f"lifecert_{name}", "A fact of the unit.", value=value)
        yield words
