# The indexer in an image: not root, nothing to write but /data, and a health check.
#
#   docker build -t indexer .
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges \
#       -v indexer:/data -v ./indexer.toml:/data/indexer.toml:ro indexer
#
# See docs/deployment.md.

# By digest the base cannot change between two builds. No registry could be asked when this was written:
#   docker build --build-arg BASE=python:3.13-slim@sha256:... -t indexer .
# ('indexer settled library/python:3.13-slim --for 7d --pin' prints one that is a week old.)
ARG BASE=python:3.13-slim

FROM ${BASE} AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /source
# First what seldom changes: everything from the lock, hash by hash.
COPY requirements/ requirements/
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes -r requirements/build.txt \
    && python -m venv /opt/indexer \
    && /opt/indexer/bin/pip install --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE alembic.ini ./
COPY migrations/ migrations/
COPY indexer/ indexer/
RUN /opt/build/bin/python -m hatchling build -t wheel -d /wheel \
    && /opt/indexer/bin/pip install --no-deps /wheel/*.whl \
    && /opt/indexer/bin/pip uninstall --yes pip


FROM ${BASE}

LABEL org.opencontainers.image.title="indexer" \
      org.opencontainers.image.description="A scheduled catalog indexer for Docker Hub namespaces" \
      org.opencontainers.image.licenses="Apache-2.0"

RUN groupadd --system --gid 10001 indexer \
    && useradd --system --uid 10001 --gid indexer --home-dir /data --no-create-home \
        --shell /usr/sbin/nologin indexer \
    && install --directory --owner indexer --group indexer --mode 0750 /data
COPY --from=build /opt/indexer /opt/indexer
# The base image holds no bytecode of the standard library. Without it each command, also the health check,
# would compile what it needs of it: twice the time that it takes by itself. It takes 13 MB.
RUN python -m compileall -q -x '/(ensurepip|idlelib|lib2to3|site-packages|tkinter|turtledemo)/' \
        "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"

ENV PATH=/opt/indexer/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

# A configuration, and an index in SQLite, are looked for here.
WORKDIR /data
VOLUME /data
USER 10001:10001

# Unhealthy: a namespace is later than its schedule allows. The start is given to first crawls.
HEALTHCHECK --interval=1m --timeout=20s --start-period=5m --retries=3 \
    CMD ["indexer", "status", "--check", "--quiet"]

# Ends within ten seconds of it, with everything committed.
STOPSIGNAL SIGTERM
ENTRYPOINT ["indexer"]
CMD ["daemon", "--log-format", "json"]
