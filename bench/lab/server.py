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
    upstream inner {{ server unix:{folder}/inner; keepalive 1024; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{resuming} ssl http2 backlog=8192;
        ssl_session_tickets on;
        location = /use/token {{ return 200 '{answer}'; }}
        location = /read/token {{ proxy_pass http://inner; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
    server {{
        listen unix:{folder}/inner backlog=4096;
        location = /read/token {{ return 200 '{answer}'; }}
    }}
    server {{
        listen 127.0.0.1:{full} ssl backlog=8192;
        ssl_session_tickets off;
        location = /use/token {{ return 200 '{answer}'; }}
    }}
}}
"""

HAPROXY = """
global
    nbthread 1
    maxconn 4096
    ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256
defaults
    mode http
    timeout client 1h
    timeout server 1h
    timeout connect 10s
frontend tokens
    bind 127.0.0.1:{port} ssl crt {folder}/haproxy.pem alpn h2
    http-request return status 200 content-type application/json file {folder}/answer.json
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
        resuming, full, self.haproxy = free_port(), free_port(), None
        self.read_url = f"https://localhost:{resuming}/read/token"
        self.url = f"https://localhost:{resuming}/use/token"
        self.full_url = f"https://localhost:{full}/use/token"
        configuration = os.path.join(self.folder, "nginx.conf")
        with open(configuration, "w") as file:
            file.write(CONFIGURATION.format(folder=self.folder, resuming=resuming, full=full, answer=ANSWER))
        self.process = subprocess.Popen(["taskset", "-c", str(core), "nginx", "-c", configuration],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for(full)

    def start_haproxy(self, core):
        """`haproxy_url` is its own answer, over HTTP/2 alone."""
        port = free_port()
        self.haproxy_url = f"https://localhost:{port}/use/token"
        both = os.path.join(self.folder, "haproxy.pem")
        with open(both, "w") as file:
            for name in ("certificate.pem", "key.pem"):
                with open(os.path.join(self.folder, name)) as part:
                    file.write(part.read())
        with open(os.path.join(self.folder, "answer.json"), "w") as file:
            file.write(ANSWER)
        configuration = os.path.join(self.folder, "haproxy.cfg")
        with open(configuration, "w") as file:
            file.write(HAPROXY.format(folder=self.folder, port=port))
        self.haproxy = subprocess.Popen(["taskset", "-c", str(core), "haproxy", "-db", "-f", configuration],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for(port)

    def wait_for(self, port):
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError("a server did not start")

    def stop(self):
        for one in (self.process, self.haproxy):
            if one is not None:
                one.terminate()
                one.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
