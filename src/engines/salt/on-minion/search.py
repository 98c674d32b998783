# The folders of executions, beyond the one that an order begins.


def find_folder(nonce):
    """The execution's folder; after a restart of the minion the only one of this name."""
    mine = own_folder(nonce)
    if exists(mine):
        return mine
    try:
        found = [name for name in os.listdir(BASE) if name.startswith(nonce + "-")]
    except OSError:
        found = []
    if len(found) != 1:
        return None
    # Another minion of this machine, alive, has its own.
    other = int(found[0].rsplit("-", 1)[1])
    return None if other != minion_pid() and stat_of(other) else "%s/%s" % (BASE, found[0])


def drop_elsewhere(ids):
    """Removes what is kept of executions that are over, where a minion before this one began them."""
    for nonce in ids:
        folder = find_folder(nonce)
        if folder is not None:
            remove(folder)


def sweep():
    """Removes what was never fetched, after a day."""
    write(BASE, "swept", "")
    for name in os.listdir(BASE):
        path = "%s/%s" % (BASE, name)
        try:
            if time.time() - os.lstat(path).st_mtime > 86400:
                remove(path)
        except OSError:
            pass


def packed(path, offset, most, room):
    """Bytes of a file from an offset, as much as fits compressed into so much room."""
    import binascii, zlib

    squeeze = zlib.compressobj(6)
    out, took = [], 0
    size = 0
    try:
        file = open(path, "rb")
    except OSError:
        return {"at": offset, "bytes": 0, "data": ""}
    with file:
        file.seek(offset)
        while took < most and size < room:
            chunk = file.read(min(65536, most - took))
            if not chunk:
                break
            took += len(chunk)
            # A flushed block at a time: what was taken is what is in it.
            part = squeeze.compress(chunk) + squeeze.flush(zlib.Z_SYNC_FLUSH)
            out.append(part)
            size += len(part)
    out.append(squeeze.flush())
    return {"at": offset, "bytes": took, "data": binascii.b2a_base64(b"".join(out), newline=False).decode()}
