"""What the scripts beside this one share: nodes as processes, a writer and readers that use them,
and what must be true at the end. An error begins with the name of the script that runs.
"""

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid

SCRIPT = pathlib.Path(sys.argv[0]).stem
WAIT_S = 120
COMMIT_TIMEOUT_MS = 500
TENANT = "/v1/tenants/default"


def fail(what):
    raise SystemExit(f"{SCRIPT}: {what}")


def arguments(rounds, *more):
    """Those of every script, and `more` flags with a value; the directory is made anew."""
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("directory")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seed", type=int, default=1)
    for flag in more:
        parser.add_argument(flag)
    given = parser.parse_args()
    shutil.rmtree(given.directory, ignore_errors=True)
    os.makedirs(given.directory)
    return given


def free_port():
    """One that no outgoing connection is given, so that a node finds it free after a restart."""
    while not is_free(port := random.SystemRandom().randrange(20_000, 32_000)):
        pass
    return port


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def await_(what, condition):
    """What the condition says once that is true."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if said := condition():
            return said
        time.sleep(0.02)
    return fail(f"{what}: not within {WAIT_S} s")


def run(program, *words):
    """The exit code and the answer of a command."""
    done = subprocess.run([program, *words, "--json"], stdout=subprocess.PIPE, text=True,
                          check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else None


def carry_out(program, *words):
    subprocess.run([program, *words], check=True, stdout=subprocess.DEVNULL)


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
        await_(f"{self.name} answers", lambda: self.running() and self.try_get("/healthz"))

    def running(self):
        code = self.process.poll()
        if code is not None:
            fail(f"{self.name} ended with {code}, see {self.log}")
        return True

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        try:
            code = self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            fail(f"{self.name} has not ended {WAIT_S} s after SIGTERM, see {self.log}")
        if code != 0:
            fail(f"{self.name} ended with {code} on SIGTERM, see {self.log}")

    def request(self, method, path, body=None, headers=None, timeout_s=2):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def change(self, body, key=None, timeout_s=2):
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        return self.request("POST", TENANT + "/commands", body, headers, timeout_s)

    def must_change(self, body):
        """Repeated under one key while nobody can say what became of it."""
        key = str(uuid.uuid4())

        def changed():
            try:
                status, said = self.change(body, key, timeout_s=60)
            except (OSError, http.client.HTTPException):
                return False
            if status not in (200, 503):
                fail(f"{self.name}: {status} {said}")
            return status == 200

        await_(f"{self.name} makes a change", changed)

    def try_get(self, path, timeout_s=2):
        try:
            status, body = self.request("GET", path, timeout_s=timeout_s)
        except (OSError, http.client.HTTPException):
            return None
        return body if status == 200 else None

    def answers(self, paths):
        """One after the other over one connection; None for one that is refused."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            for path in paths:
                connection.request("GET", path)
                answer = connection.getresponse()
                body = answer.read().decode()
                yield body if answer.status == 200 else None
        finally:
            connection.close()

    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def digest(self, revision):
        """It makes one as of another revision only so often (503), and is asked again."""
        def made():
            status, body = self.request("GET", f"/v1/index/digest?revision={revision}",
                                        timeout_s=60)
            if status not in (200, 503):
                fail(f"{self.name}: no digest: {body}")
            return json.loads(body) if status == 200 else None

        return await_(f"{self.name} makes a digest", made)

    def state(self):
        body = self.try_get("/v1/replication")
        return json.loads(body) if body else {}

    def must_state(self):
        return await_(f"{self.name} says how it is", self.state)


class Member(Node):
    """A node that leads with the others as members, or follows one of them."""

    def configure(self, source, members):
        self.source = source.port if source else None
        self.config = self.store + ".toml"
        names = ", ".join(f'"{member.name}"' for member in members)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"[replication]\nmembers = [{names}]\nmembers_min = 2\n"
                       f"commit_timeout_ms = {COMMIT_TIMEOUT_MS}\n")

    def arguments(self):
        return super().arguments() + ["--config", self.config]

    def reload(self):
        self.process.send_signal(signal.SIGHUP)


def new_principal(name):
    return json.dumps({"commands": [
        {"type": "principal.create", "data": {"principal": name, "kind": "user"}}]})


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


def may_read(who):
    return f"{TENANT}/check?principal={who}&action=Contoso.Files/read&scope=/files"


class Client(threading.Thread):
    """Asks nodes for something, turn after turn."""

    def __init__(self):
        super().__init__(daemon=True)
        self.turns = 0
        self.stopping = False
        self.failure = None


class Writer(Client):
    """Makes changes at the leader, each until it is acknowledged; waits while there is none."""

    def __init__(self, leader):
        super().__init__()
        self.leader = leader
        self.acknowledged = {}
        self.repeated = 0

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
            status, said = self.try_change(key, body)
            self.turns += 1
            if status == 200:
                answer = json.loads(said)
                self.repeated += bool(answer.get("repeated"))
                return answer["revision"]
            if status not in (None, 429, 503):
                self.failure = f"{status} {said}"
                self.stopping = True
                return 0
            time.sleep(0.02)

    def try_change(self, key, body):
        leader = self.leader
        try:
            return leader.change(body, key) if leader else (None, None)
        except (OSError, http.client.HTTPException):
            return None, None


class Reader(Client):
    """Asks nodes about closed moments and keeps what is final."""

    def __init__(self, nodes, writer, seed):
        super().__init__()
        self.nodes = nodes
        self.writer = writer
        self.random = random.Random(seed)
        self.answers = {}

    def run(self):
        while not self.stopping and not self.failure:
            self.ask(self.random.choice(self.nodes))
            self.turns += 1

    def ask(self, node):
        closed = node.state().get("closedUntil")
        if not closed:
            time.sleep(0.02)
            return
        who = f"user-{self.random.randint(1, len(self.writer.acknowledged) + 1)}"
        question = f"{may_read(who)}&at={closed}"
        body = node.try_get(question)
        if body is None or not json.loads(body)["final"]:
            return
        if self.answers.setdefault(question, body) != body:
            self.failure = f"{node.name}: {question}: {body}, not {self.answers[question]}"


class Clients:
    """A writer at the leader and two readers at all nodes."""

    def __init__(self, leader, nodes, seed):
        leader.must_change(first_changes())
        self.writer = Writer(leader)
        self.readers = [Reader(nodes, self.writer, seed * 10 + i) for i in range(2)]
        for client in self.all():
            client.start()

    def all(self):
        return [self.writer, *self.readers]

    def use(self, leader, nodes):
        """Asks these from now on; once this is done nobody is asking any other."""
        self.writer.leader = leader
        for reader in self.readers:
            reader.nodes = nodes
        for client in self.all():
            turns = client.turns
            await_("what is being asked is answered or not",
                   lambda client=client, turns=turns: client.turns > turns or client.failure)

    def await_changes(self, what, more=1):
        seen = len(self.writer.acknowledged)
        await_(what, lambda: len(self.writer.acknowledged) >= seen + more or self.writer.failure)

    def go_through(self, rounds):
        """After each round, which says what it did, a change is acknowledged and nothing wrong."""
        for number, what in enumerate(rounds, 1):
            self.await_changes(f"a change is acknowledged after '{what}'")
            print(f"{number}: {what}; {len(self.writer.acknowledged)} changes", flush=True)
            self.check()

    def check(self):
        for client in self.all():
            if client.failure:
                fail(client.failure)

    def stop(self):
        for clients in [self.writer], self.readers:
            for client in clients:
                client.stopping = True
            for client in clients:
                client.join(WAIT_S)
        self.check()

    def answers(self):
        return {question: body for reader in self.readers
                for question, body in reader.answers.items()}


def root_at(node, revision):
    state = node.state()
    return state.get("applied") == revision and state["root"]


def check_at_end(clients, nodes, as_of_revision=True):
    """All nodes have what was acknowledged, made once, and say again what they said: a summary.

    Whether a change is there is asked as of its revision, or now.
    """
    acknowledged = clients.writer.acknowledged
    newest = await_("the leader says what is newest",
                    lambda: clients.writer.leader.state().get("last"))
    roots = {await_(f"{node.name} reaches {newest}", lambda node=node: root_at(node, newest))
             for node in nodes}
    if len(roots) != 1:
        fail(f"the logs differ: {roots}")
    digests = {(d["digest"], d["rows"]) for d in (node.digest(newest) for node in nodes)}
    if len(digests) != 1:
        fail(f"the indexes differ: {digests}")
    asked = [may_read(name) + (f"&revision={revision}" if as_of_revision else "")
             for name, revision in acknowledged.items()]
    for node in nodes:
        for (name, revision), body in zip(acknowledged.items(), node.answers(asked)):
            if body is None or json.loads(body)["decision"] != "allow":
                fail(f"{node.name} lacks {name} of {revision}: {body}")
    answers = clients.answers()
    for node in nodes:
        for (question, body), again in zip(answers.items(), node.answers(answers)):
            if again != body:
                fail(f"{node.name}: {question}: {again}, was {body}")
    # A new store has four events.
    if newest != 4 + 3 + 2 * len(acknowledged):
        fail(f"{newest} events of {len(acknowledged)} changes")
    return (f"{len(acknowledged)} changes ({clients.writer.repeated} repeated), "
            f"{len(answers)} final answers, root {roots.pop()}")


def stop_and_verify(nodes):
    for node in nodes:
        node.stop()
        carry_out(node.program, "verify", "--store", node.store)


@contextlib.contextmanager
def none_left(nodes):
    try:
        yield
    finally:
        for node in nodes:
            if node.process and node.process.poll() is None:
                node.process.send_signal(signal.SIGCONT)
                node.kill()
