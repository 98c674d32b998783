"""
The way from Ansible's own processes to the engine that started them. Loaded by launch.py, and so known to all plugins.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
import socket

JOB = os.environ.get('OMSERVER_JOB_FOLDER', '')
OUTPUT = os.environ.get('OMSERVER_OUTPUT_FOLDER', '')


def ask(question):
    """Asks the engine; its answer is one JSON line."""
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        channel.connect(os.path.join(JOB, 'engine'))
        channel.sendall(json.dumps(question).encode('utf-8') + b'\n')
        data = b''
        while not data.endswith(b'\n'):
            chunk = channel.recv(65536)
            if not chunk:
                return {'problem': 'The engine did not answer.'}
            data += chunk
        return json.loads(data.decode('utf-8'))
    finally:
        channel.close()


def lay_down(name, data):
    """
    Long output goes to the engine through a file, not through the queues and events of Ansible. Returns its path;
    nothing when the disk did not take it.
    """
    path = os.path.join(OUTPUT, name)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except (IOError, OSError):
        return None
    try:
        with os.fdopen(descriptor, 'wb') as file:
            file.write(data)
        return path
    except (IOError, OSError):
        os.unlink(path)
        return None


def wait_for_room(size):
    """After so many bytes were laid down: until the engine has room for more, which may take long."""
    try:
        ask({'ask': 'room', 'bytes': size})
    except (IOError, OSError):
        # The engine is gone, and this process is about to be.
        pass
