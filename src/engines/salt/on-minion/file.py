# In the child process: a file task.
import grp, hashlib, os, stat


class Fault(Exception):
    pass


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


def ids(order):
    owner, group = -1, -1
    try:
        if order.get("owner") is not None:
            owner = int(order["owner"]) if order["owner"].isdigit() else pwd.getpwnam(order["owner"]).pw_uid
        if order.get("group") is not None:
            group = int(order["group"]) if order["group"].isdigit() else grp.getgrnam(order["group"]).gr_gid
    except KeyError:
        raise Fault("The owner of %s could not be set: there is no such user or group." % order["destination"])
    return owner, group


def check_place(destination):
    folder = os.path.dirname(destination) or "/"
    if not os.path.isdir(folder):
        raise Fault("There is no folder %s/ on this host, or the account may not enter it." % folder.rstrip("/"))
    if os.path.isdir(destination):
        raise Fault("%s is a folder." % destination)


def same_content(order):
    path = order["destination"]
    found = os.lstat(path) if os.path.lexists(path) else None
    if found is None or not stat.S_ISREG(found.st_mode) or found.st_size != order["bytes"]:
        return False
    return sha256_of(path) == order["sha256"]


def wants(order, found):
    """Whether owner, group or mode are not what was asked."""
    owner, group = ids(order)
    mode = None if order.get("mode") is None else int(order["mode"], 8)
    return (
        (owner != -1 and found.st_uid != owner)
        or (group != -1 and found.st_gid != group)
        or (mode is not None and stat.S_IMODE(found.st_mode) != mode)
    )


def settle(order, path):
    owner, group = ids(order)
    try:
        if owner != -1 or group != -1:
            os.chown(path, owner, group)
    except OSError:
        raise Fault("The owner of %s could not be set." % order["destination"])
    try:
        if order.get("mode") is not None:
            os.chmod(path, int(order["mode"], 8))
    except OSError:
        raise Fault("The mode of %s could not be set." % order["destination"])


def place_file(order, content):
    """
    Puts the content in its place: into a private file beside it, checked, owner and mode set, the old one kept, then an
    atomic rename. Returns what is to be run afterwards. With `check` it says what it would do.
    """
    made = None
    path = order["destination"]
    try:
        check_place(path)
        old = os.lstat(path) if os.path.lexists(path) else None
        after = order.get("after") or None
        if same_content(order):
            if not wants(order, old):
                say("unchanged: %s\n" % path, 1)
                return after if order["afterAlways"] and not order["check"] else None
            if order["check"]:
                say("owner and mode would be set: %s\n" % path, 1)
                return None
            settle(order, path)
            say("owner and mode set: %s\n" % path, 1)
            return after
        if order["check"]:
            ids(order)
            say("would be %s: %s (%d bytes, SHA-256 %s…)\n" % (
                "written" if old is None else "replaced", path, order["bytes"], order["sha256"][:12]), 1)
            return None
        made = os.path.join(os.path.dirname(path), ".omserver-" + order["id"])
        digest = hashlib.sha256()
        try:
            target = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            made = None
            raise Fault("No file can be made in %s/: %s." % (os.path.dirname(path), os.strerror(error.errno)))
        try:
            for chunk in iter(lambda: os.read(content, 1 << 20), b""):
                digest.update(chunk)
                view = memoryview(chunk)
                while view:
                    view = view[os.write(target, view) :]
            os.fsync(target)
        except OSError as error:
            raise Fault("The content could not be written beside %s: %s." % (path, os.strerror(error.errno)))
        finally:
            os.close(target)
        if digest.hexdigest() != order["sha256"]:
            raise Fault("The content arrived cut or damaged (SHA-256 %s); %s was left as it was." % (
                digest.hexdigest(), path))
        if old is not None and stat.S_ISREG(old.st_mode):
            os.chmod(made, stat.S_IMODE(old.st_mode) & 0o777)
            if os.getuid() == 0:
                os.chown(made, old.st_uid, old.st_gid)
                os.chmod(made, stat.S_IMODE(old.st_mode))
        else:
            os.chmod(made, 0o644)
        settle(order, made)
        kept = keep_old(path) if old is not None and order["keepOld"] else None
        os.rename(made, path)
        made = None
        say("written: %s (%d bytes, SHA-256 %s…%s)\n" % (
            path, order["bytes"], order["sha256"][:12], ", old one kept as " + kept if kept else ""), 1)
        return after
    except Fault as fault:
        say("%s\n" % fault)
    except OSError as error:
        say("%s: %s\n" % (path, os.strerror(error.errno)))
    if made is not None:
        os.unlink(made)
    os._exit(1)


def keep_old(path):
    while True:
        kept = path + time.strftime(".%Y%m%dT%H%M%SZ~", time.gmtime())
        if not os.path.lexists(kept):
            break
        time.sleep(0.2)
    try:
        os.link(path, kept, follow_symlinks=False)
    except OSError:
        import shutil

        try:
            shutil.copy2(path, kept, follow_symlinks=False)
        except OSError:
            raise Fault("The old %s could not be kept as %s." % (path, kept))
    return kept
