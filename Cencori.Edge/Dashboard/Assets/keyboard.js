// Single-letter keyboard shortcuts. Each does the same as a link or button. Users can switch them off in their preferences.
import { copyText } from './copy.js';
import { openPalette } from './palette.js';

const help = [
    ['Ctrl K', 'search everything'], ['/', 'search on this page'], ['j, k', 'next and previous row, or request'], ['Enter', 'open the row'],
    ['Esc', 'back to the list'], ['c', 'copy the id'], ['.', 'turn live updates on or off'], ['?', 'this list'],
];
const pages = new Map([...document.querySelectorAll('[data-go]')].filter(link => link.dataset.go).map(link => [link.dataset.go, link]));
let isGoing = 0;

document.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target) || document.querySelector('dialog[open]')) {
        return;
    }

    if (isGoing > event.timeStamp && pages.has(event.key)) {
        isGoing = 0;
        act(event, () => pages.get(event.key).click());
        return;
    }

    isGoing = 0;
    const done = {
        g: () => { isGoing = event.timeStamp + 3000; return true; },
        '/': search,
        '?': showHelp,
        j: () => step(1),
        k: () => step(-1),
        c: copyId,
        '.': () => click(document.querySelector('[data-follow-toggle]')),
        Escape: back,
    }[event.key];
    if (done) {
        act(event, done);
    }
});
document.documentElement.dataset.shortcuts = 'on';

function act(event, doing) {
    if (doing() !== false) {
        event.preventDefault();
    }
}

function isTyping(target) {
    return target.closest?.('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]');
}

function click(element) {
    element?.click();
    return Boolean(element);
}

function search() {
    const field = document.querySelector('main input[type=search]');
    field ? field.focus() : openPalette();
}

function rows() {
    return [...document.querySelectorAll('main table.rows tbody tr, main .cards > article')].map(row => row.querySelector('a')).filter(Boolean);
}

function step(by) {
    // A page of one item has links to the next and the previous item.
    if (document.querySelector('.heading a[rel=next], .heading a[rel=prev]')) {
        return click(document.querySelector(by > 0 ? '.heading a[rel=next]' : '.heading a[rel=prev]'));
    }

    const links = rows();
    if (links.length === 0) {
        return false;
    }

    const now = links.findIndex(link => link.closest('tr, article').contains(document.activeElement));
    const to = links[now < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(now + by, 0), links.length - 1)];
    to.focus();
    to.scrollIntoView({ block: 'nearest' });
}

function copyId() {
    const row = document.activeElement?.closest('main tr, main article');
    if (row?.dataset.id) {
        copyText(row.dataset.id);
        return true;
    }

    return click(row?.querySelector('[data-copy]') ?? (row ? null : document.querySelector('main [data-copy]')));
}

function back() {
    const list = document.querySelector('.side a[aria-current]');
    return list && list.pathname !== location.pathname ? click(list) : false;
}

function showHelp() {
    const dialog = document.createElement('dialog');
    dialog.setAttribute('aria-label', 'Keyboard shortcuts');
    const title = document.createElement('h2');
    title.textContent = 'Keyboard shortcuts';
    const facts = document.createElement('dl');
    facts.className = 'facts keys';
    for (const [keys, meaning] of [...help, ...[...pages].map(([letter, link]) => ['g ' + letter, link.textContent])]) {
        const term = document.createElement('dt');
        const key = document.createElement('kbd');
        const text = document.createElement('dd');
        key.textContent = keys;
        text.textContent = meaning;
        term.append(key);
        facts.append(term, text);
    }

    const actions = document.createElement('div');
    actions.className = 'actions';
    const close = document.createElement('button');
    close.type = 'button';
    close.textContent = 'Close';
    close.addEventListener('click', () => dialog.close());
    const off = document.createElement('a');
    off.href = '/dashboard/account';
    off.textContent = 'Turn shortcuts off';
    actions.append(close, off);
    dialog.append(title, facts, actions);
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
}
