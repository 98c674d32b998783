"""
Asks the engine that started `ssh`: for the password behind a prompt, or whether a host's key is known.
`ask.py password PROMPT` is SSH_ASKPASS; `ask.py hostkey REASON NAME TYPE KEY` is KnownHostsCommand.
"""
import json
import os
import socket
import sys


def main():
    kind, rest = sys.argv[1], sys.argv[2:]
    if kind == 'password':
        question = {'ask': 'password', 'prompt': rest[0]}
    else:
        question = {'ask': 'hostkey', 'name': rest[1], 'type': rest[2], 'key': rest[3]}
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    channel.connect(os.path.join(os.environ['OMSERVER_JOB_FOLDER'], 'engine'))
    channel.sendall(json.dumps(question).encode('utf-8') + b'\n')
    data = b''
    while not data.endswith(b'\n'):
        chunk = channel.recv(65536)
        if not chunk:
            sys.exit(1)
        data += chunk
    answer = json.loads(data.decode('utf-8'))
    if 'text' not in answer:
        sys.exit(1)
    sys.stdout.write(answer['text'] + '\n')


main()
