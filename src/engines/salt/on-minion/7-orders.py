# What else the engine asks of a minion, and the entry.


def look(order):
    """How far executions are; with their new output since the last look."""
    return {"looked": {nonce: look_at(nonce, order["room"]) for nonce in order["ids"]}}


def look_at(nonce, room):
    folder = find_folder(nonce)
    if folder is None or read(folder, "keeper") is None:
        return None
    done = read(folder, "answer")
    if done is not None:
        return {"answer": json.loads(done)}
    told = json.loads(read(folder, "told") or "[0, 0]")
    out = packed(os.path.join(folder, "out"), told[0], 8 << 20, room)
    err = packed(os.path.join(folder, "err"), told[1], 8 << 20, room)
    write(folder, "told", json.dumps([told[0] + out["bytes"], told[1] + err["bytes"]]))
    keeper = stat_of(int(read(folder, "keeper")))
    return {"running": keeper is not None and keeper[3] not in "ZX", "out": out, "err": err}


def fetch(order):
    folder = find_folder(order["id"])
    if folder is None:
        raise Refused("The output is no longer on this host.")
    return packed(os.path.join(folder, order["stream"]), order["at"], order["most"], order["room"])


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


def drop(order):
    for nonce in order["ids"]:
        folder = find_folder(nonce)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    return {"dropped": True}


def compare(order):
    """Whether a file task needs its content. Where the place itself is wrong it does not: the run will say so."""
    account = Account(order.get("become"))
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            account.become()
            check_place(order["destination"])
            say("same" if same_content(order) else "content", writer)
        except Fault:
            say("same", writer)
        except BaseException:
            say("content", writer)
        os._exit(0)
    os.close(writer)
    said = os.read(reader, 16)
    os.waitpid(pid, 0)
    return {"content": said == b"content"}


def put(order):
    """A piece of a file task's content. A piece that comes twice is written once."""
    folder = private_folder(order["id"])
    if os.path.exists(os.path.join(folder, "stop")):
        raise Refused("stopped")
    file = os.open(os.path.join(folder, "content"), os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(file, "wb") as target:
        target.seek(order["at"])
        target.write(zlib.decompress(base64.b64decode(order["data"])))
    return {"put": True}


OPERATIONS = {"run": run, "look": look, "fetch": fetch, "end": end, "drop": drop, "compare": compare, "put": put}


def main(order):
    os.umask(0o077)
    try:
        answer = OPERATIONS[order["do"]](order)
    except Refused as refused:
        answer = {"refused": str(refused)}
    except OSError as error:
        answer = {"broken" if BEGUN else "refused": "%s: %s" % (error.filename or "The host", os.strerror(error.errno or 0))}
    sys.stdout.write("omserver " + json.dumps(answer) + "\n")
    sys.stdout.flush()


main(ORDER)
