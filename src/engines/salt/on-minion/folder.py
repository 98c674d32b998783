# The folders of executions.


def base_folder():
    try:
        os.mkdir(BASE, 0o700)
    except FileExistsError:
        pass
    found = os.lstat(BASE)
    # A folder (S_ISDIR), ours, and nobody else's.
    if found.st_mode & 0o170077 != 0o040000 or found.st_uid != os.getuid():
        raise Refused("%s on this host is not a private folder of the minion's account; remove it." % BASE)


def own_folder(nonce):
    return "%s/%s-%d" % (BASE, nonce, minion_pid())


def claim(nonce):
    """Takes the execution's folder for the one run that may be. A second order, or one after its end, is refused."""
    folder = private_folder(nonce)
    try:
        os.close(os.open(folder + "/begun", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise Refused("twice")
    if exists(folder + "/stop"):
        write(folder, "refused", "")
        raise Refused("stopped")
    return folder


def private_folder(nonce):
    base_folder()
    folder = own_folder(nonce)
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    return folder


def remove(folder):
    """A folder of an execution, which has no folders in it. What cannot be removed stays for the next sweep."""
    try:
        for name in os.listdir(folder):
            os.unlink("%s/%s" % (folder, name))
        os.rmdir(folder)
        return True
    except OSError:
        return False


def drop(ids):
    """Removes what is kept of executions that are over."""
    left = [nonce for nonce in ids if not remove(own_folder(nonce))]
    there = [name.split("-")[0] for name in os.listdir(BASE)] if left else []
    left = [nonce for nonce in left if nonce in there]
    # Most of them were other minions' alone.
    if left:
        rest()
        drop_elsewhere(left)


def write(folder, name, text):
    part = "%s/%s.part" % (folder, name)
    file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        data = text.encode("utf-8", "surrogateescape")
        while data:
            data = data[os.write(file, data) :]
    finally:
        os.close(file)
    os.rename(part, "%s/%s" % (folder, name))


def read(folder, name):
    try:
        return content_of("%s/%s" % (folder, name)).decode("utf-8", "surrogateescape")
    except OSError:
        return None
