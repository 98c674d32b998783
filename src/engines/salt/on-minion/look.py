# How far executions are, and their output.


def look(order):
    """How far executions are; with their new output since the last look."""
    return {"looked": {nonce: look_at(nonce, order["room"]) for nonce in order["ids"]}}


def look_at(nonce, room):
    folder = find_folder(nonce)
    if folder is None or read(folder, "keeper") is None:
        return None
    done = read(folder, "answer")
    if done is not None:
        return {"answer": loads(done)}
    told = loads(read(folder, "told") or "[0, 0]")
    out = packed(folder + "/out", told[0], 8 << 20, room)
    err = packed(folder + "/err", told[1], 8 << 20, room)
    write(folder, "told", dumps([told[0] + out["bytes"], told[1] + err["bytes"]]))
    keeper = stat_of(int(read(folder, "keeper")))
    return {"running": keeper is not None and keeper[3] not in "ZX", "out": out, "err": err}


def fetch(order):
    folder = find_folder(order["id"])
    if folder is None:
        raise Refused("The output is no longer on this host.")
    return packed("%s/%s" % (folder, order["stream"]), order["at"], order["most"], order["room"])


OPERATIONS.update(look=look, fetch=fetch)
