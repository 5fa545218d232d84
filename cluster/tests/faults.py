#!/usr/bin/env python3
"""A leader, a follower and a follower of that one, as processes, under faults.

While a writer writes and readers ask, nodes are killed (SIGKILL), stopped (SIGSTOP), restarted and
cut off from each other; each change is repeated with its Idempotency-Key until it is acknowledged.
At the end all logs have one root and all indexes one digest, `tenure` finds no difference between
nodes and sees one that is made, all indexes are what a fresh replay makes, every acknowledged
change is everywhere and was made once, and every answer about a closed moment is given again, byte
for byte, by every node.

usage: faults.py PROGRAM DIRECTORY [--rounds N] [--seed N]
"""

import http.server
import json
import os
import random
import signal
import socket
import threading
import time

from nodes import (SCRIPT, Clients, Node, arguments, carry_out, check_at_end, fail, free_port,
                   new_principal, none_left, run, stop_and_verify)


class Proxy:
    """Carries bytes to a port, until it is cut or told to dawdle."""

    def __init__(self, to_port):
        self.to_port = to_port
        self.port = free_port()
        self.open = True
        self.pause_s = 0.0
        self.pairs = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            came, _ = self.listener.accept()
            if not self.open:
                came.close()
                continue
            try:
                went = socket.create_connection(("127.0.0.1", self.to_port))
            except OSError:
                came.close()
                continue
            with self.lock:
                self.pairs.append((came, went))
            for source, target in ((came, went), (went, came)):
                threading.Thread(target=self.carry, args=(source, target), daemon=True).start()

    def carry(self, source, target):
        try:
            while data := source.recv(4096):
                if self.pause_s:
                    time.sleep(self.pause_s)
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self.open = False
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def mend(self):
        self.open = True


def fault(chance, nodes, proxies):
    node = chance.choice(nodes)
    kind = chance.choice(["kill", "kill", "stop", "pause", "cut", "slow"])
    if kind == "kill":
        node.kill()
        node.start()
    elif kind == "stop":
        node.stop()
        node.start()
    elif kind == "pause":
        node.process.send_signal(signal.SIGSTOP)
        time.sleep(chance.uniform(0.1, 1.5))
        node.process.send_signal(signal.SIGCONT)
    else:
        proxy = chance.choice(proxies)
        if kind == "cut":
            proxy.cut()
        else:
            proxy.pause_s = 0.05
        time.sleep(chance.uniform(0.1, 1.0))
        proxy.mend()
        proxy.pause_s = 0.0
    return f"{kind} {node.name if kind in ('kill', 'stop', 'pause') else ''}".strip()


class Liar(http.server.BaseHTTPRequestHandler):
    """Answers as a node does, but for the digest of its index."""

    node = None

    def do_GET(self):
        status, body = self.node.request("GET", self.path, timeout_s=60)
        if status == 200 and self.path.startswith("/v1/index/digest"):
            body = json.dumps(json.loads(body) | {"digest": "0" * 64})
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def compare(program, nodes):
    """The command line finds all nodes equal, and one that has another digest different."""
    Liar.node = nodes[-1]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar) as liar:
        threading.Thread(target=liar.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{liar.server_port}"
        code, found = run(program, "replica", "verify", "--server", nodes[0].url(),
                          "--against", url)
        if code != 1 or found["equal"] or "the indexes differ" not in found["detail"]:
            fail(f"replica verify of another digest: {code} {found}")
        code, found = run(program, "cluster", "status", "--digest", nodes[0].url(), url)
        if code != 1 or found[0]["index"]["digest"] == found[1]["index"]["digest"]:
            fail(f"cluster status --digest of another: {code} {found}")
        liar.shutdown()
    for node in nodes[1:]:
        code, found = run(program, "replica", "verify", "--server", nodes[0].url(),
                          "--against", node.url())
        if code != 0 or not found["equal"]:
            fail(f"replica verify of {node.name}: {code} {found}")
    code, found = run(program, "cluster", "status", "--digest", *(node.url() for node in nodes))
    if code != 0 or len({each["index"]["digest"] for each in found}) != 1:
        fail(f"cluster status --digest: {code} {found}")


def compare_parted(program, directory, node):
    """A copy of the node's store that goes its own way is told from it, and from where on."""
    ours = os.path.join(directory, "parted")
    carry_out(program, "backup", ours + "-backup", "--store", node.store)
    carry_out(program, "restore", ours + "-backup", "--store", ours)
    node.start()
    code, found = run(program, "replica", "verify", "--store", ours, "--against", node.url())
    if code != 0 or not found["equal"]:
        fail(f"replica verify of a restored store: {code} {found}")
    newest = node.must_state()["last"]
    command = os.path.join(directory, "parted.jsonl")
    for name in ("parted-1", "parted-2"):
        with open(command, "w", encoding="utf-8") as file:
            file.write(json.dumps({"type": "principal.create", "actor": "system",
                                   "data": {"principal": name, "kind": "user"}}) + "\n")
        carry_out(program, "apply", command, "--store", ours)
    for name in ("other-1", "other-2", "other-3"):
        node.must_change(new_principal(name))
    code, found = run(program, "replica", "verify", "--store", ours, "--against", node.url())
    if code != 1 or found["equal"] or found["firstOtherEntry"] != newest + 1:
        fail(f"replica verify of a store that parted: {code} {found}")
    node.stop()


def main():
    given = arguments(12)
    chance = random.Random(given.seed)
    leader = Node("a", given.program, given.directory)
    nodes = [leader]
    proxies = []
    with none_left(nodes):
        leader.start()
        for name in ("b", "c"):
            proxies.append(Proxy(nodes[-1].port))
            nodes.append(Node(name, given.program, given.directory, proxies[-1].port))
            nodes[-1].start()
        clients = Clients(leader, nodes, given.seed)
        clients.go_through(fault(chance, nodes, proxies) for _ in range(given.rounds))
        clients.stop()
        summary = check_at_end(clients, nodes)
        compare(given.program, nodes)
        stop_and_verify(reversed(nodes))
        compare_parted(given.program, given.directory, leader)
        print(f"{SCRIPT}: {summary}")


if __name__ == "__main__":
    main()
