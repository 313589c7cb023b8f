"""A Ray Serve application of two deployments: each request is in both. Prints where its page is."""

import os
import sys
import time

import ray
from ray import serve

sys.path.insert(0, os.path.dirname(__file__))
from gate import held, live_only_with_test  # noqa: E402

live_only_with_test()
HERE = os.path.dirname(os.path.abspath(__file__))


@serve.deployment(max_ongoing_requests=100)
class Down:
    async def __call__(self) -> str:
        return await held()


@serve.deployment(max_ongoing_requests=100)
class Ingress:
    def __init__(self, down) -> None:
        self.down = down

    async def __call__(self, request) -> str:
        return await self.down.remote()


ray.init(
    num_cpus=4,
    include_dashboard=False,
    object_store_memory=100_000_000,
    _metrics_export_port=int(os.environ["RAY_PAGE_PORT"]),
    runtime_env={"env_vars": {"PYTHONPATH": HERE, "HOLDER_GATE_PORT": os.environ["HOLDER_GATE_PORT"]}},
    logging_level="WARNING",
)
serve.start(http_options={"host": "127.0.0.1", "port": int(os.environ["RAY_HTTP_PORT"])})
serve.run(Ingress.bind(Down.bind()), name="app", route_prefix="/app")
print("serving", flush=True)
while True:
    time.sleep(1)
