#!/usr/bin/env bash
# BentoML 1.4.40 with two workers. Guessed: the requests of a worker that is killed leave the gauge of requests in
# progress with it, or with the worker that takes its place. Seen: they stay until the whole server restarts; the page
# of an idle server went on saying that requests are in progress, and its gauge carries no process id to tell whose.
# Whoever scales on that gauge alone keeps an idle replica for ever.
set -euo pipefail
folder=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  rm -rf "$folder"
}
trap finish EXIT
cd "$folder"
export BENTOML_HOME=$folder/home BENTOML_DO_NOT_TRACK=True
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check bentoml==1.4.40 \
  opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 opentelemetry-instrumentation==0.66b1 \
  opentelemetry-instrumentation-asgi==0.66b1 opentelemetry-instrumentation-aiohttp-client==0.66b1 \
  opentelemetry-semantic-conventions==0.66b1 opentelemetry-util-http==0.66b1
cat >slow.py <<'PY'
import asyncio
import os

import bentoml


@bentoml.service(workers=2, traffic={"timeout": 120})
class Slow:
    @bentoml.api
    async def wait(self, seconds: float) -> int:
        await asyncio.sleep(seconds)
        return os.getpid()
PY
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
venv/bin/python -m bentoml serve slow:Slow --host 127.0.0.1 --port "$port" >server.log 2>&1 &
server=$!

in_progress() {
  curl --silent --fail "http://127.0.0.1:$port/metrics" |
    awk '/^bentoml_service_request_in_progress\{/ && /endpoint="\/wait"/ { sum += $NF } END { print sum + 0 }'
}
ask() {
  curl --silent --fail --max-time 90 -H 'content-type: application/json' -d "{\"seconds\": $1}" "http://127.0.0.1:$port/wait"
}
for _ in $(seq 120); do
  curl --silent --fail "http://127.0.0.1:$port/readyz" >/dev/null && break
  sleep 0.5
done

# Which process answers is told by the answers, so both workers are known before one of them is ended.
workers=$(for _ in $(seq 40); do ask 0; echo; done | sort -u | grep -E '^[0-9]+$')
victim=$(echo "$workers" | head -n 1)
clients=()
for _ in $(seq 12); do
  ask 25 >/dev/null 2>&1 &
  clients+=("$!")
done
for _ in $(seq 40); do
  [ "$(in_progress)" -eq 12 ] && break
  sleep 0.25
done
before=$(in_progress)
kill -KILL "$victim"
for client in "${clients[@]}"; do wait "$client" || true; done
sleep 3
after=$(in_progress)

echo "bentoml $(venv/bin/python -c 'import bentoml; print(bentoml.__version__)'), workers $(echo "$workers" | wc -l)"
echo "12 requests sent: the gauge says $before"
echo "one worker killed, every client gone for 3 s: the gauge says $after"
if [ "$before" -eq 12 ] && [ "$after" -gt 0 ]; then
  echo "as found: requests of a killed worker stay in bentoml_service_request_in_progress"
else
  echo "CHANGED: expected 12, then more than 0"
  exit 1
fi
