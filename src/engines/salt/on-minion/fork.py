# The way to start a task that always works: a copy of this process, which becomes it.


def say(text, stream=2):
    data = encoded(text)
    while data:
        data = data[os.write(stream, data) :]


def execute(argv, environment):
    _, problem = tried(os.execve, argv, environment)
    missing = problem == errno.ENOENT
    say(encoded(argv[0]) + encoded(": %s\n" % ("not found" if missing else os.strerror(problem))))
    os._exit(127 if missing else 126)


def child(order, account, content, environment):
    """Never returns. Standard streams are in place, the process is the head of its own session."""
    os.umask(0o022)
    account.become()
    if order["kind"] == "file":
        argv = place_file(order, content)
        if content >= 0:
            os.close(content)
        if argv is None:
            os._exit(0)
        execute(argv, environment)
    argv, texts = words_of(order)
    for number, text in texts.items():
        file = spooled(text)
        if file != number:
            os.dup2(file, number)
            os.close(file)
        os.set_inheritable(number, True)
    execute(argv, environment)


def fork(order, account, content, environment, outputs):
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
            os.dup2(outputs[0].writer, 1)
            os.dup2(outputs[1].writer, 2)
            for kind in (signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(kind, signal.SIG_DFL)
            if content >= 0:
                os.dup2(content, 3)
                content = 3
            os.closerange(4 if content == 3 else 3, 256)
            child(order, account, content, environment)
        except BaseException as error:
            try:
                say("The task could not be started: %s\n" % error)
            finally:
                os._exit(126)
    return pid
