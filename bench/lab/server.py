"""The servers that every client is measured against, each with a fixed answer: nginx, and for HTTP/2 haproxy."""

import os
import shutil
import socket
import subprocess
import tempfile
import time

ANSWER = ('{"access_token":"%s","issued_token_type":"urn:ietf:params:oauth:token-type:access_token",'
          '"token_type":"Bearer","expires_in":3600}' % ("x" * 700))

CONFIGURATION = """
worker_processes 1;
worker_rlimit_nofile 65536;
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    http2_max_concurrent_streams 128;
    keepalive_requests 1000000000; keepalive_timeout 1h; keepalive_time 24h;
    default_type application/json;
    ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;
    ssl_protocols TLSv1.3;
    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    ssl_session_cache off;
    server {{
        listen 127.0.0.1:{resuming} ssl http2 backlog=8192;
        ssl_session_tickets on;
        location = /use/token {{ return 200 '{answer}'; }}
        location = /read/token {{ proxy_pass http://unix:{folder}/inner; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
    server {{
        listen unix:{folder}/inner;
        location = /read/token {{ return 200 '{answer}'; }}
    }}
    server {{
        listen 127.0.0.1:{full} ssl backlog=8192;
        ssl_session_tickets off;
        location = /use/token {{ return 200 '{answer}'; }}
    }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Started on one core; `url` lets sessions be resumed, `full_url` does not."""

    def __init__(self, core):
        self.folder = tempfile.mkdtemp(prefix="sts-bench-")
        self.ca_file = os.path.join(self.folder, "certificate.pem")
        self.subject_token_file = os.path.join(self.folder, "subject-token")
        with open(self.subject_token_file, "w") as file:
            file.write("eyJhbGciOiJFUzI1NiJ9." + "x" * 1179)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", self.folder + "/key.pem", "-out", self.ca_file, "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, stderr=subprocess.DEVNULL)
        resuming, full = free_port(), free_port()
        self.url = f"https://localhost:{resuming}/use/token"
        self.full_url = f"https://localhost:{full}/use/token"
        configuration = os.path.join(self.folder, "nginx.conf")
        with open(configuration, "w") as file:
            file.write(CONFIGURATION.format(folder=self.folder, resuming=resuming, full=full, answer=ANSWER))
        self.process = subprocess.Popen(["taskset", "-c", str(core), "nginx", "-c", configuration],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", full)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError("nginx did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
