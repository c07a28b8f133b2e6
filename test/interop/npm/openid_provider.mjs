// An OpenID provider, which also exchanges the ID tokens that it has issued (RFC 8693) and grants client credentials.
//
//     node openid_provider.mjs FOLDER PORT
//
// FOLDER has the certificate and its key, server.pem and server.key, and in client.json the id and the secret of the
// one client with a secret. ID tokens of each kind are put there, as good.jwt and the like, before the server listens;
// requests.log gets a line for each token request: its status, and the error if there is one.
import { generateKeyPairSync } from "node:crypto";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { createLocalJWKSet, jwtVerify } from "jose";
import Provider, { errors } from "oidc-provider";

const [folder, port] = process.argv.slice(2);
const issuer = `https://127.0.0.1:${port}`;
const tokenPath = "/use/token";
const exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
const idTokenType = "urn:ietf:params:oauth:token-type:id_token";
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";
const allowedScopes = ["roleassignments:1", "orgpolicies:1"];
const file = (name) => join(folder, name);

/** A client that may do no more than the grants say. */
const client = (id, how, more = {}) => ({
    client_id: id,
    token_endpoint_auth_method: how,
    grant_types: [],
    response_types: [],
    redirect_uris: [],
    id_token_signed_response_alg: "ES256",
    ...more,
});

/** A provider of this issuer, with a key of its own under the name that all of them give theirs. */
function makeProvider() {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const named = (key) => ({ ...key, kid: "signing", use: "sig", alg: "ES256" });
    const secret = JSON.parse(readFileSync(file("client.json"), "utf8"));
    const provider = new Provider(issuer, {
        jwks: { keys: [named(privateKey.export({ format: "jwk" }))] },
        clients: [
            client("workload", "none"), // whose ID tokens are accepted
            client("elsewhere", "none"), // and whose are not
            client("exchanger", "none", { grant_types: [exchangeGrant] }),
            client(secret.id, "client_secret_basic", {
                client_secret: secret.secret,
                grant_types: ["client_credentials"],
                scope: allowedScopes.join(" "),
            }),
        ],
        scopes: [...allowedScopes, "orgpolicies:2"],
        features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
        routes: { token: tokenPath },
        ttl: { AccessToken: 3600, ClientCredentials: 600, IdToken: 300 },
    });
    const { d, ...publicKey } = privateKey.export({ format: "jwk" });
    const keys = createLocalJWKSet({ keys: [named(publicKey)] });
    provider.registerGrantType(exchangeGrant, (ctx) => exchange(ctx, keys), [
        "scope",
        "subject_token",
        "subject_token_type",
    ]);
    return provider;
}

/** Whom an ID token is about; RFC 8693 section 2.2.2 has the error for one that is not good. */
async function verifiedSubject(token, keys) {
    try {
        const rules = { issuer, audience: "workload", algorithms: ["ES256"], requiredClaims: ["exp", "sub"] };
        return (await jwtVerify(token, keys, rules)).payload.sub;
    } catch (error) {
        throw new errors.InvalidRequest(`subject_token: ${error.code}: ${error.message}`);
    }
}

async function exchange(ctx, keys) {
    const { client, params, provider } = ctx.oidc;
    if (!params.subject_token) throw new errors.InvalidRequest("subject_token is missing");
    if (params.subject_token_type !== idTokenType)
        throw new errors.InvalidRequest("subject_token_type is not supported");
    const accountId = await verifiedSubject(params.subject_token, keys);
    const refused = (params.scope ?? "").split(" ").find((scope) => !allowedScopes.includes(scope));
    if (refused !== undefined) throw new errors.InvalidScope("requested scope is not allowed", refused);
    const token = new provider.AccessToken({ accountId, client, gty: exchangeGrant, scope: params.scope });
    ctx.body = {
        access_token: await token.save(),
        issued_token_type: accessTokenType,
        token_type: token.tokenType,
        expires_in: token.expiration,
        scope: token.scope,
    };
}

async function mint(name, provider, { audience = "workload", lifetime = 300 } = {}) {
    const token = new provider.IdToken({ sub: "a-workload" }, { client: await provider.Client.find(audience) });
    token.scope = "openid";
    const expiresAt = Math.floor(Date.now() / 1000) + lifetime;
    writeFileSync(file(name), await token.issue({ use: "idtoken", expiresAt }));
}

const provider = makeProvider();
await mint("good.jwt", provider);
await mint("expired.jwt", provider, { lifetime: -60 });
await mint("wrong_audience.jwt", provider, { audience: "elsewhere" });
await mint("forged.jwt", makeProvider());

provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === tokenPath) appendFileSync(file("requests.log"), `${ctx.status} ${ctx.body?.error ?? ""}\n`);
});
const certificate = { cert: readFileSync(file("server.pem")), key: readFileSync(file("server.key")) };
createServer(certificate, provider.callback()).listen(Number(port), "127.0.0.1");
