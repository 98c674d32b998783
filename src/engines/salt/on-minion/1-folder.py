# What OMServer's Salt engine runs on a minion, by the minion's own Python (3.6 or newer, standard library only).
# These files are put together in their order (see orders.ts). The whole gets one order (JSON, variable ORDER) and prints
# one answer (JSON). Nothing of it stays on the host: its text comes with every job, and what it keeps of an execution is
# a folder below /var/tmp that is removed once it has been read.
import base64, errno, fcntl, grp, hashlib, json, os, pwd, select, shutil, signal, stat, sys, tempfile, time, zlib

BASE = "/var/tmp/.omserver-%d" % os.getuid()
# In the environment of all that a task starts; its value is the name of the execution's folder.
MARK = "OMSERVER_EXECUTION"
# The execution whose process was made, if it was: from then on no fault may be told as “nothing was run”.
BEGUN = []


class Refused(Exception):
    """Nothing was run, and this is why."""


def minion_pid():
    # This process is a child of a job's process, and that of the minion's main process: the same for all of its jobs.
    return (stat_of(os.getppid()) or (0, 0, 0, "", ""))[0]


def stat_of(pid):
    """Parent, process group, session, state and start time of a process; None where it is gone or /proc is missing."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read().rsplit(b") ", 1)[1].split()
        return int(fields[1]), int(fields[2]), int(fields[3]), fields[0].decode(), fields[19].decode()
    except (OSError, IndexError, ValueError):
        return None


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
                shutil.rmtree(path, ignore_errors=True)
        except OSError:
            pass


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
    return {"at": offset, "bytes": took, "data": base64.b64encode(b"".join(out)).decode()}
