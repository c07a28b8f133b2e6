// The search box: '/' goes to it, the arrows choose, Enter opens. The index is a script, which a page that was opened
// as a file can load; it is loaded when the box is first used.
'use strict';
(() => {
    const root = document.documentElement.dataset.root;
    const box = document.querySelector('.search');
    const input = document.getElementById('site-search');
    const list = document.getElementById('site-results');
    const code = new Set(['class', 'struct', 'enum', 'enumeration', 'value', 'function', 'member', 'type', 'constant', 'macro',
        'namespace', 'option', 'variable', 'setting', 'code', 'header', 'error', 'fault']);
    const first = ['class', 'struct', 'enumeration', 'namespace', 'type', 'function', 'member', 'constant', 'value', 'macro',
        'option', 'variable', 'setting', 'code', 'error', 'fault', 'page', 'header', 'example', 'heading'];
    let entries = null, found = [], chosen = -1;
    box.hidden = false;

    function load() {
        if (document.getElementById('index')) return;
        const script = document.createElement('script');
        script.id = 'index';
        script.src = root + 'search-index.js';
        script.onload = () => {
            entries = window.searchIndex.map(([label, kind, url, detail]) => {
                const whole = label.toLowerCase();
                return {label, kind, url, detail, whole, last: whole.slice(whole.lastIndexOf('::') + 1).replace(/^:/, ''),
                    order: first.indexOf(kind)};
            });
            show();
        };
        document.head.append(script);
    }

    // The lower the better; undefined if the entry does not match.
    function rank(entry, text, words) {
        if (entry.whole === text) return entry.kind === 'heading' || entry.kind === 'error' ? 1 : 0; // names first
        if (entry.last === text) return 1;
        if (entry.whole.startsWith(text)) return 2;
        if (entry.last.startsWith(text)) return 3;
        if (entry.whole.split(/[^a-z0-9]+/).some(word => word.startsWith(text))) return 4;
        if (entry.whole.includes(text)) return 5;
        if (words.length > 1 && words.every(word => entry.whole.includes(word))) return 6;
        const said = entry.whole + ' ' + entry.detail.toLowerCase();
        if (words.every(word => said.includes(word))) return 7;
    }

    function search(typed) {
        const text = typed.trim().toLowerCase().replace(/^(equinix::)?sts::/, '').replace(/\(\)$/, '');
        if (!text || !entries) return [];
        const words = text.split(/\s+/), hits = [];
        for (const entry of entries) {
            const quality = rank(entry, text, words);
            if (quality !== undefined) hits.push({entry, quality});
        }
        hits.sort((a, b) => a.quality - b.quality || a.entry.order - b.entry.order ||
            a.entry.label.length - b.entry.label.length || (a.entry.label < b.entry.label ? -1 : 1));
        return hits.slice(0, 40).map(hit => hit.entry);
    }

    function show() {
        found = search(input.value);
        chosen = found.length ? 0 : -1;
        list.replaceChildren(...found.map((entry, number) => {
            const item = document.createElement('li');
            item.id = 'result-' + number;
            item.setAttribute('role', 'option');
            item.classList.toggle('code', code.has(entry.kind));
            const label = document.createElement('b'), kind = document.createElement('i'), detail = document.createElement('small');
            label.textContent = entry.label;
            kind.textContent = entry.kind;
            detail.textContent = entry.detail;
            item.append(label, kind, ...(entry.detail ? [detail] : []));
            item.dataset.url = entry.url;
            item.addEventListener('mousedown', event => { event.preventDefault(); open(entry); });
            return item;
        }));
        if (entries && input.value.trim() && !found.length) {
            const none = document.createElement('li');
            none.className = 'none';
            none.textContent = 'Nothing found';
            list.append(none);
        }
        list.hidden = !list.children.length;
        input.setAttribute('aria-expanded', String(!list.hidden));
        choose(chosen);
    }

    function choose(number) {
        chosen = number;
        [...list.children].forEach((item, at) => item.setAttribute('aria-selected', String(at === number)));
        if (number < 0) return input.removeAttribute('aria-activedescendant');
        input.setAttribute('aria-activedescendant', 'result-' + number);
        list.children[number].scrollIntoView({block: 'nearest'});
    }

    function hide() {
        list.hidden = true;
        input.setAttribute('aria-expanded', 'false');
    }

    function open(entry) {
        hide();
        input.blur();
        location.href = root + entry.url;
    }

    input.addEventListener('focus', () => { load(); if (input.value) show(); });
    input.addEventListener('input', show);
    input.addEventListener('blur', hide);
    input.addEventListener('keydown', event => {
        if (event.key === 'ArrowDown' && found.length) choose((chosen + 1) % found.length);
        else if (event.key === 'ArrowUp' && found.length) choose((chosen + found.length - 1) % found.length);
        else if (event.key === 'Enter' && chosen >= 0) open(found[chosen]);
        else if (event.key === 'Escape') { input.value = ''; input.blur(); }
        else return;
        event.preventDefault();
    });
    document.addEventListener('keydown', event => {
        if (event.key !== '/' || event.ctrlKey || event.altKey || event.metaKey) return;
        if (/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) return;
        event.preventDefault();
        input.focus();
        input.select();
    });

    const sidebar = document.querySelector('.sidebar'), here = sidebar.querySelector('[aria-current]');
    if (here) sidebar.scrollTop = here.offsetTop - sidebar.clientHeight / 2;
})();
