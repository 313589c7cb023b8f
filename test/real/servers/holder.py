"""A BentoML service of two workers whose requests stay until they are released."""

import bentoml
from gate import held, live_only_with_test


@bentoml.service(workers=2, traffic={"concurrency": 8, "timeout": 600})
class Holder:
    def __init__(self) -> None:
        live_only_with_test()

    @bentoml.api
    async def hold(self) -> str:
        return await held()
