"""Compiled loops over edges and nodes; the only ones, and loaded only when a graph is first walked."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from drainage.arrays import Bools, Floats, Ints32
from drainage.compiling import compiled_for_many


@compiled_for_many()
def group(node: Ints32, n_nodes: int) -> tuple[Ints32, Ints32]:
    """Sort edges by one of their ends."""
    ptr = np.zeros(n_nodes + 1, np.int32)
    for i in node:
        ptr[i + 1] += 1
    for i in range(n_nodes):
        ptr[i + 1] += ptr[i]
    place = ptr[:-1].copy()
    edge = np.empty(len(node), np.int32)
    for k in range(len(node)):
        edge[place[node[k]]] = k
        place[node[k]] += 1
    return ptr, edge


@compiled_for_many()
def kahn(head: Ints32, ptr: Ints32, edge: Ints32, n_nodes: int) -> tuple[Ints32, bool]:
    """Rank nodes from upstream to downstream; False where a cycle stops the count."""
    waiting = np.zeros(n_nodes, np.int32)
    for i in head:
        waiting[i] += 1
    queue = np.empty(n_nodes, np.int32)
    rank = np.full(n_nodes, -1, np.int32)
    n_ready = 0
    for i in range(n_nodes):
        if waiting[i] == 0:
            queue[n_ready] = i
            n_ready += 1
    done = 0
    while done < n_ready:
        i = queue[done]
        rank[i] = done
        done += 1
        for k in edge[ptr[i] : ptr[i + 1]]:
            j = head[k]
            waiting[j] -= 1
            if waiting[j] == 0:
                queue[n_ready] = j
                n_ready += 1
    return rank, done == n_nodes


@compiled_for_many()
def walk(start: Ints32, allowed: Bools, ptr: Ints32, edge: Ints32, other: Ints32) -> tuple[Bools, Bools]:
    """Mark what can be reached from the start nodes along allowed edges."""
    n_nodes = len(ptr) - 1
    node_hit = np.zeros(n_nodes, np.bool_)
    edge_hit = np.zeros(len(edge), np.bool_)
    stack = np.empty(n_nodes, np.int32)
    top = 0
    for i in start:
        if not node_hit[i]:
            node_hit[i] = True
            stack[top] = i
            top += 1
    while top > 0:
        top -= 1
        i = stack[top]
        for k in edge[ptr[i] : ptr[i + 1]]:
            if allowed[k]:
                edge_hit[k] = True
                j = other[k]
                if not node_hit[j]:
                    node_hit[j] = True
                    stack[top] = j
                    top += 1
    return node_hit, edge_hit


@compiled_for_many()
def relax(
    order: Ints32,
    ptr: Ints32,
    edge: Ints32,
    head: Ints32,
    length: Floats,
    allowed: Bools,
    distance: Floats,
    nearest: Ints32,
) -> None:
    """Shorten distances with the flow until none shortens."""
    changed = True
    while changed:  # one sweep on a tree, a few more where there are cycles
        changed = False
        for i in order:
            if distance[i] == np.inf:
                continue
            for k in edge[ptr[i] : ptr[i + 1]]:
                reached = distance[i] + length[k]
                if allowed[k] and reached < distance[head[k]]:
                    distance[head[k]] = reached
                    nearest[head[k]] = nearest[i]
                    changed = True


@compiled_for_many(walks=True)
def count(
    start: Ints32, allowed: Bools, value: Floats, ptr: Ints32, edge: Ints32, head: Ints32
) -> tuple[Ints32, Ints32, Floats]:
    """Walk from each source on its own and count whom it reaches."""
    n_nodes = len(ptr) - 1
    node_count = np.zeros(n_nodes, np.int32)
    edge_count = np.zeros(len(edge), np.int32)
    total = np.zeros(len(start))
    seen_by = np.full(n_nodes, -1, np.int32)
    stack = np.empty(n_nodes, np.int32)
    for source in range(len(start)):
        stack[0] = start[source]
        seen_by[start[source]] = source
        top = 1
        while top > 0:
            top -= 1
            i = stack[top]
            node_count[i] += 1
            for k in edge[ptr[i] : ptr[i + 1]]:
                if allowed[k]:
                    edge_count[k] += 1
                    total[source] += value[k]
                    j = head[k]
                    if seen_by[j] != source:
                        seen_by[j] = source
                        stack[top] = j
                        top += 1
    return node_count, edge_count, total


@compiled_for_many()
def accumulate(
    order: Ints32, ptr: Ints32, edge: Ints32, head: Ints32, own: Floats, share: Floats
) -> tuple[Floats, Floats]:
    """Pass totals down in flow order."""
    node_total = own.copy()
    edge_total = np.zeros(len(edge))
    for i in order:
        for k in edge[ptr[i] : ptr[i + 1]]:
            edge_total[k] = share[k] * node_total[i]
            node_total[head[k]] += edge_total[k]
    return node_total, edge_total


@compiled_for_many()
def group_by_sources(given: Bools, order: Ints32, component: Ints32, ptr: Ints32, edge: Ints32, tail: Ints32) -> Ints32:
    """Number groups in flow order: a new one where a given node joins in or two groups meet."""
    group = np.full(len(order), -1, np.int32)
    n_groups = 0
    first = 0
    while first < len(order):
        here = component[order[first]]
        found = -1
        new = False
        last = first
        while last < len(order) and component[order[last]] == here:
            i = order[last]
            new |= given[i]
            for k in edge[ptr[i] : ptr[i + 1]]:
                above = group[tail[k]]
                if above >= 0 and component[tail[k]] != here:
                    new |= found >= 0 and above != found
                    found = above
            last += 1
        if new:
            found = n_groups
            n_groups += 1
        group[order[first:last]] = found
        first = last
    return group


@compiled_for_many()
def pass_largest(order: Ints32, component: Ints32, ptr: Ints32, edge: Ints32, tail: Ints32, largest: Floats) -> Floats:
    """Pass the largest value down in flow order, one component after the other."""
    first = 0
    while first < len(order):
        here = component[order[first]]
        most = largest[order[first]]
        last = first
        while last < len(order) and component[order[last]] == here:
            i = order[last]
            for k in edge[ptr[i] : ptr[i + 1]]:
                most = max(most, largest[tail[k]])
            last += 1
        largest[order[first:last]] = most
        first = last
    return largest


@compiled_for_many(walks=True)
def distances(
    start: Ints32, stop: Ints32, allowed: Bools, length: Floats, ptr: Ints32, edge: Ints32, head: Ints32
) -> tuple[Ints32, Ints32, Floats]:
    """Walk from each source on its own, nearest nodes first, and note the stops."""
    n_nodes = len(ptr) - 1
    distance = np.empty(n_nodes)
    seen_by = np.full(n_nodes, -1, np.int32)
    source_of = [np.int32(0) for _ in range(0)]
    stop_of = [np.int32(0) for _ in range(0)]
    way = [0.0 for _ in range(0)]
    for source in range(len(start)):
        distance[start[source]] = 0.0
        seen_by[start[source]] = source
        heap = [(0.0, start[source])]
        while len(heap) > 0:
            here, i = heappop(heap)
            if here > distance[i]:
                continue
            if stop[i] >= 0:
                source_of.append(np.int32(source))
                stop_of.append(stop[i])
                way.append(here)
            for k in edge[ptr[i] : ptr[i + 1]]:
                j = head[k]
                reached = here + length[k]
                if allowed[k] and (seen_by[j] != source or reached < distance[j]):
                    seen_by[j] = source
                    distance[j] = reached
                    heappush(heap, (reached, j))
    return np.array(source_of, np.int32), np.array(stop_of, np.int32), np.array(way, np.float64)
