// Refreshes regions of a page: <section id="…" data-refresh="5"> every 5 s while the page is visible. It requests the page again with the same
// query and replaces the region that has the same id. The response to a form names its page, because its own address has no page.
import { announce, showButtons } from './copy.js';

const address = () => document.querySelector('main')?.dataset.address ?? location.pathname + location.search;

for (const region of document.querySelectorAll('[data-refresh]')) {
    keepFresh(region.id, Number(region.dataset.refresh) * 1000);
}

function keepFresh(id, pause) {
    let wait = pause;
    const again = () => setTimeout(async () => {
        if (document.hidden) {
            document.addEventListener('visibilitychange', again, { once: true });
            return;
        }

        const region = document.getElementById(id);
        if (!region || region.contains(document.activeElement) || getSelection()?.containsNode(region, true) && !getSelection().isCollapsed) {
            again();
            return;
        }

        wait = await renew(id) ? Number(document.getElementById(id)?.dataset.refresh ?? pause / 1000) * 1000 : Math.min(wait * 2, 60000);
        again();
    }, wait);
    again();
}

async function renew(id) {
    try {
        const answer = await fetch(address(), { headers: { 'X-Requested-With': 'fetch' }, cache: 'no-store' });
        if (answer.status === 401) {
            signedOut();
            return false;
        }

        if (!answer.ok) {
            throw new Error(answer.statusText);
        }

        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        tellAge(page.querySelector('.foot'));
        const fresh = page.getElementById(id);
        const old = document.getElementById(id);
        if (fresh && old && fresh.outerHTML !== old.outerHTML) {
            old.replaceWith(document.adoptNode(fresh));
            showButtons(fresh);
            document.dispatchEvent(new CustomEvent('edge:renewed', { detail: fresh }));
        }

        return true;
    } catch {
        tellAge(null);
        return false;
    }
}

// The footer of the page shows the time of the last refresh. After the first failed refresh, the footer also shows an error message.
function tellAge(fresh) {
    const foot = document.querySelector('.foot');
    if (fresh) {
        foot?.replaceWith(document.adoptNode(fresh));
    } else if (foot && !foot.dataset.old) {
        foot.dataset.old = 'true';
        foot.append(' The edge does not respond, so this page may be out of date. Trying again.');
        announce('The page could not be refreshed. Trying again.');
    }
}

/** Shows that the session has ended, with a link that returns to this page. */
export function signedOut() {
    if (document.getElementById('signed-out')) {
        return;
    }

    const banner = document.createElement('p');
    banner.id = 'signed-out';
    banner.className = 'notice bad';
    banner.setAttribute('role', 'alert');
    const link = document.createElement('a');
    link.href = '/dashboard/sign-in?return_to=' + encodeURIComponent(address());
    link.textContent = 'Sign in again';
    banner.append('You are signed out. ', link);
    document.querySelector('main').prepend(banner);
}
