"""A model server whose requests end when the other side says so: each holds a connection for as long as it is open."""

import asyncio
import os
import signal
import socket
import threading

import bentoml

GATE_PORT = int(os.environ["HOLDER_GATE_PORT"])
LIFELINE_PORT = int(os.environ["HOLDER_LIFELINE_PORT"])


def live_only_with(port: int) -> None:
    """Ends this worker, and the server that started it, when the process that wanted them is gone."""
    server = os.getppid()
    lifeline = socket.create_connection(("127.0.0.1", port))
    lifeline.sendall(f"{os.getpid()}\n".encode())

    def watch() -> None:
        try:
            lifeline.recv(1)
        finally:
            if os.getppid() == server:
                os.kill(server, signal.SIGTERM)
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@bentoml.service(workers=2, traffic={"concurrency": 8, "timeout": 600})
class Holder:
    def __init__(self) -> None:
        live_only_with(LIFELINE_PORT)

    @bentoml.api
    async def hold(self) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", GATE_PORT)
        try:
            await reader.read()
        finally:
            writer.close()
        return "released"
