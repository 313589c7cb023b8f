"""A model behind Triton whose batches take a tenth of a second each. Prints `serving` when it is asked to."""

import os
import time

import numpy as np
from gate import live_only_with_test
from pytriton.decorators import batch
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

live_only_with_test()


@batch
def infer(x):
    time.sleep(0.1)
    return {"y": x}


ports = {name: int(os.environ[f"TRITON_{name.upper()}_PORT"]) for name in ("http", "grpc", "metrics")}
config = TritonConfig(
    http_address="127.0.0.1",
    http_port=ports["http"],
    grpc_port=ports["grpc"],
    metrics_port=ports["metrics"],
    metrics_interval_ms=500,
)
with Triton(config=config) as triton:
    triton.bind(
        model_name="slow",
        infer_func=infer,
        inputs=[Tensor(name="x", dtype=np.float32, shape=(1,))],
        outputs=[Tensor(name="y", dtype=np.float32, shape=(1,))],
        config=ModelConfig(max_batch_size=1),
    )
    triton.serve()
