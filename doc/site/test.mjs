// Tests the site in a browser: test.mjs ROOT SITE PICTURES. Each check prints what is wrong; the last line counts.
import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import puppeteer from 'puppeteer-core';

const [root, site, pictures] = process.argv.slice(2);
const phone = {width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true};
const desk = {width: 1400, height: 1000};
const wrong = [];
const address = page => pathToFileURL(join(site, page)).href;
const pages = readdirSync(site, {recursive: true}).filter(file => file.endsWith('.html')).sort();

// What an example's part looks like in a page: the lines between its marks, less their common indentation.
function part(file, tag) {
    let inside = !tag;
    const taken = [];
    for (const line of readFileSync(join(root, file), 'utf8').replace(/\n$/, '').split('\n')) {
        if (/^ *(\/\/|#) \[[a-z_]+\]$/.test(line)) {
            if (tag && line.includes(`[${tag}]`)) inside = !inside;
        } else if (inside) taken.push(line);
    }
    const least = Math.min(...taken.filter(line => line).map(line => line.length - line.trimStart().length));
    return taken.map(line => line.slice(least)).join('\n');
}

// The marks in the sources of the pages, in order: every copied block must be there.
function marks(file) {
    return [...readFileSync(join(root, file), 'utf8').matchAll(/^<!-- (\S+\/[^\s:]+)(?:: (\w+))? -->$/gm)].map(found =>
        found[1] + (found[2] ? ': ' + found[2] : ''));
}

// Runs in the page: what the checks need of it.
function look(width) { // not innerWidth: a phone zooms out of a page that is too wide
    const text = element => {
        const code = element.cloneNode(true);
        code.querySelectorAll('.line > a:first-child').forEach(number => number.remove());
        return code.textContent;
    };
    return {
        ids: [...document.querySelectorAll('[id]')].map(element => element.id),
        links: [...document.querySelectorAll('a[href], link[href], script[src], img[src]')].map(element => element.href || element.src),
        blocks: [...document.querySelectorAll('pre[data-file]')].map(element => ({file: element.dataset.file,
            tag: element.dataset.tag, whole: !!element.closest('.whole'), text: text(element)})),
        names: [...document.querySelectorAll('[data-name]')].map(element => ({name: element.dataset.name, id: element.id})),
        source: document.querySelector('footer code')?.textContent,
        pictures: [...document.images].filter(image => !image.complete || !image.naturalWidth).map(image => image.src),
        overflow: document.documentElement.scrollWidth - width,
        wide: [...document.querySelectorAll('main *')].filter(element => element.getBoundingClientRect().right > width + 1 &&
            !element.closest('pre, .scroll')).slice(0, 3).map(element => element.outerHTML.slice(0, 80)),
        here: document.querySelectorAll('.sidebar [aria-current=page]').length,
    };
}

async function everyPage(browser) {
    const tab = await browser.newPage();
    let current = '';
    tab.on('console', message => ['error', 'warn'].includes(message.type()) && wrong.push(`${current}: console: ${message.text()}`));
    tab.on('pageerror', error => wrong.push(`${current}: ${error.message}`));
    tab.on('requestfailed', request => wrong.push(`${current}: ${request.url()} failed`));
    tab.on('request', request => /^(file|data):/.test(request.url()) || wrong.push(`${current}: asks for ${request.url()}`));
    await tab.setViewport(phone);
    const seen = new Map();
    for (current of pages) {
        await tab.goto(address(current), {waitUntil: 'load'});
        seen.set(address(current), await tab.evaluate(look, phone.width));
    }
    await tab.close();
    return seen;
}

function checkPages(seen) {
    const files = new Set(readdirSync(site, {recursive: true}).map(address));
    let blocks = 0, links = 0;
    for (const [url, page] of seen) {
        const name = url.slice(address('').length).replace(/^\//, '');
        if (page.overflow > 0 || page.wide.length) wrong.push(`${name}: wider than a phone by ${page.overflow}: ${page.wide.join(' ')}`);
        page.pictures.forEach(picture => wrong.push(`${name}: no picture ${picture}`));
        for (const link of new Set(page.links)) {
            links++;
            const [file, anchor] = link.split('#');
            if (file.startsWith('data:')) continue;
            if (!file.startsWith('file:')) wrong.push(`${name}: leads elsewhere, ${link}`);
            else if (!files.has(file)) wrong.push(`${name}: dead link ${link}`);
            else if (anchor && seen.has(file) && !seen.get(file).ids.includes(decodeURIComponent(anchor)))
                wrong.push(`${name}: dead anchor ${link}`);
        }
        for (const block of page.blocks) {
            blocks++;
            const right = block.whole ? readFileSync(join(root, block.file), 'utf8').trimEnd() : part(block.file, block.tag);
            if (block.text.trimEnd() !== right) wrong.push(`${name}: the code is not that of ${block.file}: ${block.tag ?? 'all'}`);
        }
        if (/\.md$/.test(page.source ?? '') && !name.startsWith('source/')) {
            const shown = page.blocks.map(block => block.file + (block.tag ? ': ' + block.tag : ''));
            const expected = marks(page.source);
            if (shown.join() !== expected.join()) wrong.push(`${name}: shows [${shown}] where ${page.source} has [${expected}]`);
        }
        if (!name.startsWith('source/') && page.here !== 1) wrong.push(`${name}: is marked ${page.here} times in the menu`);
    }
    return {blocks, links};
}

// The classes of the headers, found without the tool that makes the reference.
function declared() {
    const headers = execFileSync('git', ['ls-files', 'include/*.hpp'], {cwd: root, encoding: 'utf8'}).trim().split('\n');
    return headers.flatMap(file => [...readFileSync(join(root, file), 'utf8').matchAll(
        /^(?:class|struct|enum class)(?: EQUINIX_STS_DECL)? (\w+)(?: final)?(?: : [^{;]+)? \{$/gm)].map(found => found[1]));
}

async function checkSearch(browser, seen) {
    const names = [];
    for (const [url, page] of seen) for (const {name, id} of page.names) names.push({name, target: id ? `${url}#${id}` : url});
    for (const name of declared())
        if (!names.some(one => one.name.split('::').pop() === name)) wrong.push(`the reference has no ${name}`);

    const tab = await browser.newPage();
    await tab.setViewport(desk);
    await tab.goto(address('doc/guide/options.html'));
    await tab.keyboard.press('/');
    await tab.waitForFunction(() => window.searchIndex);
    const first = name => tab.evaluate(async typed => {
        const input = document.getElementById('site-search');
        input.value = typed;
        input.dispatchEvent(new Event('input'));
        const item = document.querySelector('#site-results [role=option]');
        return item && new URL(document.documentElement.dataset.root + item.dataset.url, location.href).href;
    }, name);
    for (const {name, target} of names) {
        const found = await first(name);
        if (found?.replace(/#$/, '') !== target) wrong.push(`the search for ${name} finds first ${found}, not ${target}`);
    }
    const others = ['--subject-token-file', 'EQUINIX_STS_ENDPOINT', 'B23', 'timeout', 'Retries', 'unavailable'];
    for (const typed of others) if (!await first(typed)) wrong.push(`the search finds no ${typed}`);
    await first('');
    await tab.type('#site-search', 'equinix::sts::token_source::get()');
    await tab.keyboard.press('ArrowDown');
    await tab.keyboard.press('ArrowUp');
    await Promise.all([tab.waitForNavigation(), tab.keyboard.press('Enter')]);
    if (!tab.url().endsWith('reference/token_source.html#get')) wrong.push(`Enter in the search leads to ${tab.url()}`);
    await tab.close();
    return names.length + others.length;
}

async function checkKeys(browser) {
    const tab = await browser.newPage();
    await tab.goto(address('index.html'));
    await tab.keyboard.press('Tab');
    if (await tab.evaluate(() => document.activeElement.className) !== 'skip') wrong.push('the first Tab does not lead to the skip link');
    await tab.keyboard.press('Enter');
    if (await tab.evaluate(() => document.activeElement.id) !== 'site-content') wrong.push('the skip link does not lead to the content');
    await tab.setViewport(phone);
    await tab.setJavaScriptEnabled(false);
    await tab.goto(address('index.html'));
    const shown = () => tab.$eval('.sidebar', element => element.getBoundingClientRect().height > 0);
    if (await shown()) wrong.push('the menu of a phone is open from the start');
    await tab.click('label[for=site-menu]');
    if (!await shown()) wrong.push('the menu of a phone does not open without a script');
    await tab.close();
}

// The contrast of texts with what is behind them, as WCAG computes it, at least 4.5.
function contrasts() {
    const light = color => {
        const [r, g, b] = color.match(/[\d.]+/g).map(Number).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
        return .2126 * r + .7152 * g + .0722 * b;
    };
    const behind = element => {
        for (; element; element = element.parentElement) {
            const color = getComputedStyle(element).backgroundColor;
            if (!/, 0\)$|transparent/.test(color)) return color;
        }
        return 'rgb(255, 255, 255)';
    };
    const low = new Set();
    for (const element of document.querySelectorAll('body *')) {
        if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) continue;
        if (element.matches('.anchor, .line > a:first-child') || !element.checkVisibility()) continue;
        const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
        if ((a + .05) / (b + .05) < 4.5) low.add(`${element.tagName}.${element.className} ${((a + .05) / (b + .05)).toFixed(1)}`);
    }
    return {low: [...low], back: getComputedStyle(document.body).backgroundColor};
}

async function checkSchemes(browser) {
    const tab = await browser.newPage();
    await tab.setViewport(desk);
    const backs = [];
    for (const scheme of ['light', 'dark']) {
        await tab.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
        for (const page of ['index.html', 'reference/client.html', 'examples/12_configuration.html', 'doc/faults.html']) {
            await tab.goto(address(page));
            const {low, back} = await tab.evaluate(contrasts);
            low.forEach(one => wrong.push(`${page}, ${scheme}: too little contrast: ${one}`));
            if (page === 'index.html') backs.push(Number(back.match(/\d+/)[0]));
        }
    }
    if (!(backs[0] > 200 && backs[1] < 60)) wrong.push(`the schemes do not differ: ${backs}`);
    await tab.close();
}

async function takePictures(browser) {
    const tab = await browser.newPage();
    const take = async (name, page, scheme = 'light', size = desk, before = async () => {}) => {
        await tab.setViewport(size);
        await tab.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
        await tab.goto(address(page));
        await before();
        await tab.screenshot({path: join(pictures, name + '.png')});
    };
    await take('start', 'index.html');
    await take('guide', 'doc/guide/sharing.html');
    await take('reference', 'reference/client.html', 'light', {width: 1400, height: 1600});
    await take('figures', 'bench/index.html');
    await take('example', 'examples/05_on_behalf_of.html');
    await take('search', 'doc/guide/options.html', 'light', desk, async () => {
        await tab.keyboard.press('/');
        await tab.waitForFunction(() => window.searchIndex);
        await tab.type('#site-search', 'timeout');
    });
    await take('start-dark', 'index.html', 'dark');
    await take('reference-dark', 'reference/client.html', 'dark', {width: 1400, height: 1600});
    await take('fleet-dark', 'doc/fleet.html', 'dark');
    await take('start-phone', 'index.html', 'light', phone);
    await take('guide-phone', 'doc/guide/sharing.html', 'light', phone);
    await take('menu-phone', 'doc/guide/sharing.html', 'light', phone, () => tab.click('label[for=site-menu]'));
    await tab.close();
}

async function run() {
    const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
    const browser = await puppeteer.launch({executablePath: process.env.CHROMIUM ?? program, args: [
        '--disable-gpu', '--disable-dev-shm-usage', ...process.getuid() === 0 ? ['--no-sandbox'] : []]}); // which root cannot have
    try {
        const seen = await everyPage(browser);
        const {blocks, links} = checkPages(seen);
        const searches = await checkSearch(browser, seen);
        await checkKeys(browser);
        await checkSchemes(browser);
        await takePictures(browser);
        wrong.forEach(line => console.log(line));
        console.log(`${pages.length} pages, ${links} links, ${blocks} pieces of code, ${searches} searches: ${wrong.length} mistakes`);
    } catch (error) {
        await new Promise(resolve => setTimeout(resolve, 1000)); // until it shows whether the browser is there
        error.browserDied = !browser.connected;
        throw error;
    } finally {
        await browser.close();
    }
}

await run().catch(error => {
    if (!error.browserDied) throw error;
    console.log('The browser died. Once more:');
    wrong.length = 0;
    return run();
});
process.exitCode = wrong.length || !pages.length ? 1 : 0;
