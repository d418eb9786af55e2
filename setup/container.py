"""Starts JupyterLab with the command of the Dockerfile, which CMD holds as JSON, and as Binder does; asks each for the Go kernel and starts it."""

import json
import os
import secrets
import subprocess
import time
import urllib.request

BINDER = ["python3", "-c", "import os, sys, jupyterlab; os.execvp('jupyter-lab', sys.argv)", "--ip=0.0.0.0"]
TOKEN = secrets.token_hex()


def start_kernel():
    request = urllib.request.Request("http://localhost:8888/api/kernels", data=b'{"name": "gonb"}', headers={"Authorization": "token " + TOKEN})
    return json.load(urllib.request.urlopen(request))["execution_state"]


for command in json.loads(os.environ["CMD"]), BINDER:
    command = [word.replace("0.0.0.0", "127.0.0.1") for word in command]  # no container keeps others away from the port
    server = subprocess.Popen(command + ["--port=8888", "--NotebookApp.token=" + TOKEN])
    try:
        for tries_left in range(60, -1, -1):
            time.sleep(1)
            try:
                print("container: JupyterLab has started the kernel:", start_kernel(), flush=True)
                break
            except OSError:
                if not tries_left:
                    raise
    finally:
        server.terminate()
        server.wait()
