// Debian's Chromium for tests: headless, nothing fetched behind our back, closed by its own handle.
import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';

const kFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-background-timer-throttling', // or a page that is not in front ticks once a second
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-sync',
  '--metrics-recording-only',
  '--mute-audio',
];

// URLs that a page asks of anybody but these origins, as they come.
export function foreignRequests(page, ...origins) {
  const foreign = [];
  page.on('request', (request) => {
    const url = request.url();
    if (/^https?:/.test(url) && !origins.includes(new URL(url).origin)) foreign.push(url);
  });
  return foreign;
}

// autoplay: false keeps the browser's own rule (sound only after a gesture), as viewers have it.
export async function launch({ language = 'en-GB', width = 1280, height = 800, autoplay = false } = {}) {
  const profile = mkdtempSync(join(tmpdir(), 'pult-chromium-'));
  const policy = autoplay ? 'no-user-gesture-required' : 'document-user-activation-required';
  const browser = await puppeteer.launch({
    executablePath: process.env.PULT_CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    userDataDir: profile,
    defaultViewport: { width, height },
    args: [...kFlags, `--autoplay-policy=${policy}`, `--lang=${language}`, `--accept-lang=${language}`],
    env: { ...process.env, LANGUAGE: language, LANG: `${language.replace('-', '_')}.UTF-8` },
  });
  return {
    browser,
    async page() {
      const page = await browser.newPage();
      page.on('error', ({ message }) => console.log(`chromium: ${message}`)); // a renderer that crashed looks like a page that was closed
      return page;
    },
    async close() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
