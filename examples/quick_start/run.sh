rm -rf mock
sts-token serve-mock --dir mock --port 8443 &
until [ -e mock/id_token ]; do kill -0 $! || break; sleep 0.1; done
export EQUINIX_STS_ENDPOINT=https://localhost:8443 SSL_CERT_FILE=$PWD/mock/ca.pem
export EQUINIX_TOKEN_EXCHANGE_SCOPE=roleassignments:4711
export EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN="$(cat mock/id_token)"
./build/quick_start
