// A token endpoint over HTTP/2 alone: node http2_server.mjs PORT CERTIFICATE KEY MAX_STREAMS
// Each answer comes after up to 3 ms, so that they are shuffled. Its scope is that of the request.
import { createSecureServer } from "node:http2";
import { readFileSync } from "node:fs";

const [port, cert, key, streams] = process.argv.slice(2);
const server = createSecureServer({
    cert: readFileSync(cert),
    key: readFileSync(key),
    settings: { maxConcurrentStreams: Number(streams) },
});

function answer(stream, form) {
    if (stream.destroyed) return;
    stream.respond({ ":status": 200, "content-type": "application/json" });
    stream.end(JSON.stringify({
        access_token: "token-for-" + form.get("scope"),
        issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
        token_type: "Bearer",
        expires_in: 3600,
    }));
}

server.on("stream", stream => {
    let body = "";
    stream.on("error", () => {}); // reset by the client
    stream.setEncoding("utf8");
    stream.on("data", part => { body += part; });
    stream.on("end", () => setTimeout(answer, Math.random() * 3, stream, new URLSearchParams(body)));
});
server.on("sessionError", error => console.log("session: " + error.message));
server.on("session", session => {
    session.on("error", error => console.log("session: " + error.message));
});
server.listen(Number(port), "127.0.0.1");
