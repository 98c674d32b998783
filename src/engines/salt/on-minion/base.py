# What OMServer's Salt engine runs on a minion, by the minion's own Python (3.6 or newer, standard library only).
# programs.ts puts together the parts that an order needs. The whole gets one order (JSON, variable TEXT) and prints one
# answer (JSON). Nothing of it stays on the host: its text comes with every job, and what it keeps of an execution is a
# folder below /var/tmp that is removed once it has been read.
#
# Every host pays for every import and every line in every job. So what each order goes through does without the modules
# that are written in Python (even os: what is used of it is posix's), and what few orders need is in parts that travel
# along and are compiled when they are needed: see rest().
import posix, sys, time

os = posix
BASE = "/var/tmp/.omserver-%d" % os.getuid()
# In the environment of all that a task starts; its value is the name of the execution's folder.
MARK = "OMSERVER_EXECUTION"
# What this text can do: each part adds its own.
OPERATIONS = {}
# The execution whose process was made, if it was: from then on no fault may be told as “nothing was run”.
BEGUN = []


class Refused(Exception):
    """Nothing was run, and this is why."""


class Reading:
    """How Python's own json reads by default."""

    strict = True
    object_hook = object_pairs_hook = parse_constant = None
    parse_float, parse_int = float, int


try:
    # The half of json that is written in C, without the other half's import of re.
    import _json

    def loads(text, scan=_json.make_scanner(Reading)):
        return scan(text, 0)[0]

    def dumps(value, write=_json.make_encoder(None, str, _json.encode_basestring_ascii, None, ": ", ", ", False, False, True)):
        return "".join(write(value, 0))

    assert loads(dumps({"é": [None, True, 1, {}]})) == {"é": [None, True, 1, {}]}
except Exception:
    from json import dumps, loads


def rest():
    """Brings in the parts that this order rarely needs. Not for the child process, which has another input."""
    if REST:
        exec(compile(REST.pop()(), "omserver", "exec"), globals())


def minion_pid():
    # This process is a child of a job's process, and that of the minion's main process: the same for all of its jobs.
    return (stat_of(os.getppid()) or (0, 0, 0, "", ""))[0]


def stat_of(pid):
    """Parent, process group, session, state and start time of a process; None where it is gone or /proc is missing."""
    try:
        fields = content_of("/proc/%d/stat" % pid).rsplit(b") ", 1)[1].split()
        return int(fields[1]), int(fields[2]), int(fields[3]), fields[0].decode(), fields[19].decode()
    except (OSError, IndexError, ValueError):
        return None


def content_of(path, most=1 << 30):
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        parts = []
        while most > 0:
            part = os.read(file, min(most, 65536))
            if not part:
                break
            parts.append(part)
            most -= len(part)
        return b"".join(parts)
    finally:
        os.close(file)


def exists(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False
