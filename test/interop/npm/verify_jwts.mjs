// Verifies JWTs with npm's jose.
//
//     node verify_jwts.mjs FILE
//
// Each line of FILE is a JSON object: `jwt`, with `jwk` (the public key; absent for a proof, which contains its own) and
// `typ`. Prints a line for each: "good", its algorithm, the thumbprint of its key, and its claims.
import { readFileSync } from "node:fs";
import { EmbeddedJWK, calculateJwkThumbprint, decodeProtectedHeader, importJWK, jwtVerify } from "jose";

for (const line of readFileSync(process.argv[2], "utf8").trim().split("\n")) {
    const { jwt, jwk, typ } = JSON.parse(line);
    const header = decodeProtectedHeader(jwt);
    const key = jwk ? await importJWK(jwk, header.alg) : EmbeddedJWK;
    const { payload } = await jwtVerify(jwt, key, { typ, requiredClaims: ["jti", "iat"] });
    console.log("good", header.alg, await calculateJwkThumbprint(jwk ?? header.jwk), JSON.stringify(payload));
}
