// An employer of whom nothing is configured yet, whose people sign in at a real OpenID provider.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { browse, DIR, findings, look, PROGRAM, said } from "./looking.mjs";

const HERE = `${DIR}/service`;
const SECTIONS = ["/", "/runs", "/plans", "/people", "/units", "/groups", "/deliveries", "/settings"];

let provider, server, browser, origin;

before(async () => {
  await rm(HERE, { recursive: true, force: true });
  await mkdir(HERE, { recursive: true });
  provider = spawn("node", ["../crates/testkit/oidc/provider.mjs"], { stdio: ["ignore", "pipe", "inherit"] });
  const issuer = await said(provider, /^(http:\S+)$/);
  await writeFile(`${HERE}/kobling.toml`, `
[database]
url = "sqlite:kobling.db"

[oidc]
issuer = "${issuer}"
client_id = "kobling"
client_secret = "a secret: of tests & no other"
name = "Fjordby ID"
contact = "it@fjordby.example"
`);
  await writeFile(`${HERE}/fjordby.toml`, `
[tenant]
key = "fjordby"
name = "Fjordby Kommune (synthetic)"

[[party]]
key = "fjordby"
name = "Fjordby Kommune (synthetic)"
kind = "employer"
`);
  const kobling = (...given) => execFileSync(resolve(PROGRAM), given, { cwd: HERE });
  kobling("keys", "new", "--out", "kobling.keys");
  kobling("db", "migrate");
  kobling("config", "apply", "fjordby.toml");
  for (const who of ["kari", "away"]) {
    kobling("user", "add", `${who}@fjordby.example`, "--name", "Kari Nord", "--role", "employer_owner@fjordby");
  }
  kobling("user", "disable", "away@fjordby.example");
  server = spawn(resolve(PROGRAM), ["serve", "--listen", "127.0.0.1:0"], {
    cwd: HERE,
    stdio: ["ignore", "pipe", "inherit"],
  });
  origin = await said(server, /listening on (http:\/\/127\.0\.0\.1:\d+)/);
  browser = await browse();
});

after(async () => {
  await browser?.close();
  server?.kill("SIGTERM");
  provider?.kill("SIGTERM");
});

/** Somebody's own browser, in which they have pressed the button and named themselves at the service. */
async function signIn(name) {
  const page = await (await browser.newContext({ locale: "en" })).newPage();
  await page.goto(`${origin}/sign-in?language=en`);
  await page.getByRole("link", { name: "Sign in with Fjordby ID" }).press("Enter");
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Sign in" }).press("Enter");
  await page.waitForURL(`${origin}/**`);
  return page;
}

test("who signs in at the service lands on the overview, and signs out", async () => {
  const page = await signIn("kari");
  assert.equal(page.url(), `${origin}/`);
  assert.equal(await page.locator("h1").innerText(), "Overview");
  assert.ok(await page.getByText("Signed in: Kari Nord").isVisible());
  await page.getByRole("button", { name: "Sign out" }).press("Enter");
  await page.waitForURL(/\/sign-in/);
  await page.goto(`${origin}/people`);
  assert.match(page.url(), /\/sign-in/);
});

test("who is refused at the service, or is no user, reads on a page why and what to do", async () => {
  for (const [name, told] of [
    ["denied", /did not let you in|did not sign you in/],
    ["somebody", /Ask it@fjordby\.example to add you\./],
    ["away", /Ask it@fjordby\.example to add you\./],
  ]) {
    const page = await signIn(name);
    assert.match(page.url(), /\/sign-in\?service=/, name);
    assert.match(await page.getByRole("alert").innerText(), told, name);
    assert.deepEqual(await findings(page), [], name);
  }
});

test("every way of not being signed in is told cleanly in three languages and two widths", async () => {
  const page = await (await browser.newContext()).newPage();
  const wrong = await look(page, `${origin}/sign-in`, "sign-in-service");
  for (const why of ["away", "denied", "stale", "unknown"]) {
    wrong.push(...(await look(page, `${origin}/sign-in?service=${why}`, `sign-in-${why}`)));
  }
  assert.deepEqual(wrong, []);
});

test("every page is clean where nothing is configured yet", async () => {
  const page = await signIn("kari");
  assert.ok(await page.getByText("Nothing is configured yet.").isVisible());
  const wrong = [];
  for (const path of SECTIONS) wrong.push(...(await look(page, origin + path, `new${path.replace("/", "-")}`)));
  assert.deepEqual(wrong, []);
});
