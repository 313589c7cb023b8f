"""A BentoML service that calls another one: each request is in both."""

import bentoml
from gate import held, live_only_with_test


@bentoml.service(name="embedder", traffic={"timeout": 600})
class Embedder:
    def __init__(self) -> None:
        live_only_with_test()

    @bentoml.api
    async def embed(self) -> str:
        return await held()


@bentoml.service(name="entry", traffic={"timeout": 600})
class Entry:
    embedder = bentoml.depends(Embedder)

    def __init__(self) -> None:
        live_only_with_test()

    @bentoml.api
    async def generate(self) -> str:
        return await self.embedder.to_async.embed()
