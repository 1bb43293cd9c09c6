// Ctrl K opens a search for pages, projects, keys, requests and actions. The server returns only items that the user may see.
import { announce } from './copy.js';
import { signedOut } from './refresh.js';

const opener = document.querySelector('[data-palette]');
const dialog = document.createElement('dialog');
const box = document.createElement('input');
const list = document.createElement('div');
let asking = null;
let waiting = 0;

build();
opener.hidden = false;
opener.addEventListener('click', openPalette);
document.addEventListener('keydown', event => {
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
        event.preventDefault();
        dialog.open ? dialog.close() : openPalette();
    }
});

export function openPalette() {
    if (document.querySelector('dialog[open]')) {
        return;
    }

    box.value = '';
    dialog.showModal();
    box.focus();
    ask();
}

function build() {
    dialog.className = 'palette';
    dialog.setAttribute('aria-label', 'Search');
    box.type = 'text';
    box.maxLength = 200;
    box.autocomplete = 'off';
    box.spellcheck = false;
    box.placeholder = 'Page, project, key or request id';
    box.setAttribute('aria-label', 'Search pages, projects, keys and request ids');
    box.setAttribute('role', 'combobox');
    box.setAttribute('aria-expanded', 'true');
    box.setAttribute('aria-autocomplete', 'list');
    box.setAttribute('aria-controls', 'palette-list');
    list.id = 'palette-list';
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', 'Results');
    dialog.append(box, list);
    document.body.append(dialog);

    box.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(ask, 120); });
    box.addEventListener('keydown', move);
    list.addEventListener('click', event => go(event.target.closest('[role=option]')));
    dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener('close', () => { asking?.abort(); clearTimeout(waiting); });
}

async function ask() {
    asking?.abort();
    asking = new AbortController();

    // A URL must not contain a whole key. If the text is a key, only its prefix is sent, which is enough to find the key.
    const query = new URLSearchParams({ q: box.value.trim().replace(/^((?:c[sp]k_(?:test_)?|cake_)[0-9a-f]{4})[0-9a-f]{44}$/, '$1') });
    if (opener.dataset.project) {
        query.set('project', opener.dataset.project);
    }

    try {
        const answer = await fetch(`${opener.dataset.palette}?${query}`, { headers: { 'X-Requested-With': 'fetch' }, signal: asking.signal });
        if (answer.status === 401) {
            dialog.close();
            signedOut();
        } else if (answer.ok) {
            show((await answer.json()).items);
        } else {
            tell('The search does not work at the moment.');
        }
    } catch (failure) {
        if (failure.name !== 'AbortError') {
            tell('The edge does not respond.');
        }
    }
}

function show(items) {
    if (items.length === 0) {
        tell('Nothing has this name.');
        return;
    }

    list.replaceChildren(...items.map((item, index) => {
        const option = document.createElement('div');
        option.id = 'palette-' + index;
        option.setAttribute('role', 'option');
        option.dataset.path = item.path;
        const label = document.createElement('span');
        label.textContent = item.label;
        const kind = document.createElement('span');
        kind.className = 'muted small-text';
        kind.textContent = item.kind;
        option.append(label, kind);
        return option;
    }));
    mark(list.firstElementChild);
    announce(items.length === 1 ? '1 result' : items.length + ' results');
}

function tell(text) {
    const option = document.createElement('div');
    option.setAttribute('role', 'option');
    option.setAttribute('aria-disabled', 'true');
    option.className = 'muted';
    option.textContent = text;
    list.replaceChildren(option);
    box.removeAttribute('aria-activedescendant');
    announce(text);
}

function marked() {
    return list.querySelector('[aria-selected=true]');
}

function mark(option) {
    marked()?.setAttribute('aria-selected', 'false');
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    box.setAttribute('aria-activedescendant', option.id);
}

function move(event) {
    const now = marked();
    const to = { ArrowDown: now?.nextElementSibling ?? list.firstElementChild, ArrowUp: now?.previousElementSibling ?? list.lastElementChild }[event.key];
    if (to && now) {
        event.preventDefault();
        mark(to);
    } else if (event.key === 'Enter') {
        event.preventDefault();
        go(now);
    }
}

function go(option) {
    if (option?.dataset.path) {
        dialog.close();
        location.assign(option.dataset.path);
    }
}
