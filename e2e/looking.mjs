// How journeys look at pages: in all languages and widths, with axe, and as pictures if those are wanted.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "EN-301-549"];
const LANGUAGES = ["da", "nl", "en"];
const WIDTHS = [1280, 320];
const PICTURES = process.env.KOBLING_E2E_PICTURES;

export const PROGRAM = process.env.KOBLING ?? "../target/debug/kobling";
export const DIR = process.env.KOBLING_E2E_DIR ?? "../target/e2e/pages";

export function browse() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

/** What a server says first that fits: the part of it in brackets. */
export function said(server, pattern) {
  return new Promise((found, failed) => {
    server.once("exit", (code) => failed(new Error(`the server ended with ${code}`)));
    createInterface({ input: server.stdout }).on("line", (line) => {
      const told = line.match(pattern);
      if (told) found(told[1]);
    });
  });
}

/** What axe finds on the page, in short. */
export async function findings(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate((values) => globalThis.axe.run({ runOnly: { type: "tag", values } }), TAGS);
  return found.violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

/** Looks at what a page shows now, in all widths; gives what is wrong with it. */
async function lookAround(page, name, language) {
  const wrong = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    if (PICTURES) {
      await page.screenshot({ path: `${PICTURES}/${name}-${language}-${width}.png`, fullPage: true });
    }
    const found = await findings(page);
    if (wide) found.push("wider than the window");
    wrong.push(...found.map((it) => `${name} in ${language} at ${width}: ${it}`));
  }
  return wrong;
}

/** Looks at one page in all languages and widths, after `then` was done on it; gives what is wrong. */
export async function look(page, address, name, then = async () => {}) {
  const wrong = [];
  for (const language of LANGUAGES) {
    await page.setViewportSize({ width: WIDTHS[0], height: 900 });
    const joint = address.includes("?") ? "&" : "?";
    const answer = await page.goto(`${address}${joint}language=${language}`);
    if (answer.status() >= 500) wrong.push(`${name}: ${answer.status()}`);
    await then(page);
    const shown = await page.evaluate(() => document.documentElement.lang);
    if (shown !== language) wrong.push(`${name} is in ${shown} instead of ${language}`);
    wrong.push(...(await lookAround(page, name, language)));
  }
  return wrong;
}
