# Ends executions.


def end(order):
    """Ends executions; one that has not begun cannot begin any more."""
    return {"ended": {nonce: end_one(nonce) for nonce in order["ids"]}}


def end_one(nonce):
    folder = find_folder(nonce) or private_folder(nonce)
    write(folder, "stop", "")
    until = time.time() + 15
    while True:
        if read(folder, "answer") is not None:
            return {"done": True}
        if read(folder, "begun") is None or read(folder, "refused") is not None:
            return {"never": True}
        # What keeps the task ends it, so that it can tell this end from the task's own.
        keeper = read(folder, "keeper")
        alive = keeper is None or stat_of(int(keeper)) is not None
        if not alive or time.time() > until:
            return {"left": end_tree(folder)}
        time.sleep(0.05)


OPERATIONS["end"] = end
