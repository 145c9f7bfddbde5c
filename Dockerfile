# One image for the worker, the callbacks and the command `dunning`.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /app
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin dunning

# the lock first: it changes less often than the code
COPY requirements/runtime.lock requirements/
RUN pip install --no-deps --require-hashes -r requirements/runtime.lock

COPY settings.py worker.py ./
COPY schemas/ schemas/
COPY dunning/ dunning/
COPY library/ library/
COPY wording/ wording/
COPY mailroom/ mailroom/
COPY temporal/ temporal/
COPY workflows/ workflows/
COPY store/ store/
COPY activities/ activities/
COPY providers/ providers/
COPY starter/ starter/
# of the embedded parts `dunning replay` needs only the replayer, which starts nothing
COPY embedded/ embedded/
COPY policies/ policies/
COPY templates/ templates/
COPY jurisdictions/ jurisdictions/

# compiled now, for the files are read-only to the user who runs them
RUN python -m compileall -q . \
    && printf '#!/bin/sh\nexec python -m starter.cli "$@"\n' > /usr/local/bin/dunning \
    && chmod 0755 /usr/local/bin/dunning
ENV PYTHONPATH=/app

USER 10001

# the worker opens no port: it is healthy while Temporal answers it from here
HEALTHCHECK --interval=60s --timeout=20s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import asyncio; from temporal.connect import connect; asyncio.run(connect())"]

CMD ["python", "worker.py"]
