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

import argparse
import http.client
import http.server
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

WAIT_S = 120
TENANT = "/v1/tenants/default"


def free_port():
    """One that no outgoing connection is given, so that a node finds it free after a restart."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def await_(what, condition):
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise SystemExit(f"faults: {what}: not within {WAIT_S} s")


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


class Node:
    def __init__(self, name, program, directory, source=None):
        self.name = name
        self.program = program
        self.store = os.path.join(directory, name)
        self.log = os.path.join(directory, name + ".log")
        self.port = free_port()
        self.source = source
        self.process = None

    def arguments(self):
        given = ["--store", self.store, "--port", str(self.port), "--node", self.name,
                 "--no-authentication"]
        if self.source:
            given += ["--source", f"http://127.0.0.1:{self.source}"]
        return given

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.program, "serve", *self.arguments()], stdout=log,
                                            stderr=log)
        await_(f"{self.name} answers", lambda: self.running() and self.try_get("/readyz"))

    def running(self):
        code = self.process.poll()
        if code is not None:
            raise SystemExit(f"faults: {self.name} ended with {code}, see {self.log}")
        return True

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(WAIT_S)
        if code != 0:
            raise SystemExit(f"faults: {self.name} ended with {code} on SIGTERM, see {self.log}")

    def request(self, method, path, body=None, headers=None, timeout_s=2):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def get(self, path):
        return self.request("GET", path)

    def try_get(self, path):
        try:
            status, body = self.get(path)
        except (OSError, http.client.HTTPException):
            return None
        return body if status == 200 else None

    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def digest(self, revision):
        status, body = self.request("GET", f"/v1/index/digest?revision={revision}", timeout_s=60)
        if status != 200:
            raise SystemExit(f"faults: {self.name}: no digest: {body}")
        return json.loads(body)

    def state(self):
        body = self.try_get("/v1/replication")
        return json.loads(body) if body else {}


def first_changes():
    """Three events: who is of the staff may read."""
    return json.dumps({"commands": [
        {"type": "principal.create", "data": {"principal": "staff", "kind": "group"}},
        {"type": "role.define", "data": {
            "role": "file-reader", "name": "File reader", "actions": ["Contoso.Files/read"],
            "assignableScopes": ["/files"]}},
        {"type": "assignment.create", "data": {
            "assignment": "files", "principal": "staff", "role": "file-reader",
            "scope": "/files"}}]})


class Writer(threading.Thread):
    """Makes changes at the leader, each until it is acknowledged."""

    def __init__(self, leader):
        super().__init__(daemon=True)
        self.leader = leader
        self.acknowledged = {}
        self.repeated = 0
        self.stopping = False
        self.failure = None

    def run(self):
        number = 0
        while not self.stopping:
            number += 1
            name = f"user-{number}"
            body = json.dumps({"commands": [
                {"type": "principal.create", "data": {"principal": name, "kind": "user"}},
                {"type": "group.addMember", "data": {"group": "staff", "member": name}}]})
            self.acknowledged[name] = self.submit(name, body)

    def submit(self, key, body):
        while True:
            try:
                status, said = self.leader.request(
                    "POST", TENANT + "/commands", body,
                    {"Content-Type": "application/json", "Idempotency-Key": key})
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
                continue
            if status == 200:
                answer = json.loads(said)
                self.repeated += bool(answer.get("repeated"))
                return answer["revision"]
            if status not in (429, 503):
                self.failure = f"{status} {said}"
                self.stopping = True
                return 0
            time.sleep(0.02)


class Reader(threading.Thread):
    """Asks nodes about closed moments and keeps what is final."""

    def __init__(self, nodes, writer, seed):
        super().__init__(daemon=True)
        self.nodes = nodes
        self.writer = writer
        self.random = random.Random(seed)
        self.answers = {}
        self.stopping = False
        self.failure = None

    def run(self):
        while not self.stopping:
            node = self.random.choice(self.nodes)
            closed = node.state().get("closedUntil")
            if not closed:
                time.sleep(0.02)
                continue
            who = f"user-{self.random.randint(1, len(self.writer.acknowledged) + 1)}"
            question = (f"{TENANT}/check?principal={who}&action=Contoso.Files/read&scope=/files"
                        f"&at={closed}")
            body = node.try_get(question)
            if body is None or not json.loads(body)["final"]:
                continue
            if self.answers.setdefault(question, body) != body:
                self.failure = f"{node.name}: {question}: {body}, not {self.answers[question]}"
                return


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


def run(program, *words):
    done = subprocess.run([program, *words, "--json"], stdout=subprocess.PIPE, text=True,
                          check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else None


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
            raise SystemExit(f"faults: replica verify of another digest: {code} {found}")
        code, found = run(program, "cluster", "status", "--digest", nodes[0].url(), url)
        if code != 1 or found[0]["index"]["digest"] == found[1]["index"]["digest"]:
            raise SystemExit(f"faults: cluster status --digest of another: {code} {found}")
        liar.shutdown()
    for node in nodes[1:]:
        code, found = run(program, "replica", "verify", "--server", nodes[0].url(),
                          "--against", node.url())
        if code != 0 or not found["equal"]:
            raise SystemExit(f"faults: replica verify of {node.name}: {code} {found}")
    code, found = run(program, "cluster", "status", "--digest", *(node.url() for node in nodes))
    if code != 0 or len({each["index"]["digest"] for each in found}) != 1:
        raise SystemExit(f"faults: cluster status --digest: {code} {found}")


def compare_parted(program, directory, node):
    """A copy of the node's store that goes its own way is told from it, and from where on."""
    ours = os.path.join(directory, "parted")
    subprocess.run([program, "backup", ours + "-backup", "--store", node.store], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run([program, "restore", ours + "-backup", "--store", ours], check=True,
                   stdout=subprocess.DEVNULL)
    node.start()
    code, found = run(program, "replica", "verify", "--store", ours, "--against", node.url())
    if code != 0 or not found["equal"]:
        raise SystemExit(f"faults: replica verify of a restored store: {code} {found}")
    newest = node.state()["last"]
    command = os.path.join(directory, "parted.jsonl")
    for name in ("parted-1", "parted-2"):
        with open(command, "w", encoding="utf-8") as file:
            file.write(json.dumps({"type": "principal.create", "actor": "system",
                                   "data": {"principal": name, "kind": "user"}}) + "\n")
        subprocess.run([program, "apply", command, "--store", ours], check=True,
                       stdout=subprocess.DEVNULL)
    for name in ("other-1", "other-2", "other-3"):
        body = json.dumps({"commands": [
            {"type": "principal.create", "data": {"principal": name, "kind": "user"}}]})
        status, said = node.request("POST", TENANT + "/commands", body,
                                    {"Content-Type": "application/json"})
        if status != 200:
            raise SystemExit(f"faults: {status} {said}")
    code, found = run(program, "replica", "verify", "--store", ours, "--against", node.url())
    if code != 1 or found["equal"] or found["firstOtherEntry"] != newest + 1:
        raise SystemExit(f"faults: replica verify of a store that parted: {code} {found}")
    node.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("directory")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    shutil.rmtree(given.directory, ignore_errors=True)
    os.makedirs(given.directory)
    chance = random.Random(given.seed)

    leader = Node("a", given.program, given.directory)
    nodes = [leader]
    proxies = []
    try:
        leader.start()
        for name in ("b", "c"):
            proxies.append(Proxy(nodes[-1].port))
            nodes.append(Node(name, given.program, given.directory, proxies[-1].port))
            nodes[-1].start()
        status, said = leader.request("POST", TENANT + "/commands", first_changes(),
                                      {"Content-Type": "application/json"})
        if status != 200:
            raise SystemExit(f"faults: {status} {said}")

        writer = Writer(leader)
        writer.start()
        readers = [Reader(nodes, writer, given.seed * 10 + i) for i in range(2)]
        for reader in readers:
            reader.start()
        for number in range(given.rounds):
            what = fault(chance, nodes, proxies)
            seen = len(writer.acknowledged)
            await_("a change is acknowledged after a fault",
                   lambda: len(writer.acknowledged) > seen or writer.failure)
            print(f"{number + 1}: {what}; {len(writer.acknowledged)} changes", flush=True)
            for thread in [writer, *readers]:
                if thread.failure:
                    raise SystemExit(f"faults: {thread.failure}")
        writer.stopping = True
        writer.join(WAIT_S)
        for reader in readers:
            reader.stopping = True
            reader.join(WAIT_S)

        newest = leader.state()["last"]
        for node in nodes:
            await_(f"{node.name} reaches {newest}", lambda: node.state().get("applied") == newest)
        roots = {node.state()["root"] for node in nodes}
        if len(roots) != 1:
            raise SystemExit(f"faults: the logs differ: {roots}")
        digests = {(d["digest"], d["rows"]) for d in (node.digest(newest) for node in nodes)}
        if len(digests) != 1:
            raise SystemExit(f"faults: the indexes differ: {digests}")
        compare(given.program, nodes)
        for node in nodes:
            for name, revision in writer.acknowledged.items():
                at = f"{TENANT}/check?principal={name}&action=Contoso.Files/read&scope=/files"
                body = node.try_get(f"{at}&revision={revision}")
                if body is None or json.loads(body)["decision"] != "allow":
                    raise SystemExit(f"faults: {node.name} lacks {name} of {revision}: {body}")
        answers = {}
        for reader in readers:
            answers.update(reader.answers)
        for question, body in answers.items():
            for node in nodes:
                if (again := node.try_get(question)) != body:
                    raise SystemExit(f"faults: {node.name}: {question}: {again}, was {body}")
        if newest != 4 + 3 + 2 * len(writer.acknowledged):
            raise SystemExit(f"faults: {newest} events of {len(writer.acknowledged)} changes")
        for node in reversed(nodes):
            node.stop()
            subprocess.run([given.program, "verify", "--store", node.store], check=True,
                           stdout=subprocess.DEVNULL)
        compare_parted(given.program, given.directory, leader)
        print(f"faults: {len(writer.acknowledged)} changes ({writer.repeated} repeated), "
              f"{len(answers)} final answers, root {roots.pop()}")
    finally:
        for node in nodes:
            if node.process and node.process.poll() is None:
                node.process.send_signal(signal.SIGCONT)
                node.process.kill()
                node.process.wait()


if __name__ == "__main__":
    main()
