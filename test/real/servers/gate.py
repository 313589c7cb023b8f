"""Requests that end when the other side says so: each holds a connection for as long as it is open."""

import asyncio
import os
import signal
import socket
import threading

GATE_PORT = int(os.environ["HOLDER_GATE_PORT"])


async def held() -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", GATE_PORT)
    writer.write(f"{os.getpid()}\n".encode())
    try:
        await reader.read()
    finally:
        writer.close()
    return "released"


def live_only_with_test() -> None:
    """Ends this process, and the server that started it, when the test that wanted them is gone."""
    server = os.getppid()
    lifeline = socket.create_connection(("127.0.0.1", int(os.environ["HOLDER_LIFELINE_PORT"])))
    lifeline.sendall(f"{os.getpid()}\n".encode())

    def watch() -> None:
        try:
            lifeline.recv(1)
        finally:
            if os.getppid() == server:
                os.kill(server, signal.SIGTERM)
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
