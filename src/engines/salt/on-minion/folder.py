# The folders of executions.


def base_folder():
    try:
        os.mkdir(BASE, 0o700)
    except FileExistsError:
        pass
    found = os.lstat(BASE)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise Refused("%s on this host is not a private folder of the minion's account; remove it." % BASE)


def own_folder(nonce):
    return os.path.join(BASE, "%s-%d" % (nonce, minion_pid()))


def find_folder(nonce):
    """The execution's folder; after a restart of the minion the only one of this name."""
    mine = own_folder(nonce)
    if os.path.isdir(mine):
        return mine
    try:
        found = [name for name in os.listdir(BASE) if name.startswith(nonce + "-")]
    except OSError:
        found = []
    if len(found) != 1:
        return None
    # Another minion of this machine, alive, has its own.
    other = int(found[0].rsplit("-", 1)[1])
    return None if other != minion_pid() and stat_of(other) else os.path.join(BASE, found[0])


def claim(nonce):
    """Takes the execution's folder for the one run that may be. A second order, or one after its end, is refused."""
    folder = private_folder(nonce)
    try:
        os.close(os.open(os.path.join(folder, "begun"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise Refused("twice")
    if os.path.exists(os.path.join(folder, "stop")):
        write(folder, "refused", "")
        raise Refused("stopped")
    sweep()
    return folder


def private_folder(nonce):
    base_folder()
    folder = own_folder(nonce)
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    return folder


def sweep():
    """Removes what was never fetched, after a day."""
    for name in os.listdir(BASE):
        path = os.path.join(BASE, name)
        try:
            if time.time() - os.lstat(path).st_mtime > 86400:
                remove(path)
        except OSError:
            pass


def remove(folder):
    """A folder of an execution, which has no folders in it. What cannot be removed stays for the next sweep."""
    try:
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)
    except OSError:
        pass


def drop(ids):
    """Removes what is kept of executions that are over."""
    there = os.listdir(BASE) if ids else []
    for nonce in ids:
        folder = find_folder(nonce) if any(name.startswith(nonce + "-") for name in there) else None
        if folder is not None:
            remove(folder)


def write(folder, name, text):
    part = os.path.join(folder, name + ".part")
    with open(part, "w") as file:
        file.write(text)
    os.rename(part, os.path.join(folder, name))


def read(folder, name):
    try:
        with open(os.path.join(folder, name)) as file:
            return file.read()
    except OSError:
        return None


def packed(path, offset, most, room):
    """Bytes of a file from an offset, as much as fits compressed into so much room."""
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
