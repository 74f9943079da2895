// A real OpenID provider on a free port of this machine, which signs in whoever is named.
//
// Whoever `login_hint` names is signed in at once; without it a page asks for a name. A name that
// begins with "denied" is refused, one that begins with "unverified" has a mail address that nobody has
// looked at. POST /rotate gives it other keys.

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const server = createServer((request, response) => answer(request, response).catch((error) => {
  response.writeHead(500).end(String(error));
}));

/** What the provider tells of somebody. */
function account(name) {
  const about = {
    sub: `id-of-${name}`,
    email: `${name}@fjordby.example`,
    email_verified: !name.startsWith("unverified"),
    preferred_username: name,
  };
  return { accountId: name, claims: async () => about };
}

function provider(issuer) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
  return new Provider(issuer, {
    jwks: { keys: [key] },
    cookies: { keys: ["of tests"] },
    clients: [
      {
        client_id: "kobling",
        client_secret: "a secret: of tests & no other",
        // For such clients any port of this machine will do.
        application_type: "native",
        redirect_uris: ["http://127.0.0.1/sign-in/oidc/return", "http://localhost/sign-in/oidc/return"],
      },
    ],
    claims: { email: ["email", "email_verified"], profile: ["preferred_username"] },
    pkce: { required: () => true, methods: ["S256"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => account(id),
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  });
}

let current;

async function answer(request, response) {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname === "/rotate") {
    current = provider(`http://127.0.0.1:${server.address().port}`);
    response.end();
  } else if (url.pathname.startsWith("/interaction/")) {
    await interact(request, response, url);
  } else {
    await current.callback()(request, response);
  }
}

async function interact(request, response, url) {
  const { prompt, params, session, grantId } = await current.interactionDetails(request, response);
  const name = url.searchParams.get("name") ?? params.login_hint;
  if (prompt.name === "login" && !name) {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end('<!doctype html><html lang="en"><title>Who are you?</title><form><label>Name <input name="name"></label> <button>Sign in</button></form></html>');
    return;
  }
  await current.interactionFinished(request, response, await decided(prompt, params, session, grantId, name));
}

async function decided(prompt, params, session, grantId, name) {
  if (prompt.name === "login") {
    return name.startsWith("denied") ? { error: "access_denied" } : { login: { accountId: name } };
  }
  const grant = (grantId && (await current.Grant.find(grantId)))
    || new current.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return { consent: { grantId: await grant.save() } };
}

server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  current = provider(issuer);
  console.log(issuer);
});
