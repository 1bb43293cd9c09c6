// Adds new requests to the top of the list. While somebody reads the list, rows must not move: new rows then wait until the user presses a button.
import { announce, showButtons } from './copy.js';
import { signedOut } from './refresh.js';

const every = 2000;
const most = 500;
const region = document.querySelector('[data-follow]');
const body = document.querySelector('[data-log-rows] tbody');
const state = region.querySelector('[data-follow-state]');
const moreText = region.querySelector('[data-follow-more]');
const show = document.querySelector('[data-follow-show]');
const pause = document.querySelector('[data-follow-pause]');
const known = new Set([...body.querySelectorAll('[data-row]')].map(row => row.dataset.row));

let after = region.dataset.after;
let waiting = [];
let pausedAt = null;
let wait = every;
let unheard = 0;
let updatedAt = new Date();

pause.hidden = false;
tell();
setTimeout(poll, every);
setInterval(() => {
    if (unheard > 0) {
        announce(`${unheard} new ${unheard === 1 ? 'request' : 'requests'}`);
        unheard = 0;
    }
}, 10000);

pause.addEventListener('click', toggle);
show.addEventListener('click', () => {
    insert(waiting);
    waiting = [];
    showWaiting();
    document.querySelector('[data-log-rows]').scrollIntoView({ block: 'start' });
});

function toggle() {
    pausedAt = pausedAt ? null : new Date();
    pause.textContent = pausedAt ? 'Resume' : 'Pause';
    tell();
    announce(state.textContent);
}

async function poll() {
    if (document.hidden) {
        document.addEventListener('visibilitychange', poll, { once: true });
        return;
    }

    if (!pausedAt) {
        wait = await ask() ? every : Math.min(wait * 2, 60000);
    }

    setTimeout(poll, wait);
}

async function ask() {
    try {
        const separator = region.dataset.follow.includes('?') ? '&' : '?';
        const answer = await fetch(`${region.dataset.follow}${separator}after=${encodeURIComponent(after)}`, { headers: { 'X-Requested-With': 'fetch' }, cache: 'no-store' });
        if (answer.status === 401) {
            signedOut();
            return false;
        }

        if (!answer.ok) {
            throw new Error(answer.statusText);
        }

        const table = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('table[data-after]');
        after = table.dataset.after;
        take([...table.querySelectorAll('[data-row]')], Number(table.dataset.more));
        updatedAt = new Date();
        tell();
        return true;
    } catch {
        state.textContent = `Last updated ${clock(updatedAt)}; trying again.`;
        return false;
    }
}

function take(rows, more) {
    const fresh = rows.filter(row => !known.has(row.dataset.row)).map(row => document.adoptNode(row));
    fresh.forEach(row => known.add(row.dataset.row));
    unheard += fresh.length;
    moreText.hidden = more === 0;
    moreText.textContent = more === 0 ? '' : `${more.toLocaleString('en-US')} more; narrow the filter to see all.`;
    if (isRead()) {
        waiting = waiting.concat(fresh).slice(-most);
        showWaiting();
    } else {
        insert(waiting.concat(fresh));
        waiting = [];
        showWaiting();
    }
}

// True: the user has scrolled into the rows, focuses one, or selects text in them.
function isRead() {
    const table = document.querySelector('[data-log-rows]');
    const selection = getSelection();
    return table.getBoundingClientRect().top < 52 || table.contains(document.activeElement)
        || selection && !selection.isCollapsed && selection.containsNode(table, true);
}

function insert(rows) {
    for (const row of rows) {
        body.prepend(row);
        showButtons(row);
    }

    while (body.rows.length > most) {
        known.delete(body.lastElementChild.dataset.row);
        body.lastElementChild.remove();
    }
}

function showWaiting() {
    show.hidden = waiting.length === 0;
    show.textContent = `${waiting.length} new ${waiting.length === 1 ? 'request' : 'requests'}`;
}

function tell() {
    state.textContent = pausedAt ? `Paused since ${clock(pausedAt)}. New requests are not loaded.` : `Following. Last updated ${clock(updatedAt)}.`;
}

function clock(time) {
    return time.toLocaleTimeString('en-GB');
}
