#!/usr/bin/env python3
"""The recipes of docs/OPERATIONS.md for nodes that come, go, are upgraded and are put back.

While a writer writes and readers ask, a leader that is alone gets followers and one of those a
follower of its own. Then, in an order that the seed gives: a machine is replaced by another, which
begins with nothing, and one by another that begins with a backup; a disk is lost; every node is
restarted with another program; the leader's disk is put back to an older backup, whereupon a
follower is made the leader. At the end all logs and indexes are equal, every acknowledged change is
everywhere and was made once, and every answer about a closed moment is given again, byte for byte,
by every node.

usage: recipes.py PROGRAM DIRECTORY [--rounds N] [--seed N] [--upgraded PROGRAM]
"""

import os
import random
import shutil
import subprocess

from nodes import (SCRIPT, Clients, Member, arguments, await_, carry_out, check_at_end, fail,
                   may_read, new_principal, none_left, run, stop_and_verify)

CHANGES_BEFORE = 50
CHANGES_AFTER = 20


class Cluster:
    def __init__(self, given, nodes):
        self.program = given.program
        self.upgraded = given.upgraded or given.program
        self.directory = given.directory
        self.chance = random.Random(given.seed)
        self.nodes = nodes
        self.made = 0
        self.backups = 0
        self.clients = None
        self.leader = self.add(None)
        self.clients = Clients(self.leader, list(self.nodes), given.seed)

    def add(self, source, backup=None):
        node = Member("n" + str(self.made), self.program, self.directory)
        self.made += 1
        self.nodes.append(node)
        if backup:
            carry_out(self.program, "restore", backup, "--follower", "--store", node.store)
        restart(node, source)
        if self.clients:
            self.clients.use(self.leader, list(self.nodes))
        return node

    def followers(self):
        return [node for node in self.nodes if node is not self.leader]

    def copies_of(self, source):
        return [node for node in self.nodes if node.source == source.port]

    def source_of(self, node):
        return next(each for each in self.nodes if each.port == node.source)

    def await_level(self, *nodes):
        newest = await_("the leader says what is newest", lambda: self.leader.state().get("last"))
        for node in nodes:
            await_(f"{node.name} reaches {newest}",
                   lambda node=node: node.state().get("applied", 0) >= newest)

    def status(self, *nodes):
        code, found = run(self.program, "cluster", "status", *(node.url() for node in nodes))
        return code, [each.get("state", {}) for each in found]

    def verify(self, node):
        return run(self.program, "replica", "verify", "--server", node.url(), "--against",
                   self.leader.url())

    def back_up(self, node):
        """Its newest revision is in it; nothing can be asked of the node meanwhile."""
        self.backups += 1
        backup = os.path.join(self.directory, f"backup-{self.backups}")
        node.stop()
        carry_out(self.program, "backup", backup, "--store", node.store)
        node.start()
        self.clients.await_changes("changes are acknowledged after a backup", CHANGES_AFTER)
        return backup

    def check_copy(self, *nodes):
        for node in nodes:
            code, found = self.verify(node)
            if code != 0 or not found["equal"]:
                fail(f"{node.name} is not what {self.leader.name} is: {code} {found}")


def restart(node, source, members=()):
    if node.process and node.process.poll() is None:
        node.stop()
    node.configure(source, members)
    node.start()


def grow(cluster):
    """Another follower, one of that follower, and one more."""
    cluster.clients.await_changes("there is something to copy", CHANGES_BEFORE)
    first = cluster.add(cluster.leader)
    second = cluster.add(first)
    third = cluster.add(cluster.leader)
    cluster.await_level(first, second, third)
    cluster.check_copy(first, second, third)
    return f"{first.name} and {third.name} follow {cluster.leader.name}, {second.name} {first.name}"


def replace_machine(cluster):
    old = cluster.chance.choice(cluster.followers())
    new = cluster.add(cluster.source_of(old))
    take_place(cluster, new, old)
    return f"{new.name} for {old.name}"


def replace_machine_by_backup(cluster):
    """The new one begins with a backup; the leader leads on in its term."""
    old = cluster.chance.choice(cluster.followers())
    saved = cluster.chance.choice(cluster.nodes)
    backup = cluster.back_up(saved)
    term = cluster.status(cluster.leader)[1][0]["term"]
    new = cluster.add(cluster.source_of(old), backup)
    take_place(cluster, new, old)
    if cluster.status(cluster.leader)[1][0]["term"] != term:
        fail(f"{cluster.leader.name} does not lead in term {term} any more")
    return f"{new.name} of a backup of {saved.name} for {old.name}"


def take_place(cluster, new, old):
    # All are asked at one time, while more is written: level with what there was before that.
    newest = cluster.leader.must_state()["last"]

    def shown_level():
        code, (_, follows) = cluster.status(cluster.leader, new)
        return code == 0 and follows.get("applied", 0) >= newest

    await_(f"{new.name} is shown level", shown_level)
    copies = cluster.copies_of(old)
    for node in copies:
        restart(node, new)
    old.stop()
    cluster.nodes.remove(old)
    cluster.clients.use(cluster.leader, list(cluster.nodes))
    cluster.await_level(new, *copies)
    cluster.check_copy(new, *copies)


def lose_disk(cluster):
    lost = cluster.chance.choice(cluster.followers())
    copies = cluster.copies_of(lost)
    lost.kill()
    shutil.rmtree(lost.store)
    lost.start()
    cluster.await_level(lost, *copies)
    cluster.check_copy(lost, *copies)
    return f"{lost.name} wiped and back"


def upgrade(cluster):
    cluster.program = cluster.upgraded
    followers = cluster.followers()
    cluster.chance.shuffle(followers)
    for node in followers:
        node.stop()
        node.program = cluster.program
        node.start()
        cluster.await_level(node)
    cluster.leader.stop()
    # Nothing can be changed now, and everything can be asked.
    for node in followers:
        if not node.try_get(may_read("user-1"), timeout_s=60):
            fail(f"{node.name} does not answer while {cluster.leader.name} is away")
        status, said = node.change(new_principal("stray"), timeout_s=60)
        if status != 307:
            fail(f"{node.name} takes a change: {status} {said}")
    cluster.leader.program = cluster.program
    cluster.leader.start()
    cluster.await_level(*followers)
    cluster.check_copy(*followers)
    return f"all upgraded, {cluster.leader.name} last"


def put_back(cluster):
    """A leader that is put back to a backup is not believed by who has more; one of those leads."""
    old, followers = cluster.leader, cluster.followers()
    kept, before = restore_older(cluster)
    copies = cluster.copies_of(old)

    # Where its settings name members it cannot record without them.
    restart(old, None, copies)
    for node in copies:
        await_(f"{node.name} has stopped",
               lambda node=node: f"has other events than this copy after revision {kept}"
               in node.state().get("halted", ""))
    status, said = old.change(new_principal("stray"), timeout_s=60)
    if status != 503 or "nothing can be recorded now" not in said:
        fail(f"{old.name} records without its members: {status} {said}")

    # Alone it can, in a term of its own, and nobody takes it.
    restart(old, None)
    code, (leads,) = cluster.status(old)
    if code != 0 or (leads["role"], leads["term"], leads["last"]) != ("leader", before["term"] + 1,
                                                                     kept):
        fail(f"{old.name} put back to {kept} is {leads}")
    old.must_change(new_principal("stray"))
    for node in copies:
        code, found = cluster.verify(node)
        if code != 1 or found["equal"] or found["firstOtherEntry"] != kept + 1:
            fail(f"replica verify of {node.name}: {code} {found}")
    code, states = cluster.status(*followers)
    if code != 1 or any((state["last"], state["root"]) != (before["last"], before["root"])
                        for state in states):
        fail(f"followers of what was put back: {code} {states}, not {before}")

    promote_newest(cluster)
    come_back_as_follower(cluster, old, kept)
    return f"{old.name} put back to {kept} of {before['last']}, {cluster.leader.name} leads"


def restore_older(cluster):
    """Puts the leader's disk back: the newest revision it has then, and what it was before.

    All followers have all that was acknowledged, and nobody writes to the leader or asks it.
    """
    leader, followers = cluster.leader, cluster.followers()
    backup = cluster.back_up(leader)
    cluster.clients.use(None, followers)
    cluster.await_level(*followers)
    before = leader.must_state()
    leader.stop()
    shutil.rmtree(leader.store)
    code, restored = run(cluster.program, "restore", backup, "--store", leader.store)
    if code != 0 or restored["revision"] >= before["last"]:
        fail(f"restore of a backup before {before['last']}: {code} {restored}")
    return restored["revision"], before


def promote_newest(cluster):
    """As the recipe chooses: the highest LAST in the highest TERM."""
    old, followers = cluster.leader, cluster.followers()
    old.stop()
    cluster.chance.shuffle(followers)
    _, states = cluster.status(*followers)
    newest = max(range(len(followers)), key=lambda i: (states[i]["lastTerm"], states[i]["last"]))
    new = followers[newest]
    new.stop()
    others = [node.url() for node in followers if node is not new]
    carry_out(cluster.program, "replica", "promote", "--store", new.store,
              *(["--among", *others] if others else []))
    restart(new, None)
    cluster.leader = new
    cluster.clients.use(new, followers)
    for node in cluster.copies_of(old):
        restart(node, new)
    cluster.await_level(*followers)
    cluster.check_copy(*cluster.copies_of(new))


def come_back_as_follower(cluster, old, kept):
    """What only the old leader has it keeps until somebody has looked; with an empty disk it
    copies."""
    restart(old, cluster.leader)
    await_(f"{old.name} has stopped", lambda: old.state().get("halted"))
    old.stop()
    events = subprocess.run([cluster.program, "events", "--store", old.store, "--from",
                             str(kept + 1)], stdout=subprocess.PIPE, text=True, check=True).stdout
    if "stray" not in events:
        fail(f"{old.name} does not keep what only it has: {events}")
    shutil.rmtree(old.store)
    old.start()
    cluster.clients.use(cluster.leader, list(cluster.nodes))
    cluster.await_level(old)
    cluster.check_copy(old)


def recipes(cluster, count):
    yield grow(cluster)
    left = []
    for _ in range(count):
        if not left:
            left = [replace_machine, replace_machine_by_backup, lose_disk, upgrade, put_back]
            cluster.chance.shuffle(left)
        yield left.pop()(cluster)


def main():
    given = arguments(5, "--upgraded")
    nodes = []
    with none_left(nodes):
        cluster = Cluster(given, nodes)
        cluster.clients.go_through(recipes(cluster, given.rounds))
        cluster.clients.stop()
        summary = check_at_end(cluster.clients, nodes)
        stop_and_verify([*cluster.followers(), cluster.leader])
        print(f"{SCRIPT}: {summary}")


if __name__ == "__main__":
    main()
