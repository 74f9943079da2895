// A run that takes a while, watched as it reads: by the page's own script, and by a browser without any.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { browse, DIR, look, PROGRAM, said } from "./looking.mjs";

const HERE = `${DIR}/live`;
/** So many take a debug build longer to read than two people need to look at it. */
const EMPLOYEES = process.env.KOBLING_E2E_LONG ?? "50000";

let server, browser, origin, signin;

before(async () => {
  await rm(HERE, { recursive: true, force: true });
  await mkdir(HERE, { recursive: true });
  server = spawn(PROGRAM, ["demo", "--serve", "--employees", "100", "--dir", `${HERE}/demo`, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  origin = await said(server, /(http:\/\/127\.0\.0\.1:\d+)\/sign-in\/link\//);
  signin = JSON.parse(await readFile(`${HERE}/demo/signin.json`, "utf8"));
  const made = ["generate", "opus", "--employees", EMPLOYEES, "--day", "3", "--out", "new.xml", "--json"];
  const told = execFileSync(resolve(PROGRAM), made, { cwd: `${HERE}/demo` });
  await rename(`${HERE}/demo/new.xml`, `${HERE}/demo/inbox/${JSON.parse(told).usual_name}`);
  browser = await browse();
});

after(async () => {
  await browser?.close();
  server?.kill("SIGTERM");
});

/** How many records a page says were read, as soon as it says so. */
async function read(page) {
  const told = await page.locator("main [role=status]", { hasText: /^\s*\d/ }).innerText();
  return Number(told.replaceAll(",", "").match(/^\d+/)[0]);
}

/** Waits until the browser has loaded a page anew by itself and it says that more was read: not every time it does. */
async function grown(page, first) {
  do {
    await page.waitForEvent("framenavigated");
    await page.waitForLoadState();
  } while ((await read(page)) <= first);
}

test("a long run that somebody asks for is watched while it reads, with a script and without", async () => {
  const context = await browser.newContext({ locale: "en" });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (it) => complaints.push(String(it)));
  await page.goto(signin.system_owner.link);
  await page.goto(`${origin}/runs?language=en`);
  await page.getByLabel("Source", { exact: true }).selectOption("opus");
  await page.getByRole("button", { name: "Read a source now" }).press("Enter");
  await page.getByText("opus is looked at within seconds.").waitFor();
  const row = page.locator("tbody tr", { hasText: "Reading" });
  while ((await row.count()) === 0) await page.goto(`${origin}/runs?language=en`);
  await row.locator("a").first().press("Enter");
  await page.waitForURL(/\/runs\/\d+/);

  await page.evaluate(() => (globalThis.kept = true));
  const seen = new Set([await read(page)]);
  const plain = await browser.newContext({ locale: "en", javaScriptEnabled: false, storageState: await context.storageState() });
  const bare = await plain.newPage();
  await bare.goto(page.url());
  await grown(bare, await read(bare));

  for (const before of seen) {
    if (seen.size === 3) break;
    await page.waitForFunction((it) => {
      const told = document.querySelector("main [role=status]")?.innerText;
      return told && told.replaceAll(",", "").match(/^\d+/)?.[0] !== String(it);
    }, before);
    seen.add(await read(page));
  }
  assert.deepEqual([...seen], [...seen].sort((a, b) => a - b), "it only ever grows");
  assert.equal(await page.evaluate(() => globalThis.kept), true, "the page was never loaded anew");
  const still = await context.newPage();
  assert.deepEqual(await look(still, `${page.url().split("?")[0]}?still=yes`, "run-reading"), []);

  await page.getByRole("link", { name: "Open the plan of this run" }).waitFor({ timeout: 600_000 });
  assert.equal(await page.evaluate(() => globalThis.kept), true);
  assert.ok(await page.getByText("Held", { exact: true }).first().isVisible());
  await bare.getByText("Held", { exact: true }).first().waitFor();
  assert.deepEqual(complaints, []);
});
