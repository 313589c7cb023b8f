"""An MLServer runtime whose requests stay until they are released."""

from gate import held, live_only_with_test
from mlserver import MLModel
from mlserver.codecs import StringCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Holder(MLModel):
    async def load(self) -> bool:
        live_only_with_test()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        text = await held()
        return InferenceResponse(model_name=self.name, outputs=[StringCodec.encode_output("text", [text])])
