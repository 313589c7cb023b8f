"""A BentoML service below a path, whose page counts whoever reads it."""

import bentoml
from gate import held, live_only_with_test


@bentoml.service(path_prefix="/v1", traffic={"timeout": 600})
class Prefixed:
    def __init__(self) -> None:
        live_only_with_test()

    @bentoml.api
    async def hold(self) -> str:
        return await held()
