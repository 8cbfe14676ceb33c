"""A TCP relay that is slow in the direction of the server, for uploads that outlive a token."""

import socket
import threading
import time


class Relay:
    """Forwards connections to `target`, at most `rate` bytes a second of each upload."""

    def __init__(self, target: tuple[str, int], rate: float):
        self.rate = rate
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target, timeout=10)
            except OSError:
                return
            server.settimeout(None)
            # A small buffer, so that the client feels the rate and does not fill the kernel first.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, slow: bool) -> None:
        try:
            while block := source.recv(64 * 1024):
                sink.sendall(block)
                if slow and len(block) > 4096:
                    time.sleep(len(block) / self.rate)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            source.close()
            sink.close()
