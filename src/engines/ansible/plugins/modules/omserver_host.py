#!/usr/bin/python
# -*- coding: utf-8 -*-
"""
What OMServer's Ansible engine does on a host: runs a program, ends what it left, looks at and finishes a file.

Ansible hands it over on Python's stdin (pipelining) with one argument: base64 of a JSON text, so that no value can be
read as Python. It imports nothing of Ansible, which makes it several times faster than a module that does, and runs
with Python 2.6 and newer.
"""
import base64
import errno
import hashlib
import json
import os
import re
import select
import signal
import sys
import tempfile
import time

ARGUMENTS = r'''<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>'''
MARK = 'OMSERVER_EXECUTION'
SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
QUIET_SECONDS = 5.0
CHUNK = 65536


def main():
    # Without this line in what came back it is certain that nothing of the task has run.
    sys.stdout.write('omserver begins\n')
    sys.stdout.flush()
    spec = json.loads(base64.b64decode(json.loads(ARGUMENTS)['spec']).decode('utf-8'))
    answer = {'run': run, 'end': end, 'look': look, 'finish': finish}[spec['mode']](spec)
    sys.stdout.write(json.dumps({'changed': True, 'omserver': answer}))


def now():
    """Seconds of a clock that nobody sets."""
    return os.times()[4]


def bytes_of(text):
    return text.encode('utf-8')


# --- run -----------------------------------------------------------------------------------------------------------

def run(spec):
    """Runs one program to its end, its time limit or the last of its output; then nothing of it is left unasked."""
    out_read, out_write = os.pipe()
    err_read, err_write = os.pipe()
    stdin = open_input(spec.get('stdin'))
    script = None if spec.get('script') is None else hold(bytes_of(spec['script']))
    pid = os.fork()
    if pid == 0:
        become_program(spec, stdin, out_write, err_write, script)
    for descriptor in (out_write, err_write, stdin, script):
        if descriptor is not None:
            os.close(descriptor)
    streams = {out_read: Stream(spec['limit']), err_read: Stream(spec['limit'])}
    timed_out, status, lost = watch(pid, streams, spec['seconds'])
    left = []
    if timed_out:
        left = end_all(spec['execution'], [pid])
        status = status if status is not None else reap(pid)
        drain(streams)
    return {
        'timedOut': timed_out,
        'left': left,
        'lost': lost,
        'exit': os.WEXITSTATUS(status) if status is not None and os.WIFEXITED(status) else None,
        'signal': signal_name(os.WTERMSIG(status)) if status is not None and os.WIFSIGNALED(status) else None,
        'stdout': streams[out_read].answer(),
        'stderr': streams[err_read].answer(),
    }


def open_input(text):
    return os.open(os.devnull, os.O_RDONLY) if text is None else hold(base64.b64decode(text))


def hold(data):
    """A descriptor of a file without a name that holds the bytes; in memory where the host can."""
    if hasattr(os, 'memfd_create'):
        descriptor = os.memfd_create('omserver')
    else:
        named, path = tempfile.mkstemp()
        os.unlink(path)
        descriptor = named
    view = memoryview(data)
    while len(view) > 0:
        view = view[os.write(descriptor, view):]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def become_program(spec, stdin, out, err, script):
    """In the child: never returns."""
    try:
        os.setsid()
        if script is not None:
            # Out of the way of 0 to 3 first.
            script = duplicate_high(script)
        stdin, out, err = duplicate_high(stdin), duplicate_high(out), duplicate_high(err)
        for number, descriptor in ((0, stdin), (1, out), (2, err)) + (((3, script),) if script is not None else ()):
            os.dup2(descriptor, number)
            inherit(number)
        close_from(3 if script is None else 4)
        for name in ('SIGPIPE', 'SIGXFZ', 'SIGXFSZ'):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_DFL)
        environment = dict(os.environ)
        path = environment.get('PATH', '')
        environment['PATH'] = (path + ':' if path else '') + SYSTEM_PATH
        for name, value in spec['environment'].items():
            environment[name] = native(value)
        argv = [native(word) for word in spec['argv']]
        try:
            os.chdir(environment.get('HOME', '/'))
        except OSError:
            os.chdir('/')
        try:
            os.execvpe(argv[0], argv, environment)
        except OSError as error:
            number = error.errno
            message = '%s: %s\n' % (argv[0], os.strerror(number))
            os.write(2, message if isinstance(message, bytes) else message.encode('utf-8', 'surrogateescape'))
            os._exit(127 if number in (errno.ENOENT, errno.ENOTDIR) else 126)
    except BaseException as error:  # The child of a fork must not come back into the parent's code.
        os.write(2, ('omserver: %r\n' % (error,)).encode('ascii', 'replace'))
    os._exit(125)


def native(text):
    """A word for exec, in the bytes of UTF-8 whatever the host's locale is."""
    return text.encode('utf-8')


def duplicate_high(descriptor):
    import fcntl
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10)


def inherit(descriptor):
    import fcntl
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFD)
    fcntl.fcntl(descriptor, fcntl.F_SETFD, flags & ~fcntl.FD_CLOEXEC)


def close_from(lowest):
    try:
        numbers = [int(name) for name in os.listdir('/proc/self/fd')]
    except OSError:
        numbers = range(lowest, 256)
    for number in numbers:
        if number >= lowest:
            try:
                os.close(number)
            except OSError:
                pass


class Stream(object):
    """Keeps the first bytes of a stream and counts the rest."""

    def __init__(self, limit):
        self.limit = limit
        self.kept = []
        self.bytes = 0

    def take(self, data):
        room = self.limit - self.bytes
        self.bytes += len(data)
        if room > 0:
            self.kept.append(data[:room])

    def answer(self):
        return {'data': base64.b64encode(b''.join(self.kept)).decode('ascii'), 'bytes': self.bytes}


def watch(pid, streams, seconds):
    """Reads until both streams end, or the program has ended and nothing came for a while, or the time is over."""
    deadline = now() + seconds
    status = None
    quiet_since = None
    # A descriptor's stream is over when its read gives nothing; what a left-over process holds open is not waited for.
    reading = dict(streams)
    while reading:
        left = deadline - now()
        if left <= 0 and status is None:
            return True, None, False
        wait = 0.1 if status is None else 0.5
        ready = wait_readable(list(reading), min(wait, max(left, 0.0)) if status is None else wait)
        for descriptor in ready:
            data = read(descriptor)
            if data:
                reading[descriptor].take(data)
                quiet_since = None
            else:
                del reading[descriptor]
        if ready:
            continue
        if status is None:
            status = poll(pid)
            continue
        quiet_since = quiet_since or now()
        if now() - quiet_since > QUIET_SECONDS:
            return False, status, True
    while status is None:
        status = poll(pid)
        if status is not None:
            break
        if now() > deadline:
            return True, None, False
        time.sleep(0.002)
    return False, status, False


def wait_readable(descriptors, seconds):
    try:
        return select.select(descriptors, [], [], seconds)[0]
    except select.error:
        return []


def read(descriptor):
    try:
        return os.read(descriptor, CHUNK)
    except OSError:
        return b''


def poll(pid):
    done, status = os.waitpid(pid, os.WNOHANG)
    return status if done == pid else None


def reap(pid):
    for _ in range(100):
        status = poll(pid)
        if status is not None:
            return status
        time.sleep(0.02)
    return None


def drain(streams):
    """What was printed before the end."""
    for descriptor, stream in streams.items():
        while wait_readable([descriptor], 0):
            data = read(descriptor)
            if not data:
                break
            stream.take(data)


def signal_name(number):
    for name in dir(signal):
        if re.match(r'SIG[A-Z0-9]+$', name) and getattr(signal, name) == number and name not in ('SIGCLD', 'SIGIOT'):
            return name[3:]
    return str(number)


# --- end -----------------------------------------------------------------------------------------------------------

def end(spec):
    """Ends all processes of an execution; twice, as one may have been about to begin."""
    left = end_all(spec['execution'], [])
    if not left:
        time.sleep(0.2)
        left = end_all(spec['execution'], [])
    return {'left': left}


def end_all(execution, sessions):
    """TERM, two seconds later KILL, until none is left; the processes that are still there after that."""
    known = set()
    began = now()
    forced = False
    while True:
        victims = processes_of(execution, sessions, known)
        known.update(victims)
        if not victims:
            return []
        passed = now() - began
        if passed > 6.0:
            return sorted(victims)
        if passed > 2.0:
            forced = True
        for pid in victims:
            for number in ((signal.SIGKILL,) if forced else (signal.SIGTERM, signal.SIGCONT)):
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
        time.sleep(0.05 if passed < 0.5 else 0.2)


def processes_of(execution, sessions, known):
    """Those with the execution's mark in environment or command line, of its sessions, and all their descendants."""
    mark = bytes_of('%s=%s' % (MARK, execution))
    parents, chosen, alive = {}, set(), set()
    for name in os.listdir('/proc'):
        if not name.isdigit():
            continue
        pid = int(name)
        stat = slurp('/proc/%s/stat' % name)
        if b')' not in stat:
            continue
        fields = stat[stat.rindex(b')') + 2:].split()
        if fields[0] in (b'Z', b'X'):
            continue
        alive.add(pid)
        parents[pid] = int(fields[1])
        group, session = int(fields[2]), int(fields[3])
        if pid in known or group in sessions or session in sessions:
            chosen.add(pid)
        elif is_marked(name, mark):
            chosen.add(pid)
    # A process that was ours stays ours only while it lives: a number may be given to another.
    known.intersection_update(alive)
    grown = True
    while grown:
        more = set(pid for pid in alive if pid not in chosen and parents[pid] in chosen)
        chosen.update(more)
        grown = bool(more)
    spared = os.getpid()
    while spared > 1:
        chosen.discard(spared)
        spared = parents.get(spared, 0)
    return chosen


def is_marked(pid, mark):
    entries = slurp('/proc/%s/environ' % pid).split(b'\0')
    # Where this host is the controller itself: Ansible and its ssh name the mark, too, and are not meant.
    if any(entry.startswith(b'OMSERVER_JOB_FOLDER=') for entry in entries):
        return False
    return mark in entries or mark in slurp('/proc/%s/cmdline' % pid)


def slurp(path):
    try:
        with open(path, 'rb') as file:
            return file.read()
    except (IOError, OSError):
        return b''


# --- files ---------------------------------------------------------------------------------------------------------

def look(spec):
    """Whether a file can be put there, and whether its content is there already."""
    path = bytes_of(spec['destination'])
    folder = os.path.dirname(path) or b'/'
    if not os.path.isdir(folder):
        return {'problem': 'There is no folder %s/ on this host, or the account may not enter it.' % shown(folder)}
    if os.path.isdir(path) and not os.path.islink(path):
        return {'problem': '%s is a folder.' % spec['destination']}
    for kind, finder in (('owner', account), ('group', group)):
        name = spec.get(kind)
        if name is not None and not finder(name):
            return {'problem': 'The %s of %s could not be set: this host has no “%s”.' % (kind, spec['destination'], name)}
    there = os.path.lexists(path)
    plain = there and os.path.isfile(path) and not os.path.islink(path)
    same = plain and sha256(path) == spec['sha256']
    return {'there': there, 'same': bool(same)}


def account(name):
    import pwd
    return found(pwd.getpwnam, name) or (name.isdigit())


def group(name):
    import grp
    return found(grp.getgrnam, name) or (name.isdigit())


def found(finder, name):
    try:
        finder(str(name))
        return True
    except (KeyError, ValueError, UnicodeError):
        return False


def finish(spec):
    """Checks what was put there, gives the kept file its name, then runs what comes after."""
    path = bytes_of(spec['destination'])
    if sha256(path) != spec['sha256']:
        return {'problem': '%s does not hold the content that was sent (SHA-256 differs).' % spec['destination']}
    kept = None
    if spec.get('backup'):
        kept = keep_as(bytes_of(spec['backup']), path)
    answer = {'kept': None if kept is None else shown(kept)}
    if spec.get('after'):
        answer['after'] = run(dict(spec['after'], execution=spec['execution']))
    return answer


def keep_as(backup, path):
    while True:
        name = path + time.strftime('.%Y%m%dT%H%M%SZ~', time.gmtime()).encode('ascii')
        if not os.path.lexists(name):
            os.rename(backup, name)
            return name
        time.sleep(1)


def sha256(path):
    digest = hashlib.sha256()
    try:
        with open(path, 'rb') as file:
            for data in iter(lambda: file.read(1 << 20), b''):
                digest.update(data)
    except (IOError, OSError):
        return None
    return digest.hexdigest()


def shown(path):
    return path.decode('utf-8', 'replace')


if __name__ == '__main__':
    main()
