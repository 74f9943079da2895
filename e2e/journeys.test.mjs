// The journeys of a new user through the demo's pages: in Debian's Chromium, by
// keyboard where it counts, and with axe on every page. The one script of ours is that of a run under way.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { after, before, test } from "node:test";
import { browse, DIR, findings, look as lookAt, PROGRAM, said } from "./looking.mjs";

let server, browser, origin, signin;
/** Somebody whom the plan changed that a journey releases. */
let changed;
const contexts = new Map();

before(async () => {
  await rm(DIR, { recursive: true, force: true });
  await mkdir(DIR, { recursive: true });
  const employees = process.env.KOBLING_E2E_EMPLOYEES ?? "300";
  server = spawn(PROGRAM, ["demo", "--serve", "--employees", employees, "--dir", `${DIR}/demo`, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  origin = await said(server, /(http:\/\/127\.0\.0\.1:\d+)\/sign-in\/link\//);
  signin = JSON.parse(await readFile(`${DIR}/demo/signin.json`, "utf8"));
  browser = await browse();
});

after(async () => {
  await browser?.close();
  server?.kill("SIGTERM");
});

/** A page of somebody who is signed in in that role. What the browser complains of fails the test. */
async function as(role) {
  if (!contexts.has(role)) {
    const context = await browser.newContext({ locale: "en" });
    const page = await context.newPage();
    await page.goto(signin[role].link);
    await page.close();
    contexts.set(role, context);
  }
  const page = await contexts.get(role).newPage();
  page.complaints = [];
  // A sign that our cut of the font lacks makes the browser ask for another cut in vain.
  page.on("console", (it) => it.type() === "error" && !it.text().includes("404") && page.complaints.push(it.text()));
  await page.setViewportSize({ width: 1280, height: 900 });
  return page;
}

/** Looks at one page in all languages and widths, after `then` was done on it; gives what is wrong. */
function look(page, path, name, then) {
  return lookAt(page, origin + path, name, then);
}

test("every page is clean in three languages and two widths, full", async () => {
  const page = await as("employer_owner");
  await page.goto(`${origin}/plans?language=en`);
  const plan = await page.locator("tr", { has: page.locator(".status-look") }).locator("a").first().getAttribute("href");
  await page.goto(`${origin}/people?language=en`);
  const person = await page.locator("tbody a").first().getAttribute("href");
  const paths = {
    overview: "/",
    runs: "/runs",
    run: "/runs/1",
    plans: "/plans",
    plan,
    "plan-preview": `${plan}/preview`,
    people: "/people",
    person,
    extract: `${person}/extract`,
    "my-extract": "/my-extract",
    units: "/units",
    groups: "/groups",
    group: "/groups/edit",
    agreements: "/agreements",
    agreement: "/agreements/plan2learn",
    deliveries: "/deliveries",
    delivery: "/deliveries/plan2learn?drift=yes",
    audit: "/audit",
    settings: "/settings",
  };
  const wrong = [];
  for (const [name, path] of Object.entries(paths)) wrong.push(...(await look(page, path, name)));
  assert.deepEqual([...wrong, ...page.complaints], []);
});

test("every page is clean with nothing to show and with errors", async () => {
  const page = await as("employer_owner");
  const paths = {
    "runs-empty": "/runs?find=zzzzzz",
    "plans-empty": "/plans?find=zzzzzz",
    "people-empty": "/people?name=zzzzzz",
    "people-error": "/people?day=tomorrow",
    "people-number": "/people?name=710199-0017",
    "person-unknown": "/people/00000000-0000-0000-0000-000000000000",
    "units-empty": "/units?day=1900-01-01",
    "units-error": "/units?day=tomorrow",
    "groups-empty": "/groups?find=zzzzzz",
    "deliveries-empty": "/deliveries?find=zzzzzz",
    "delivery-empty": "/deliveries/plan2learn?find=zzzzzz",
    "audit-empty": "/audit?find=zzzzzz",
  };
  const wrong = [];
  for (const [name, path] of Object.entries(paths)) wrong.push(...(await look(page, path, name)));
  const technician = await as("supplier_technician");
  wrong.push(...(await look(technician, "/people", "refused")));
  assert.deepEqual(wrong, []);
});

test("every form that comes back is clean, and keeps what was typed", async () => {
  const page = await as("employer_owner");
  await page.goto(`${origin}/plans?language=en`);
  const plan = await page.locator("tr", { has: page.locator(".status-look") }).locator("a").first().getAttribute("href");
  await page.goto(`${origin}/people?language=en`);
  const person = await page.locator("tbody a").first().getAttribute("href");
  const typed = "as ordered by 710199-0017";
  const send = (field, button) => async (it) => {
    await it.locator(field).evaluate((at) => at.closest("details")?.setAttribute("open", ""));
    await it.locator(field).fill(typed);
    await it.locator(button).press("Enter");
    await it.locator(".error-summary").waitFor();
    assert.equal(await it.locator(field).inputValue(), typed);
  };
  const forms = [
    [plan, "plan-error", send("#reason", ".decide .button-primary")],
    [person, "reveal-error", send("#purpose", "form[action$=reveal] button")],
    ["/groups/edit", "group-error", send("#name", "#save")],
  ];
  const wrong = [];
  for (const [path, name, then] of forms) wrong.push(...(await look(page, path, name, then)));
  await page.goto(`${origin}${person}/reveal?language=nl`);
  assert.match(page.url(), /\/people\/[0-9a-f-]{36}\?language=nl$/, "a form's address leads to its page");
  assert.deepEqual(wrong, []);
});

test("who is not signed in is told how to", async () => {
  const page = await (await browser.newContext()).newPage();
  assert.deepEqual(await look(page, "/sign-in", "sign-in"), []);
  assert.deepEqual(await look(page, "/sign-in?refused=1", "sign-in-refused"), []);
  await page.goto(`${origin}/?language=en`);
  assert.match(page.url(), /\/sign-in/);
});

test("every role signs in and sees only its own pages", async () => {
  for (const role of Object.keys(signin)) {
    const page = await as(role);
    await page.goto(`${origin}/?language=en`);
    assert.equal(await page.locator("h1").innerText(), "Overview", role);
    for (const href of await page.locator(".side a").evaluateAll((all) => all.map((it) => it.getAttribute("href")))) {
      const answer = await page.goto(origin + href);
      assert.equal(answer.status(), 200, `${role} ${href}`);
    }
    await page.close();
  }
});

test("by keyboard alone: the first stop leads to the content, and a language is chosen", async () => {
  const page = await as("employer_owner");
  await page.goto(`${origin}/?language=en`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skipnav");
  await page.keyboard.press("Enter");
  assert.match(page.url(), /#content$/);
  await page.locator(".languages a[lang=da]").focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/language=da/);
  assert.equal(await page.locator("h1").innerText(), "Overblik");
});

test("by keyboard alone: a held plan is found, a reason is asked for, and it is released", async () => {
  const page = await as("system_owner");
  await page.goto(`${origin}/plans?language=en`);
  await page.locator("tr", { has: page.locator(".status-look") }).locator("a").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/plans\/[0-9a-f]{64}/);
  assert.ok(await page.getByText("Why it is held").isVisible());
  changed = await page.locator("tbody tr:has(td:nth-child(6))", { hasText: "Changed" }).locator("td").first().innerText();
  await page.getByRole("link", { name: "See what each target would be sent" }).press("Enter");
  await page.getByRole("heading", { name: "plan2learn" }).waitFor();
  assert.match(await page.locator("main").innerText(), /Nothing has been changed or sent\./);
  await page.getByRole("link", { name: "Back to the plan" }).press("Enter");
  await page.waitForURL(/\/plans\/[0-9a-f]{64}$/);
  await page.getByRole("button", { name: "Release the plan" }).focus();
  await page.keyboard.press("Enter");
  await page.locator(".error-summary a").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "reason");
  assert.deepEqual(await findings(page), []);
  await page.keyboard.type("The school has closed, as agreed.");
  await page.getByRole("button", { name: "Release the plan" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/plans\/[0-9a-f]{64}$/);
  assert.ok(await page.getByText("The school has closed, as agreed.").isVisible());
});

test("why somebody reads as they do at the learning system is found from their name", async () => {
  const page = await as("hr_reader");
  await page.goto(`${origin}/?language=en`);
  await page.locator(".side").getByText("People", { exact: true }).click();
  const name = await page.locator("tbody a").first().innerText();
  await page.getByRole("searchbox", { name: "Name or employment number" }).fill(name);
  await page.keyboard.press("Enter");
  await page.waitForURL(/name=/);
  await page.locator("tbody a").first().click();
  await page.waitForURL(/\/people\/[0-9a-f-]{36}/);
  const row = page.locator("details[open] tr", { hasText: "Title of the position" }).first();
  const told = await row.innerText();
  assert.match(told, /opus: ZLPE/);
  assert.match(told, /run \d/);
  assert.match(told, /plan2learn of Fjordby Kommune, /);
  await row.getByRole("link", { name: /run/ }).click();
  await page.waitForURL(/\/runs\/\d+/);
});

test("a national number is seen in full only for a purpose, and its person can see who saw it", async () => {
  const page = await as("hr_reader");
  await page.goto(`${origin}/people?language=en`);
  await page.locator("tbody a").first().click();
  await page.waitForURL(/\/people\/[0-9a-f-]{36}/);
  const address = page.url();
  await page.locator("summary", { hasText: "Show the whole number" }).focus();
  await page.keyboard.press("Enter");
  const button = page.getByRole("button", { name: "Show the whole number" });
  await button.focus();
  await page.keyboard.press("Enter");
  await page.locator(".error-summary a").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "purpose");
  assert.deepEqual(await findings(page), []);
  await page.keyboard.type("a letter to the pension fund");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "The whole number" }).waitFor();
  assert.match(await page.locator("[aria-labelledby=revealed]").innerText(), /\d{6}-\d{4}/);
  assert.deepEqual(await findings(page), []);
  const officer = await as("data_protection_officer");
  await officer.goto(`${address.split("?")[0]}/extract?language=en`);
  assert.ok(await officer.getByText("a letter to the pension fund").isVisible());
});

test("what was known is moved through by keyboard, moment by moment", async () => {
  const page = await as("hr_reader");
  await page.goto(`${origin}/people?language=en&name=${encodeURIComponent(changed)}`);
  await page.locator("tbody a").first().click();
  await page.locator("#step").focus();
  await page.keyboard.press("Home");
  await page.locator("form.inline-form button").press("Enter");
  await page.waitForURL(/step=1/);
  assert.match(await page.locator(".lead").innerText(), /^This is what the hub knew at /);
  assert.deepEqual(await findings(page), []);
});

test("a person follows who got what about them", async () => {
  const page = await as("manager");
  assert.deepEqual(await look(page, "/my-extract", "my-extract-own"), []);
  await page.goto(`${origin}/?language=en`);
  await page.locator(".side").getByText("About me", { exact: true }).click();
  await page.waitForURL(/my-extract/);
  assert.ok(await page.getByRole("heading", { name: "plan2learn of Fjordby Kommune" }).isVisible());
});

test("a run's page puts in what is new without being loaded anew", async () => {
  const page = await as("system_owner");
  let answers = 0;
  // The demo's runs are over: the first answer is made to look like that of one under way.
  await page.route(/\/runs\/1\?language=en$/, async (route) => {
    const response = await route.fetch();
    const body = await response.text();
    answers += 1;
    const script = body.match(/href="([^"]*)kobling\.css"/)[1] + "live.js";
    const reading = body
      .replace("</head>", `<script src="${script}" defer></script></head>`)
      .replace("<div>", '<div data-live="0.05">')
      .replace("Applied", "Reading");
    await route.fulfill({ response, body: answers === 1 ? reading : body });
  });
  await page.goto(`${origin}/runs/1?language=en`);
  await page.evaluate(() => (globalThis.kept = true));
  await page.getByText("Applied", { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => globalThis.kept), true);
  assert.equal(answers, 2);
  assert.deepEqual(page.complaints, []);
});

test("a target group is counted while it is written, and two who write it see the difference", async () => {
  const [first, second] = [await as("system_owner"), await as("employer_owner")];
  for (const page of [first, second]) await page.goto(`${origin}/groups/edit?language=en`);
  await first.getByRole("button", { name: "Save" }).focus();
  await first.keyboard.press("Enter");
  await first.locator(".error-summary a").focus();
  await first.keyboard.press("Enter");
  assert.equal(await first.evaluate(() => document.activeElement.id), "key");
  assert.deepEqual(await findings(first), []);
  for (const [page, unit] of [[first, "20003"], [second, "20004"]]) {
    await page.getByLabel("Short name").fill("school");
    await page.getByLabel("Name", { exact: true }).fill(`The people of ${unit}`);
    await page.getByLabel("In or below units (numbers, with commas)").first().fill(unit);
    await page.getByRole("button", { name: "Count" }).press("Enter");
    await page.getByText(/^It holds \d+ people today/).waitFor();
    assert.deepEqual(await findings(page), []);
  }
  await first.getByRole("button", { name: "Save" }).press("Enter");
  await first.getByRole("link", { name: "The people of 20003" }).waitFor();
  await second.getByRole("button", { name: "Save" }).press("Enter");
  await second.getByRole("heading", { name: "What differs" }).waitFor();
  assert.deepEqual(await findings(second), []);
  await second.getByRole("button", { name: "Save" }).press("Enter");
  await second.getByRole("link", { name: "The people of 20004" }).waitFor();
  assert.deepEqual(await look(second, "/groups/edit?key=school", "group-filled"), []);
});

test("a manager sees their own people, and a click down those of a leader below", async () => {
  const page = await as("manager");
  assert.deepEqual(await look(page, "/my-people", "my-people"), []);
  await page.goto(`${origin}/my-people?language=en`);
  assert.match(await page.locator("table").innerText(), /Databeskyttelse for alle \(/);
  await page.getByRole("link", { name: "See the people", exact: true }).first().click();
  await page.waitForURL(/\/my-people\/[0-9a-f-]{36}/);
  assert.match(await page.locator("h1").innerText(), /^People led by /);
  const answer = await page.goto(`${origin}/people`);
  assert.match(answer.url(), /\/my-people$/);
});

test("a table is saved as it is shown", async () => {
  const page = await as("employer_owner");
  await page.goto(`${origin}/runs?language=en`);
  const saved = page.waitForEvent("download");
  await page.getByRole("link", { name: "XLSX" }).click();
  assert.equal((await saved).suggestedFilename(), "runs.xlsx");
});
