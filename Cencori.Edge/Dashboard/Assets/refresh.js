// Renews regions of a page: <section id="…" data-refresh="5"> every 5 s while somebody looks at it. The page itself is asked for again, with its own
// query, and the region of the same id takes the place of the old one.
import { announce, showButtons } from './copy.js';

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
        const answer = await fetch(location.href, { headers: { 'X-Requested-With': 'fetch' }, cache: 'no-store' });
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

// The foot says of when the page is. Where it cannot be renewed, that is said too, once.
function tellAge(fresh) {
    const foot = document.querySelector('.foot');
    if (fresh) {
        foot?.replaceWith(document.adoptNode(fresh));
    } else if (foot && !foot.dataset.old) {
        foot.dataset.old = 'true';
        foot.append(' The edge does not answer, and this may be out of date. Trying again.');
        announce('The page could not be renewed. Trying again.');
    }
}

/** Says that the session has ended, with a way back to this very page. */
export function signedOut() {
    if (document.getElementById('signed-out')) {
        return;
    }

    const banner = document.createElement('p');
    banner.id = 'signed-out';
    banner.className = 'notice bad';
    banner.setAttribute('role', 'alert');
    const link = document.createElement('a');
    link.href = '/dashboard/sign-in?return_to=' + encodeURIComponent(location.pathname + location.search);
    link.textContent = 'Sign in again';
    banner.append('You are signed out. ', link);
    document.getElementById('content').prepend(banner);
}
