"""A real Prometheus that scrapes a daemon: it reads no Unix sockets, so a little server stands between."""

import http.server
import json
import pathlib
import threading
import urllib.error
import urllib.parse
import urllib.request

import rig_clients
from rig_home import Home
from rig_process import Program, free_port, wait_until

SCRAPE = "1s"


class Prometheus:
    """Below `folder`; the series of the daemon of `home` have the labels instance="machine" and user="ann"."""

    def __init__(self, folder: pathlib.Path, home: Home, rules: pathlib.Path):
        folder.mkdir()
        self._between = _Between(home)
        self.address = ("127.0.0.1", free_port())
        target = {"targets": ["127.0.0.1:%d" % self._between.server_address[1]], "labels": {"instance": "machine", "user": "ann"}}
        configuration = {"global": {"scrape_interval": SCRAPE, "evaluation_interval": SCRAPE}, "rule_files": [str(rules)],
                         "scrape_configs": [{"job_name": "purser", "static_configs": [target]}]}
        (folder / "prometheus.yml").write_text(json.dumps(configuration))  # YAML includes JSON
        self._program = Program([rig_clients.client("prometheus"), f"--config.file={folder}/prometheus.yml",
                                 f"--storage.tsdb.path={folder}/data", "--web.listen-address=%s:%d" % self.address],
                                folder / "log")
        self._program.wait_for_port(self.address, 60)

    def stop(self) -> None:
        self._program.stop()
        self._between.shutdown()
        self._between.server_close()

    def scraped(self, times: int) -> None:
        """Waits until the daemon was read as often."""
        question = "count_over_time(up[1h])"
        wait_until(lambda: [each for each in self.query(question) if float(each["value"][1]) >= times], 60, "not scraped")

    def query(self, expression: str) -> list[dict]:
        """The series that an expression gives now; fails where Prometheus refuses it."""
        return self._ask("query", query=expression)["result"]

    def rules(self) -> list[dict]:
        return [rule for group in self._ask("rules")["groups"] for rule in group["rules"]]

    def _ask(self, path: str, **fields: str) -> dict:
        url = "http://%s:%d/api/v1/%s?%s" % (*self.address, path, urllib.parse.urlencode(fields))
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refused:
            if refused.code == 503:  # it is still starting
                return {"result": [], "groups": []}
            raise AssertionError(f"{fields}: {json.load(refused).get('error')}") from None


class _Between(http.server.ThreadingHTTPServer):
    """Passes /metrics on to the daemon's socket."""

    def __init__(self, home: Home):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.home = home
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.server.home.ask_text("/metrics").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass
