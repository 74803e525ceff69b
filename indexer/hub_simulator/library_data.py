"""The namespace `library` as of 2026: 181 repositories, the largest with their real sizes.

The names of repositories and the sizes of the six largest are facts (docs/hub-facts.md); dates,
pulls, the other sizes and the names of tags are invented.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from indexer.hub_simulator import bulk_data, hub_json, synthetic_manifests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from indexer.hub_simulator.hub import Hub

NAMESPACE = "library"

RECORDED_TAGS = {
    "nginx": 1_339,
    "postgres": 1_427,
    "mongo": 3_670,
    "python": 3_974,
    "php": 15_600,
    "openjdk": 17_042,
}
"""How many tags these repositories had in 2026."""

_NAMES = """
adminer aerospike almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux
backdrop bash bonita buildpack-deps busybox caddy cassandra celery centos chronograf cirros
clearlinux clefos clickhouse clojure composer consul convertigo couchbase couchdb crate crux dart
debian django docker docker-dev drupal eclipse-mosquitto eclipse-temurin eggdrop elasticsearch
elixir emqx erlang euleros express-gateway fedora flink fluentd fsharp friendica gazebo gcc
geonetwork ghost glassfish golang gradle groovy haproxy haskell haxe hello-seattle hello-world
hipache hitch hola-mundo httpd hylang ibex ibm-semeru-runtimes ibmjava influxdb iojs irssi java
jenkins jetty jobber joomla jruby julia kaazing-gateway kapacitor kibana known kong krakend
lightstreamer liquibase logstash mageia mariadb matomo maven mediawiki memcached mongo
mongo-express monica mono mysql nats nats-streaming neo4j neurodebian nextcloud nginx node notary
nuxeo odoo open-liberty openjdk opensearch opensuse oraclelinux orientdb owncloud percona perl
photon php php-zendserver phpmyadmin piwik plone postfixadmin postgres pypy python r-base rabbitmq
rails rakudo-star rapidoid redis redmine registry rethinkdb rocket.chat rockylinux ros ruby rust
sapmachine satosa scala scratch sentry silverpeas sl solr sonarqube sourcemage spark spiped storm
swarm swift swipl teamspeak telegraf thrift tomcat tomee traefik ubuntu ubuntu-debootstrap
ubuntu-upstart unit valkey varnish vault websphere-liberty wordpress xwiki yourls znc zookeeper
"""

REPOSITORIES = tuple(_NAMES.split())
"""181 names, most of them real."""

FLAVOURS = (
    "",
    "-alpine",
    "-bookworm",
    "-bullseye",
    "-slim",
    "-alpine3.22",
    "-alpine3.21",
    "-slim-bookworm",
    "-slim-bullseye",
    "-windowsservercore-ltsc2022",
    "-nanoserver-ltsc2022",
    "-jdk",
    "-jre",
    "-cli",
    "-fpm",
    "-apache",
    "-zts",
    "-cli-alpine",
    "-fpm-alpine",
    "-zts-alpine",
    "-cli-bookworm",
    "-fpm-bookworm",
    "-apache-bookworm",
    "-zts-bookworm",
)
"""Suffixes of the tags of a version; larger repositories have more of them."""

PLATFORMS = ("linux/amd64", "linux/arm64/v8", "unknown/unknown")
MOST_SMALL = 640
NEWEST_AGE = timedelta(minutes=41)


def library(hub: Hub, namespace: str = NAMESPACE) -> None:
    """Fill a namespace with the repositories of `library`, from the beginning and without events.

    It takes milliseconds, because tags are made when they are read: see `bulk_data`.
    """
    with hub.lock:
        now = hub.clock.now().replace(microsecond=0)
        for name in REPOSITORIES:
            draw = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
            # All dates differ, so their order is unique; it is not the order of the names.
            age = NEWEST_AGE + timedelta(seconds=draw % 20_000_000)
            tags = RECORDED_TAGS.get(name, 1 + draw % MOST_SMALL)
            date = now - age
            item = hub_json.Repository(
                name=name,
                namespace=namespace,
                description=f"The {name} image",
                last_updated=date,
                last_modified=date,
                date_registered=now - timedelta(days=4_000, seconds=draw % 50_000_000),
                pull_count=draw % 9_000_000_000,
                star_count=draw % 20_000,
                categories=(hub_json.Category.of("Developer Tools"),),
                storage_size=tags * len(PLATFORMS) * bulk_data.MEAN_IMAGE_BYTES,
            )
            platforms = synthetic_manifests.platforms_of(PLATFORMS)
            between = timedelta(seconds=100_000_000 // tags)
            bulk_data.add_repository(hub, item, _Names(tags), platforms, between)


def sizes() -> Mapping[str, int]:
    """How many tags each repository of `library` has."""
    return {
        name: RECORDED_TAGS.get(
            name, 1 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % MOST_SMALL
        )
        for name in REPOSITORIES
    }


@dataclass(frozen=True, slots=True)
class _Names:
    """Makes a number of tag names like real ones: `latest`, `8.4.15-fpm-alpine`."""

    tags: int

    def __call__(self) -> Sequence[str]:
        """The names, without repeats, newest first."""
        return ["latest", *islice(self._versions(), self.tags - 1)]

    def _versions(self) -> Iterator[str]:
        """Versions, newest first, each with its suffixes."""
        flavours = FLAVOURS[: max(2, min(len(FLAVOURS), self.tags // 80))]
        needed = -(-self.tags // len(flavours))
        for number in range(needed, -1, -1):
            version = f"{1 + number // 200}.{number // 10 % 20}.{number % 10}"
            for flavour in flavours:
                yield version + flavour
