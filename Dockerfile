# The web client, built with the same Node as in the tests.
FROM node:22-bookworm-slim AS client
WORKDIR /build
COPY client ./client
RUN npm ci --prefix client --no-audit --no-fund && npm run build --prefix client

# The Python environment: every package pinned and checked by hash, the program itself built from the sources.
FROM python:3.11-slim-bookworm AS python
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/rowhouse
WORKDIR /build
COPY requirements-server.lock ./
RUN /opt/rowhouse/bin/pip install --require-hashes --requirement requirements-server.lock
COPY pyproject.toml README.md LICENSE ./
COPY api ./api
COPY auth ./auth
COPY persistence ./persistence
COPY realtime ./realtime
COPY snapshots ./snapshots
RUN /opt/rowhouse/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/rowhouse --create-home rowhouse
COPY --from=python /opt/rowhouse /opt/rowhouse
COPY --from=client /build/client/web/dist /opt/rowhouse/web
ENV PATH=/opt/rowhouse/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ROWHOUSE_DATA=/var/lib/rowhouse \
    ROWHOUSE_LOG_FORMAT=json \
    ROWHOUSE_WEB_FOLDER=/opt/rowhouse/web
USER rowhouse
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# The exec form: the server is process 1 and gets SIGTERM itself.
CMD ["rowhouse", "serve", "--host", "0.0.0.0", "--port", "8000"]
