# The demo and the tests where Python, make or libgomp are not at hand (Windows, macOS):
#   docker build -t plumbline . && docker run --rm -p 8000:8000 plumbline
#   docker run --rm plumbline make test
FROM python:3.11-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 make \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home plumbline
WORKDIR /home/plumbline/app
COPY --chown=plumbline . .
RUN chown plumbline .
USER plumbline
RUN make setup
EXPOSE 8000
# inside a container the loopback address is not reachable from outside, so the demo listens on all of it
CMD ["make", "demo", "ARGS=--host 0.0.0.0"]
