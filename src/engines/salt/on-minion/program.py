# In the child process: what replaces it, and what stands before that.


def say(text, stream=2):
    data = text.encode("utf-8", "surrogateescape")
    while data:
        data = data[os.write(stream, data) :]


def execute(argv, environment):
    try:
        os.execvpe(argv[0], argv, environment)
    except OSError as error:
        missing = error.errno in (errno.ENOENT, errno.ENOTDIR)
        say("%s: %s\n" % (argv[0], "not found" if missing else os.strerror(error.errno)))
        os._exit(127 if missing else 126)


def spooled(data):
    """A descriptor from which this text is read; no file of that name exists."""
    if hasattr(os, "memfd_create"):
        file = os.memfd_create("om")
    else:
        import tempfile

        with tempfile.TemporaryFile() as made:
            file = os.dup(made.fileno())
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
    os.lseek(file, 0, os.SEEK_SET)
    return file


def child(order, account, content, environment):
    """Never returns. Standard streams are in place, the process is the head of its own session."""
    os.umask(0o022)
    account.become()
    kind = order["kind"]
    if kind == "file":
        argv = place_file(order, content)
        if content >= 0:
            os.close(content)
        if argv is None:
            os._exit(0)
        execute(argv, environment)
    if kind == "script":
        script = spooled(order["script"].encode())
        if script != 3:
            os.dup2(script, 3)
            os.close(script)
        os.set_inheritable(3, True)
        execute(order["interpreter"] + ["/dev/fd/3"] + order["arguments"], environment)
    if order.get("stdin") is not None:
        os.dup2(spooled(binascii.a2b_base64(order["stdin"])), 0)
    execute(order["argv"], environment)
