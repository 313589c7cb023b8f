"""Sends so many gRPC requests at once and waits for all answers: `mlserver_ask.py PORT COUNT`."""

import asyncio
import sys

import grpc
from mlserver.grpc import dataplane_pb2 as messages
from mlserver.grpc.dataplane_pb2_grpc import GRPCInferenceServiceStub


async def ask(port: int, count: int) -> None:
    tensor = messages.ModelInferRequest.InferInputTensor(
        name="text", datatype="BYTES", shape=[1], contents=messages.InferTensorContents(bytes_contents=[b"x"])
    )
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = GRPCInferenceServiceStub(channel)
        requests = [stub.ModelInfer(messages.ModelInferRequest(model_name="holder", inputs=[tensor])) for _ in range(count)]
        await asyncio.gather(*requests)


asyncio.run(ask(int(sys.argv[1]), int(sys.argv[2])))
